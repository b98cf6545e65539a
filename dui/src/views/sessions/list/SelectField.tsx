import { Field } from '../../../parts/Field';
import { FormSelect, FormSelectOption } from '../../../patternfly';
import { say } from '../../../words/language';
import { WORDS } from '../words';

interface SelectFieldProps {
  label: string;
  value: string | undefined;
  /** Values and what they are called. */
  options: readonly (readonly [string, string])[];
  /** What no choice is called. */
  all?: string;
  onChange: (value: string) => void;
}

/** One of some values, or all. */
export function SelectField({ label, value = '', options, all = say(WORDS).filters.all, onChange }: SelectFieldProps) {
  return (
    <Field label={label}>
      {(field) => (
        <FormSelect {...field} value={value} onChange={(_event, chosen) => onChange(chosen)}>
          <FormSelectOption value="" label={all} />
          {options.map(([each, name]) => (
            <FormSelectOption key={each} value={each} label={name} />
          ))}
        </FormSelect>
      )}
    </Field>
  );
}
