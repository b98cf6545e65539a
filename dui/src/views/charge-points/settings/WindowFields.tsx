import { Field } from '../../../parts/Field';
import { Button, Checkbox, TextInput } from '../../../patternfly';
import { say } from '../../../words/language';
import { DAYS, type WindowDraft } from './tariffDraft';
import { WORDS } from './words';

interface WindowFieldsProps {
  window: WindowDraft;
  place: number;
  symbol: string;
  faultOf: (name: string) => string | null;
  onChange: (window: WindowDraft) => void;
  onRemove: () => void;
}

/** A time of day with prices of its own. */
export function WindowFields({ window, place, symbol, faultOf, onChange, onRemove }: WindowFieldsProps) {
  const words = say(WORDS);
  const text = (name: 'start' | 'end' | 'perKwh' | 'perMinute', label: string) => (
    <Field label={label} fault={faultOf(name)}>
      {(field) => <TextInput {...field} value={window[name]} onChange={(_event, value) => onChange({ ...window, [name]: value })} />}
    </Field>
  );
  const toggle = (day: string, isOn: boolean) =>
    onChange({ ...window, days: DAYS.filter((each) => (each === day ? isOn : window.days.includes(each))) });
  return (
    <fieldset className="console-cp-group">
      <legend>{words.window(place + 1)}</legend>
      <div className="console-cp-columns">
        {text('start', words.from)}
        {text('end', words.to)}
        {text('perKwh', words.perKwh(symbol))}
        {text('perMinute', words.perMinute(symbol))}
      </div>
      <div className="console-cp-days" role="group" aria-label={words.days}>
        {DAYS.map((day) => (
          <Checkbox
            key={day}
            id={`window-${place}-${day}`}
            label={words.dayNames[day]}
            isChecked={window.days.includes(day)}
            onChange={(_event, isOn) => toggle(day, isOn)}
          />
        ))}
      </div>
      {faultOf('days') && <p role="alert">{faultOf('days')}</p>}
      <Button variant="link" isInline isDanger onClick={onRemove}>
        {words.removeWindow(place + 1)}
      </Button>
    </fieldset>
  );
}
