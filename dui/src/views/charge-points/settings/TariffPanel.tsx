import { type FormEvent, useState } from 'react';
import { exactAmount } from '../../../format/amount';
import { Field } from '../../../parts/Field';
import { Panel } from '../../../parts/Panel';
import { useTokens } from '../../../parts/tokens';
import { Button, TextInput } from '../../../patternfly';
import { say } from '../../../words/language';
import type { Registered } from '../types';
import { PriceExample } from './PriceExample';
import { Saving, useRegisteredChange } from './Saving';
import { inSmallestUnit } from './tariff';
import { draftOfTariff, NEW_WINDOW, type TariffDraft, type TariffFault, tariffOf } from './tariffDraft';
import { WindowFields } from './WindowFields';
import { WORDS } from './words';

type TextField = Exclude<keyof TariffDraft, 'windows'>;

/** The price in whole tokens, with what a session would cost by it before it is saved. */
export function TariffPanel({ registered }: { registered: Registered }) {
  const token = useTokens()(registered.chain_id, registered.token);
  // A token that is not known yet is counted in its smallest unit; the form begins anew once it is.
  return <Form key={`${token.decimals} ${token.symbol}`} registered={registered} decimals={token.decimals} symbol={token.symbol} />;
}

function Form({ registered, decimals, symbol }: { registered: Registered; decimals: number; symbol: string }) {
  const words = say(WORDS);
  const change = useRegisteredChange(registered.charge_point_id);
  const [draft, setDraft] = useState(() => draftOfTariff(registered.tariff, decimals));
  const [deposit, setDeposit] = useState(() => exactAmount(registered.minimum_deposit, decimals));
  const { tariff, faults } = tariffOf(draft, decimals);
  const least = inSmallestUnit(deposit, decimals);
  const hasDeposit = least !== null && !least.includes('.');
  const faultText = (at: string): string | null => {
    const texts: Record<TariffFault, string> = {
      price: words.priceFault,
      tax: words.taxFault,
      number: words.numberFault,
      bounds: words.boundsFault,
      time: words.timeFault,
      days: words.daysFault,
    };
    const fault = faults[at];
    return fault ? texts[fault] : null;
  };
  const text = (name: TextField, label: string) => (
    <Field label={label} fault={faultText(name)}>
      {(field) => <TextInput {...field} value={draft[name]} onChange={(_event, value) => setDraft({ ...draft, [name]: value })} />}
    </Field>
  );
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (Object.keys(faults).length === 0 && hasDeposit) change.mutate({ tariff, minimum_deposit: least });
  };
  return (
    <Panel title={words.price}>
      <form className="console-form" onSubmit={send} aria-label={words.price} noValidate>
        <p className="console-hint">{words.priceAbout}</p>
        <div className="console-cp-columns">
          {text('perKwh', words.perKwh(symbol))}
          {text('perSession', words.perSession(symbol))}
          {text('perMinute', words.perMinute(symbol))}
          {text('idle', words.idle(symbol))}
          {text('grace', words.grace)}
          {text('minimum', words.minimum(symbol))}
          {text('maximum', words.maximum(symbol))}
          {text('tax', words.tax)}
          <Field label={words.deposit(symbol)} fault={hasDeposit ? null : words.priceFault}>
            {(field) => <TextInput {...field} value={deposit} onChange={(_event, value) => setDeposit(value)} />}
          </Field>
        </div>
        <h3>{words.windows}</h3>
        {draft.windows.length > 0 && <p className="console-hint">{words.windowsAbout}</p>}
        {draft.windows.map((window, place) => (
          <WindowFields
            key={place}
            window={window}
            place={place}
            symbol={symbol}
            faultOf={(name) => faultText(`windows/${place}/${name}`)}
            onChange={(changed) => setDraft({ ...draft, windows: draft.windows.with(place, changed) })}
            onRemove={() => setDraft({ ...draft, windows: draft.windows.toSpliced(place, 1) })}
          />
        ))}
        {draft.windows.length > 0 && text('timezone', words.timezone)}
        <div>
          <Button variant="link" isInline onClick={() => setDraft({ ...draft, windows: [...draft.windows, NEW_WINDOW] })}>
            {words.addWindow}
          </Button>
        </div>
        {Object.keys(faults).length === 0 && <PriceExample tariff={tariff} token={{ decimals, symbol }} />}
        <Saving change={change} label={words.savePrice} />
      </form>
    </Panel>
  );
}
