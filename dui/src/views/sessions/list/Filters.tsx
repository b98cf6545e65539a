import { useState } from 'react';
import { Field } from '../../../parts/Field';
import { Button } from '../../../patternfly';
import { useConsole } from '../../../shell/live';
import { say } from '../../../words/language';
import { inWords } from '../../../words/phases';
import { type Choice, choosesSeldom, isTooShort, type Name } from '../choice';
import { FAILURES } from '../reasons';
import { WORDS as OUTCOMES } from '../outcomeWords';
import type { Outcome } from '../types';
import { WORDS } from '../words';
import { MoreFilters } from './MoreFilters';
import { PeriodFields } from './PeriodFields';
import { SelectField } from './SelectField';
import { TypedInput } from './TypedInput';

export interface FiltersProps {
  choice: Choice;
  /** `replace`: without a new place to go back to. */
  onChange: (choice: Choice, replace?: boolean) => void;
}

/** Which of the sessions that ended are shown, added up and exported. */
export function Filters({ choice, onChange }: FiltersProps) {
  const words = say(WORDS);
  const ids = useConsole((state) => state.ids);
  const [isOpen, setOpen] = useState(() => choosesSeldom(choice));
  const { filters } = words;
  const set = (name: Name, value: string, replace = false) => onChange(withOne(choice, name, value), replace);
  const search = choice.search ?? '';
  const points = choice.charge_point_id && !ids.includes(choice.charge_point_id) ? [choice.charge_point_id, ...ids] : ids;
  const outcomes = (Object.entries(say(OUTCOMES).names) as [Outcome, string][]);
  return (
    <search aria-label={filters.name} className="console-sessions-filters">
      <div className="console-sessions-search">
        <Field label={filters.search} hint={filters.searchHint} fault={isTooShort(choice) ? filters.tooShort : null}>
          {(field) => <TypedInput {...field} type="search" value={search} onChange={(value) => set('search', value, true)} />}
        </Field>
      </div>
      <PeriodFields choice={choice} onChange={onChange} />
      <SelectField
        label={filters.chargePoint}
        value={choice.charge_point_id}
        options={points.map((id) => [id, id] as const)}
        onChange={(value) => set('charge_point_id', value)}
      />
      <SelectField label={filters.outcome} value={choice.outcome} options={outcomes} onChange={(value) => set('outcome', value)} />
      <SelectField
        label={filters.failure}
        value={choice.failure}
        options={[['any', filters.anyFailure], ...FAILURES.map((name) => [name, inWords(name)] as const)]}
        onChange={(value) => set('failure', value)}
      />
      {isOpen && <MoreFilters choice={choice} onSet={set} />}
      <div className="console-sessions-filter-actions">
        <Button variant="link" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? filters.fewer : filters.more}
        </Button>
        {Object.keys(choice).length > 0 && (
          <Button variant="link" onClick={() => onChange({})}>
            {filters.clear}
          </Button>
        )}
      </div>
    </search>
  );
}

function withOne(choice: Choice, name: Name, value: string): Choice {
  const { [name]: _before, ...others } = choice;
  return value ? { ...others, [name]: value } : others;
}
