import { type FormEvent, useEffect, useRef, useState } from 'react';
import { path } from '../../../http/client';
import { useChange } from '../../../http/hooks';
import { Confirm } from '../../../parts/Confirm';
import { Field } from '../../../parts/Field';
import { Panel } from '../../../parts/Panel';
import { ProblemView } from '../../../parts/ProblemView';
import { Alert, Button, TextInput } from '../../../patternfly';
import type { Role } from '../../../shell/me';
import { say } from '../../../words/language';
import { RoleChoice } from '../RoleChoice';
import type { Account } from '../types';
import { WORDS } from '../words';

interface Changes {
  role?: Role;
  disabled?: boolean;
  password?: string;
}

/** Changes somebody's role or password, keeps them out, or removes them. */
export function EditAccount({ account, onClose }: { account: Account; onClose: () => void }) {
  const all = say(WORDS);
  const words = all.accounts;
  const place = path`/accounts/${account.id}`;
  const change = useChange<Account, Changes>('PATCH', place, ['/accounts']);
  const remove = useChange<null>('DELETE', place, ['/accounts']);
  const shown = useRef<HTMLDivElement>(null);
  useEffect(() => shown.current?.focus(), []);
  const problem = change.error ?? remove.error;
  return (
    <div ref={shown} tabIndex={-1} className="console-settings-once">
      <Panel
        title={words.editOf(account.name)}
        actions={
          <Button variant="link" onClick={onClose}>
            {all.close}
          </Button>
        }
      >
        <div className="console-form console-settings-form">
          <RoleForm account={account} onSend={(role) => change.mutate({ role })} isSending={change.isPending} />
          <PasswordForm onSend={(password) => change.mutate({ password })} isSending={change.isPending} />
          <div aria-live="polite">
            {change.isSuccess && (
              <Alert isInline component="h3" variant="success" title={change.variables?.password ? words.resetDone : all.saved} />
            )}
            {problem && <ProblemView problem={problem} />}
          </div>
          <div className="console-settings-actions">
            {account.disabled_at === null ? (
              <Confirm
                label={words.disable}
                question={words.disableQuestion(account.name)}
                consequence={words.disableConsequence}
                onConfirm={() => change.mutate({ disabled: true })}
              />
            ) : (
              <Button variant="secondary" onClick={() => change.mutate({ disabled: false })}>
                {words.enable}
              </Button>
            )}
            <Confirm
              label={all.remove}
              question={words.removeQuestion(account.name)}
              consequence={words.removeConsequence}
              isLoading={remove.isPending}
              onConfirm={() => remove.mutate(undefined, { onSuccess: onClose })}
            />
          </div>
        </div>
      </Panel>
    </div>
  );
}

function RoleForm({ account, onSend, isSending }: { account: Account; onSend: (role: Role) => void; isSending: boolean }) {
  const words = say(WORDS).accounts;
  const [role, setRole] = useState(account.role);
  return (
    <div className="console-settings-inline">
      <RoleChoice role={role} onChange={setRole} />
      <Button variant="secondary" isDisabled={role === account.role || isSending} onClick={() => onSend(role)}>
        {words.changeRole}
      </Button>
    </div>
  );
}

function PasswordForm({ onSend, isSending }: { onSend: (password: string) => void; isSending: boolean }) {
  const words = say(WORDS).accounts;
  const [password, setPassword] = useState('');
  const send = (event: FormEvent) => {
    event.preventDefault();
    onSend(password);
    setPassword('');
  };
  return (
    <form className="console-settings-inline" onSubmit={send}>
      <Field label={words.newPassword} hint={words.passwordHint}>
        {(field) => (
          <TextInput {...field} type="password" autoComplete="new-password" value={password} onChange={(_event, text) => setPassword(text)} />
        )}
      </Field>
      <Button type="submit" variant="secondary" isDisabled={!password || isSending}>
        {words.reset}
      </Button>
    </form>
  );
}
