import { type FormEvent, useState } from 'react';
import { Field } from '../../../parts/Field';
import { Panel } from '../../../parts/Panel';
import { FormSelect, FormSelectOption } from '../../../patternfly';
import { say } from '../../../words/language';
import type { Registered } from '../types';
import { Saving, useRegisteredChange } from './Saving';
import { WORDS } from './words';

/** The security profile that a charge point has to show at least. */
export function Security({ registered }: { registered: Registered }) {
  const words = say(WORDS);
  const change = useRegisteredChange(registered.charge_point_id);
  const [profile, setProfile] = useState(String(registered.security_profile));
  const next = registered.next_security_profile;
  const send = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ security_profile: Number(profile) });
  };
  return (
    <Panel title={words.security}>
      <form className="console-form" onSubmit={send} aria-label={words.security}>
        <Field label={words.security} hint={next === null ? words.securityAbout : words.nextProfile(next)}>
          {(field) => (
            <FormSelect {...field} value={profile} onChange={(_event, value) => setProfile(value)}>
              {words.profiles.map((label, value) => (
                <FormSelectOption key={label} value={String(value)} label={label} />
              ))}
            </FormSelect>
          )}
        </Field>
        <Saving change={change} />
      </form>
    </Panel>
  );
}
