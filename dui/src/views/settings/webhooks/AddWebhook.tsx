import { type FormEvent, useState } from 'react';
import { useChange } from '../../../http/hooks';
import { Field } from '../../../parts/Field';
import { Panel } from '../../../parts/Panel';
import { ProblemView } from '../../../parts/ProblemView';
import { Button, FormSelect, FormSelectOption, TextInput } from '../../../patternfly';
import type { AlertKind } from '../../../wire/types';
import { say } from '../../../words/language';
import { KindChoice } from '../KindChoice';
import type { Webhook } from '../types';
import { WORDS } from '../words';
import type { FreshSecret } from './Webhooks';

interface NewWebhook {
  name: string;
  url: string;
  kinds: readonly AlertKind[] | null;
}

const EMPTY: NewWebhook = { name: '', url: '', kinds: null };

/** Registers a receiver; its secret is given only once. */
export function AddWebhook({ onSecret }: { onSecret: (fresh: FreshSecret) => void }) {
  const all = say(WORDS);
  const words = all.webhooks;
  const [draft, setDraft] = useState(EMPTY);
  const add = useChange<Webhook & { secret: string }, NewWebhook>('POST', '/webhooks', ['/webhooks']);
  const isNone = draft.kinds?.length === 0;
  const send = (event: FormEvent) => {
    event.preventDefault();
    const wanted = { ...draft, name: draft.name.trim(), url: draft.url.trim() };
    add.mutate(wanted, {
      onSuccess: (made) => {
        setDraft(EMPTY);
        onSecret(made);
      },
    });
  };
  return (
    <Panel title={words.add}>
      <form className="console-form console-settings-form" onSubmit={send} aria-label={words.add} noValidate>
        <Field label={all.name}>
          {(field) => (
            <TextInput {...field} autoComplete="off" maxLength={64} value={draft.name} onChange={(_event, name) => setDraft({ ...draft, name })} />
          )}
        </Field>
        <Field label={words.url} hint={words.urlHint}>
          {(field) => (
            <TextInput
              {...field}
              type="url"
              autoComplete="off"
              placeholder="https://"
              value={draft.url}
              onChange={(_event, url) => setDraft({ ...draft, url })}
            />
          )}
        </Field>
        <Field label={words.kinds}>
          {(field) => (
            <FormSelect
              {...field}
              value={draft.kinds ? 'some' : 'all'}
              onChange={(_event, chosen) => setDraft({ ...draft, kinds: chosen === 'some' ? [] : null })}
            >
              <FormSelectOption value="all" label={words.all} />
              <FormSelectOption value="some" label={words.some} />
            </FormSelect>
          )}
        </Field>
        {draft.kinds && <KindChoice label={words.some} chosen={draft.kinds} onChange={(kinds) => setDraft({ ...draft, kinds })} />}
        <div aria-live="polite">{add.error && <ProblemView problem={add.error} />}</div>
        <div>
          <Button type="submit" isLoading={add.isPending} isDisabled={add.isPending || isNone || !draft.name.trim() || !draft.url.trim()}>
            {all.add}
          </Button>
        </div>
      </form>
    </Panel>
  );
}
