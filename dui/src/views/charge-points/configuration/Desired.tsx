import { type FormEvent, useState } from 'react';
import { path } from '../../../http/client';
import { useChange } from '../../../http/hooks';
import { Field } from '../../../parts/Field';
import { Panel } from '../../../parts/Panel';
import { ProblemView } from '../../../parts/ProblemView';
import { Button, TextInput } from '../../../patternfly';
import { useMay } from '../../../shell/me';
import { say } from '../../../words/language';
import { WORDS } from './words';

/** The values that are set again after each boot. */
export function Desired({ id, desired }: { id: string; desired: readonly { key: string; value: string }[] }) {
  const words = say(WORDS);
  const isOperator = useMay('operator');
  return (
    <Panel title={words.desired}>
      <p className="console-hint">{desired.length > 0 ? words.desiredAbout : words.noDesired}</p>
      <ul className="console-cp-plain-list">
        {desired.map(({ key, value }) => (
          <li key={key}>
            <code>{key}</code> = {value} {isOperator && <Forget id={id} configurationKey={key} />}
          </li>
        ))}
      </ul>
      {isOperator && <Want id={id} />}
    </Panel>
  );
}

function Forget({ id, configurationKey }: { id: string; configurationKey: string }) {
  const words = say(WORDS);
  const place = path`/charge-points/${id}/configuration/desired/${configurationKey}`;
  const forget = useChange('DELETE', place, [path`/charge-points/${id}/configuration`]);
  return (
    <>
      <Button variant="link" isInline aria-label={`${words.forget}: ${configurationKey}`} isLoading={forget.isPending} isDisabled={forget.isPending} onClick={() => forget.mutate(undefined)}>
        {words.forget}
      </Button>
      {forget.error && <ProblemView problem={forget.error} />}
    </>
  );
}

function Want({ id }: { id: string }) {
  const words = say(WORDS);
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const place = path`/charge-points/${id}/configuration/desired/${key.trim()}`;
  const want = useChange('PUT', place, [path`/charge-points/${id}/configuration`]);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (key.trim()) want.mutate({ value }, { onSuccess: () => setKey('') });
  };
  return (
    <form className="console-cp-filters" onSubmit={send} aria-label={words.wantNew}>
      <Field label={words.key}>{(field) => <TextInput {...field} value={key} onChange={(_event, text) => setKey(text)} />}</Field>
      <Field label={words.value}>{(field) => <TextInput {...field} value={value} onChange={(_event, text) => setValue(text)} />}</Field>
      <Button type="submit" variant="secondary" isLoading={want.isPending} isDisabled={!key.trim() || want.isPending}>
        {words.wantNew}
      </Button>
      {want.error && <ProblemView problem={want.error} />}
    </form>
  );
}
