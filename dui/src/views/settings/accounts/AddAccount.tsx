import { type FormEvent, useState } from 'react';
import { useChange } from '../../../http/hooks';
import { Field } from '../../../parts/Field';
import { Panel } from '../../../parts/Panel';
import { ProblemView } from '../../../parts/ProblemView';
import { Button, TextInput } from '../../../patternfly';
import type { Role } from '../../../shell/me';
import { say } from '../../../words/language';
import { RoleChoice } from '../RoleChoice';
import type { Account } from '../types';
import { WORDS } from '../words';

const EMPTY: { name: string; role: Role; password: string } = { name: '', role: 'viewer', password: '' };

/** Makes an account for somebody. */
export function AddAccount() {
  const all = say(WORDS);
  const words = all.accounts;
  const [draft, setDraft] = useState(EMPTY);
  const add = useChange<Account, typeof EMPTY>('POST', '/accounts', ['/accounts']);
  const send = (event: FormEvent) => {
    event.preventDefault();
    add.mutate(draft, { onSuccess: () => setDraft(EMPTY) });
  };
  return (
    <Panel title={words.add}>
      <form className="console-form console-settings-form" onSubmit={send} aria-label={words.add}>
        <div className="console-settings-columns">
          <Field label={all.name}>
            {(field) => (
              <TextInput {...field} autoComplete="off" maxLength={64} value={draft.name} onChange={(_event, name) => setDraft({ ...draft, name })} />
            )}
          </Field>
          <RoleChoice role={draft.role} onChange={(role) => setDraft({ ...draft, role })} />
        </div>
        <Field label={words.password} hint={words.passwordHint}>
          {(field) => (
            <TextInput
              {...field}
              type="password"
              autoComplete="new-password"
              value={draft.password}
              onChange={(_event, password) => setDraft({ ...draft, password })}
            />
          )}
        </Field>
        <div aria-live="polite">{add.error && <ProblemView problem={add.error} />}</div>
        <div>
          <Button type="submit" isLoading={add.isPending} isDisabled={add.isPending || !draft.name || !draft.password}>
            {all.add}
          </Button>
        </div>
      </form>
    </Panel>
  );
}
