import { type FormEvent, useState } from 'react';
import { useChange } from '../../../http/hooks';
import { Field } from '../../../parts/Field';
import { Panel } from '../../../parts/Panel';
import { ProblemView } from '../../../parts/ProblemView';
import { Button, TextInput } from '../../../patternfly';
import type { Role } from '../../../shell/me';
import { say } from '../../../words/language';
import { wholeNumber } from '../numbers';
import { RoleChoice } from '../RoleChoice';
import type { ApiKey } from '../types';
import { WORDS } from '../words';

export type MadeKey = ApiKey & { key: string };

interface NewKey {
  name: string;
  role: Role;
  requests_per_minute: number | null;
}

const EMPTY: { name: string; role: Role; perMinute: string } = { name: '', role: 'viewer', perMinute: '' };
const MOST_PER_MINUTE = 10_000_000;

/** Makes a key for a program. */
export function MakeKey({ onMade }: { onMade: (made: MadeKey) => void }) {
  const all = say(WORDS);
  const words = all.keys;
  const [draft, setDraft] = useState(EMPTY);
  const make = useChange<MadeKey, NewKey>('POST', '/api-keys', ['/api-keys']);
  const perMinute = draft.perMinute.trim() ? wholeNumber(draft.perMinute, 1, MOST_PER_MINUTE) : null;
  const isWrong = draft.perMinute.trim() !== '' && perMinute === null;
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (isWrong) return;
    make.mutate(
      { name: draft.name.trim(), role: draft.role, requests_per_minute: perMinute },
      {
        onSuccess: (made) => {
          setDraft(EMPTY);
          onMade(made);
        },
      },
    );
  };
  return (
    <Panel title={words.add}>
      <form className="console-form console-settings-form" onSubmit={send} aria-label={words.add}>
        <Field label={all.name} hint={words.nameHint}>
          {(field) => (
            <TextInput {...field} autoComplete="off" maxLength={64} value={draft.name} onChange={(_event, name) => setDraft({ ...draft, name })} />
          )}
        </Field>
        <div className="console-settings-columns">
          <RoleChoice role={draft.role} onChange={(role) => setDraft({ ...draft, role })} />
          <Field label={words.perMinute} hint={words.perMinuteHint} fault={isWrong ? words.perMinuteFault : null}>
            {(field) => (
              <TextInput
                {...field}
                inputMode="numeric"
                value={draft.perMinute}
                onChange={(_event, text) => setDraft({ ...draft, perMinute: text })}
              />
            )}
          </Field>
        </div>
        <div aria-live="polite">{make.error && <ProblemView problem={make.error} />}</div>
        <div>
          <Button type="submit" isLoading={make.isPending} isDisabled={make.isPending || !draft.name.trim()}>
            {words.add}
          </Button>
        </div>
      </form>
    </Panel>
  );
}
