import { Field } from '../../parts/Field';
import { FormSelect, FormSelectOption } from '../../patternfly';
import { type Role, ROLES } from '../../shell/me';
import { WORDS as SHELL } from '../../shell/words';
import { say } from '../../words/language';
import { WORDS } from './words';

export function RoleChoice({ role, onChange }: { role: Role; onChange: (role: Role) => void }) {
  const names = say(SHELL).account.roles;
  return (
    <Field label={say(WORDS).role}>
      {(field) => (
        <FormSelect {...field} value={role} onChange={(_event, chosen) => onChange(chosen as Role)}>
          {ROLES.map((each) => (
            <FormSelectOption key={each} value={each} label={names[each]} />
          ))}
        </FormSelect>
      )}
    </Field>
  );
}
