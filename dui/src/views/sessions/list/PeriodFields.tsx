import { useState } from 'react';
import { Field } from '../../../parts/Field';
import { TextInput } from '../../../patternfly';
import { say } from '../../../words/language';
import { type Choice, daysOf, periodOf, type Preset, PRESETS, withDays } from '../choice';
import { WORDS } from '../words';
import type { FiltersProps } from './Filters';
import { SelectField } from './SelectField';

/** When the sessions ended: at any time, a preset, or days that are chosen. */
export function PeriodFields({ choice, onChange }: FiltersProps) {
  const { filters } = say(WORDS);
  const told = periodOf(choice, new Date());
  const [isChoosing, setChoosing] = useState(false);
  const period = isChoosing ? 'custom' : told;
  const choose = (value: string) => {
    setChoosing(value === 'custom');
    if (value !== 'custom') onChange(withDays(choice, value ? daysOf(value as Preset, new Date()) : null));
  };
  const set = (name: 'first_day' | 'last_day', day: string) => {
    const { first_day, last_day }: Choice = { ...choice, [name]: day };
    const days = { ...(first_day && { first_day }), ...(last_day && { last_day }) };
    onChange(withDays(choice, Object.keys(days).length > 0 ? days : null));
  };
  const presets = PRESETS.map((preset) => [preset, filters.presets[preset]] as const);
  return (
    <>
      <SelectField
        label={filters.period}
        value={period}
        all={filters.always}
        options={[...presets, ['custom', filters.custom]]}
        onChange={choose}
      />
      {period === 'custom' && (
        <>
          <Field label={filters.firstDay} hint={choice.zone && filters.zone(choice.zone)}>
            {(field) => <TextInput {...field} type="date" value={choice.first_day ?? ''} max={choice.last_day} onChange={(_event, day) => set('first_day', day)} />}
          </Field>
          <Field label={filters.lastDay}>
            {(field) => <TextInput {...field} type="date" value={choice.last_day ?? ''} min={choice.first_day} onChange={(_event, day) => set('last_day', day)} />}
          </Field>
        </>
      )}
    </>
  );
}
