import { type FormEvent, useState } from 'react';
import { useChange, useRead } from '../../../http/hooks';
import { Field } from '../../../parts/Field';
import { Loading } from '../../../parts/Loading';
import { Panel } from '../../../parts/Panel';
import { ProblemView } from '../../../parts/ProblemView';
import { useTokens } from '../../../parts/tokens';
import { Alert, Button, TextInput } from '../../../patternfly';
import { useChainId } from '../../../shell/live';
import type { AlertKind } from '../../../wire/types';
import { say } from '../../../words/language';
import { KindChoice } from '../KindChoice';
import type { AlertSettings } from '../types';
import { WORDS } from '../words';
import { DEFAULTS, type DraftField, draftOf, SECONDS, settingsOf } from './draft';

const PLACE = '/alert-settings';

/** When something becomes an alert. */
export function AlertThresholds() {
  const { data, error, refetch } = useRead<AlertSettings>(PLACE);
  if (!data) return error ? <ProblemView problem={error} onRetry={() => void refetch()} /> : <Loading />;
  return <Thresholds settings={data} />;
}

function Thresholds({ settings: kept }: { settings: AlertSettings }) {
  const { alerts: words, kinds } = say(WORDS);
  const native = useTokens()(useChainId(), null);
  const [draft, setDraft] = useState(() => draftOf(kept, native.decimals));
  const [wasSent, setSent] = useState(false);
  const save = useChange<AlertSettings, AlertSettings>('PUT', PLACE, [PLACE]);
  const { settings, wrong } = settingsOf(draft, native.decimals);
  const send = (event: FormEvent) => {
    event.preventDefault();
    setSent(true);
    if (wrong.length === 0) save.mutate(settings);
  };
  const set = (change: Partial<typeof draft>) => {
    setDraft({ ...draft, ...change });
    save.reset();
  };
  const all = Object.keys(kinds) as AlertKind[];
  const text = (name: DraftField, label: string, fault: string, hint?: string) => (
    <Field key={name} label={label} hint={hint} fault={wasSent && wrong.includes(name) ? fault : null}>
      {(field) => <TextInput {...field} inputMode="decimal" value={draft[name]} onChange={(_event, value) => set({ [name]: value })} />}
    </Field>
  );
  return (
    <form className="console-column" onSubmit={send} noValidate>
      <Panel title={words.after}>
        <div className="console-settings-part">
          <p className="console-hint">{words.afterAbout}</p>
          <div className="console-settings-columns">
            {SECONDS.map((name) => text(name, `${words.fields[name]} (${words.seconds})`, words.secondsFault))}
          </div>
        </div>
      </Panel>
      <Panel title={words.balances}>
        <div className="console-settings-columns">
          {text('gas_balance_below', words.gas(native.symbol), words.amountFault, words.gasHint)}
          {text('station_balance_below', words.station(native.symbol), words.amountFault, words.stationHint)}
          {text('hysteresis_percent', words.hysteresis, words.percentFault)}
        </div>
      </Panel>
      <Panel title={words.muted}>
        <div className="console-settings-part">
          <p className="console-hint">{words.mutedAbout}</p>
          <KindChoice
            label={words.muted}
            chosen={all.filter((kind) => !draft.muted.includes(kind))}
            onChange={(raised) => set({ muted: all.filter((kind) => !raised.includes(kind)) })}
          />
        </div>
      </Panel>
      <div aria-live="polite" className="console-settings-answer">
        {save.isSuccess && <Alert isInline component="h2" variant="success" title={words.saved} />}
        {save.error && <ProblemView problem={save.error} />}
      </div>
      <div className="console-settings-actions">
        <Button type="submit" isLoading={save.isPending} isDisabled={save.isPending}>
          {words.save}
        </Button>
        <Button variant="link" onClick={() => set(draftOf(DEFAULTS, native.decimals))}>
          {words.defaults}
        </Button>
      </div>
    </form>
  );
}
