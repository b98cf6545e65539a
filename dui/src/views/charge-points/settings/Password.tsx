import { type FormEvent, useState } from 'react';
import { path } from '../../../http/client';
import { useChange } from '../../../http/hooks';
import { Copyable } from '../../../parts/Copyable';
import { Field } from '../../../parts/Field';
import { Panel } from '../../../parts/Panel';
import { ProblemView } from '../../../parts/ProblemView';
import { Alert, Button, TextInput } from '../../../patternfly';
import { useStation } from '../../../shell/live';
import { say } from '../../../words/language';
import { ActionButton } from '../commands/ActionButton';
import { operationWords } from '../commands/operationWords';
import type { Registered } from '../types';
import { WORDS } from './words';

const GOOD = /^[!-~]{16,40}$/;

/** Replaces the password: by the charge point itself while it is connected, else here. */
export function Password({ registered }: { registered: Registered }) {
  const words = say(WORDS);
  const id = registered.charge_point_id;
  const isConnected = useStation(id)?.status?.connected ?? false;
  return (
    <Panel title={words.password}>
      <p className="console-hint console-cp-purpose">{isConnected ? words.passwordConnected : words.passwordOffline}</p>
      {isConnected ? (
        <ActionButton chargePointId={id} operation="ReplacePassword" body={{}} label={operationWords('ReplacePassword').name} />
      ) : (
        <Offline id={id} />
      )}
    </Panel>
  );
}

function Offline({ id }: { id: string }) {
  const words = say(WORDS);
  const [own, setOwn] = useState('');
  const [isChecked, setChecked] = useState(false);
  const set = useChange<{ password: string | null }>('POST', path`/charge-points/${id}/password`, [path`/charge-points/${id}`]);
  const isGood = own === '' || GOOD.test(own);
  const send = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (isGood) set.mutate(own === '' ? {} : { password: own });
  };
  return (
    <form className="console-form" onSubmit={send} aria-label={words.password} noValidate>
      <Field label={words.passwordOwn} fault={isChecked && !isGood ? words.passwordFault : null}>
        {(field) => <TextInput {...field} type="password" autoComplete="new-password" value={own} onChange={(_event, text) => setOwn(text)} />}
      </Field>
      <div>
        <Button type="submit" variant="secondary" isLoading={set.isPending} isDisabled={set.isPending}>
          {own === '' ? words.makePassword : words.setPassword}
        </Button>
      </div>
      <div aria-live="polite">
        {set.error && <ProblemView problem={set.error} />}
        {set.data && (
          <Alert isInline component="h3" variant="success" title={set.data.password ? words.passwordMade : words.passwordSet}>
            {set.data.password && <Copyable text={set.data.password} name={words.password} whole />}
          </Alert>
        )}
      </div>
    </form>
  );
}
