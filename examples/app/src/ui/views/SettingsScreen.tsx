import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Card, Copyable, Fact, Facts, Notice } from '../parts/bits';
import { Screen } from '../parts/Screen';
import { useModel } from '../hooks';
import { hashOf } from '../route';
import { areSettings, newKey, readTyped, type Typed, typedOf } from '../settings';
import { words } from '../words';

const say = words.settings;

/** What the app is set up with. */
export function SettingsScreen() {
  const model = useModel();
  const { settings, records } = model.state;
  const [typed, setTyped] = useState<Typed>(() => typedOf(settings));
  const [wrong, setWrong] = useState<Partial<Typed>>({});
  const [saved, setSaved] = useState(false);
  const put = (change: Partial<Typed>) => {
    setTyped({ ...typed, ...change });
    setSaved(false);
  };
  const save = async (event: Event) => {
    event.preventDefault();
    const read = readTyped(typed, settings);
    setWrong(areSettings(read) ? {} : read);
    if (!areSettings(read)) return;
    await model.change(read);
    setSaved(true);
  };
  const reset = async () => {
    await model.change(undefined);
    setTyped(typedOf(model.state.settings));
    setWrong({});
  };
  const field = (name: keyof Typed) => ({
    value: typed[name], wrong: wrong[name], onText: (text: string) => put({ [name]: text }),
  });
  return (
    <Screen title={say.title} back={hashOf({ at: 'start' })}>
      {records.some((record) => !record.ended) && (
        <Notice tone="calm" icon="clock" title={say.running} />
      )}
      <form class="settings" onSubmit={(event) => void save(event)} noValidate>
        <Card title={say.chain}>
          <Field id="chain-url" label={say.chainUrl} hint={say.chainUrlHint} {...field('chainUrl')} />
          <Field id="chain-id" label={say.chainId} numeric {...field('chainId')} />
        </Card>
        <Card title={say.trust}>
          <Field id="authorities" label={say.authorities} hint={say.authoritiesHint} lines {...field('authorities')} />
        </Card>
        <Card title={say.find}>
          <Field id="bootstrap" label={say.bootstrap} hint={say.bootstrapHint} lines {...field('bootstrap')} />
        </Card>
        <Card title={say.wallet}>
          <Notice tone="warn" icon="warning" title={say.keyHint} />
          <Field id="key" label={say.key} secret {...field('testWalletKey')}>
            <button type="button" class="button button-quiet" onClick={() => put({ testWalletKey: newKey() })}>
              {say.make}
            </button>
          </Field>
          {model.wallet && (
            <Facts>
              <Fact name={say.account}><Copyable text={model.wallet.address} /></Fact>
            </Facts>
          )}
        </Card>
        <button type="submit" class="button button-primary">{say.save}</button>
        <p class="centred" role="status">{saved && say.saved}</p>
        <button type="button" class="button button-quiet" onClick={() => void reset()}>{say.reset}</button>
      </form>
    </Screen>
  );
}

const SECRET = { type: 'password' } as const;
const NUMERIC = { inputMode: 'numeric' } as const;

interface FieldProps {
  id: string;
  label: string;
  hint?: string;
  value: string;
  wrong?: string;
  lines?: boolean;
  numeric?: boolean;
  secret?: boolean;
  onText: (text: string) => void;
  children?: ComponentChildren;
}

function Field({ id, label, hint, value, wrong, lines, numeric, secret, onText, children }: FieldProps) {
  const shared = {
    id, value, autocomplete: 'off', autocapitalize: 'off', spellcheck: false,
    'aria-invalid': wrong ? true : undefined,
    'aria-describedby': hint || wrong ? `${id}-hint` : undefined,
    onInput: (event: { currentTarget: { value: string } }) => onText(event.currentTarget.value),
  } as const;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {lines ? (
        <textarea rows={2} {...shared} />
      ) : (
        <input {...(secret ? SECRET : numeric ? NUMERIC : {})} {...shared} />
      )}
      {(wrong || hint) && (
        <p id={`${id}-hint`} class={wrong ? 'hint wrong' : 'hint'} aria-live="polite">{wrong || hint}</p>
      )}
      {children}
    </div>
  );
}
