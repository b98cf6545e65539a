import { type FormEvent, useState } from 'react';
import { useChange } from '../../http/hooks';
import { Field } from '../../parts/Field';
import { Panel } from '../../parts/Panel';
import { ProblemView } from '../../parts/ProblemView';
import { Alert, Button, TextInput } from '../../patternfly';
import { useMe } from '../../shell/me';
import { say } from '../../words/language';
import { WORDS } from './words';

const SHORTEST = 12;
const FORBIDDEN = 403;
const EMPTY = { current: '', next: '', again: '' };

/** Changes the password of who is signed in. */
export function MyPassword() {
  const { tabs, password: words } = say(WORDS);
  const me = useMe();
  const [typed, setTyped] = useState(EMPTY);
  const [wasSent, setSent] = useState(false);
  const change = useChange<null, { current: string; new: string }>('POST', '/me/password', ['/me']);
  const isShort = typed.next.length < SHORTEST;
  const differs = typed.next !== typed.again;
  const send = (event: FormEvent) => {
    event.preventDefault();
    setSent(true);
    if (isShort || differs) return;
    change.mutate(
      { current: typed.current, new: typed.next },
      {
        onSuccess: () => {
          setTyped(EMPTY);
          setSent(false);
        },
      },
    );
  };
  const field = (name: keyof typeof EMPTY, label: string, hint?: string, fault?: string | false) => (
    <Field label={label} hint={hint} fault={fault || null}>
      {(properties) => (
        <TextInput
          {...properties}
          type="password"
          autoComplete={name === 'current' ? 'current-password' : 'new-password'}
          isRequired
          value={typed[name]}
          onChange={(_event, text) => setTyped({ ...typed, [name]: text })}
        />
      )}
    </Field>
  );
  return (
    <Panel title={tabs.password}>
      <form className="console-form console-settings-form" onSubmit={send} aria-label={tabs.password}>
        <p className="console-hint">{words.about}</p>
        <input type="text" autoComplete="username" value={me.name} readOnly hidden />
        {field('current', words.current)}
        {field('next', words.next, words.hint, wasSent && isShort && words.short)}
        {field('again', words.again, undefined, wasSent && differs && words.differs)}
        <div aria-live="polite">
          {change.isSuccess && <Alert isInline component="h3" variant="success" title={words.changed} />}
          {change.error?.status === FORBIDDEN && <Alert isInline component="h3" variant="danger" title={words.wrong} />}
          {change.error && change.error.status !== FORBIDDEN && <ProblemView problem={change.error} />}
        </div>
        <div>
          <Button type="submit" isLoading={change.isPending} isDisabled={change.isPending || !typed.current || !typed.next}>
            {words.change}
          </Button>
        </div>
      </form>
    </Panel>
  );
}
