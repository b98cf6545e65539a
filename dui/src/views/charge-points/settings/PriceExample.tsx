import { useState } from 'react';
import type { Token } from '../../../format/amount';
import { Amount } from '../../../parts/Amount';
import { Field } from '../../../parts/Field';
import { lineName } from '../../../parts/receiptWords';
import { FormSelect, FormSelectOption, TextInput } from '../../../patternfly';
import { say } from '../../../words/language';
import type { TariffTold } from '../types';
import { priceLines, sumOf } from './tariff';
import { WORDS } from './words';

/** What a session of one's choice would cost by a tariff, line by line. */
export function PriceExample({ tariff, token }: { tariff: TariffTold; token: Token }) {
  const words = say(WORDS);
  const [energy, setEnergy] = useState('20');
  const [minutes, setMinutes] = useState('60');
  const [idle, setIdle] = useState('15');
  const [slot, setSlot] = useState('');
  const windows = tariff.windows ?? [];
  const window = slot === '' || Number(slot) >= windows.length ? undefined : Number(slot);
  const example = { energyWh: Math.round(numberOf(energy) * 1000), minutes: Math.round(numberOf(minutes)), idleMinutes: Math.round(numberOf(idle)) };
  const lines = priceLines(tariff, example, window);
  const number = (label: string, value: string, set: (value: string) => void) => (
    <Field label={label}>{(field) => <TextInput {...field} value={value} inputMode="decimal" onChange={(_event, text) => set(text)} />}</Field>
  );
  return (
    <section className="console-receipt" aria-label={words.example}>
      <h3>{words.example}</h3>
      <div className="console-cp-columns">
        {number(words.exampleEnergy, energy, setEnergy)}
        {number(words.exampleMinutes, minutes, setMinutes)}
        {number(words.exampleIdle, idle, setIdle)}
        {windows.length > 0 && (
          <Field label={words.exampleIn}>
            {(field) => (
              <FormSelect {...field} value={slot} onChange={(_event, chosen) => setSlot(chosen)}>
                <FormSelectOption value="" label={words.exampleUsual} />
                {windows.map(({ start, end }, place) => (
                  <FormSelectOption key={place} value={String(place)} label={`${start}–${end}`} />
                ))}
              </FormSelect>
            )}
          </Field>
        )}
      </div>
      <table className="console-receipt-lines">
        <tbody>
          {lines.map((line) => (
            <tr key={line.item}>
              <th scope="row">{lineName(line)}</th>
              <td>
                <Amount money={line.amount} token={token} />
              </td>
            </tr>
          ))}
          <tr className="console-receipt-total">
            <th scope="row">{words.sum}</th>
            <td data-figure="example-sum">
              <Amount money={String(sumOf(lines))} token={token} />
            </td>
          </tr>
        </tbody>
      </table>
    </section>
  );
}

/** A number as it was typed; anything else counts as nothing. */
function numberOf(text: string): number {
  const value = Number(text.replace(',', '.'));
  return Number.isFinite(value) && value > 0 && value < 1_000_000 ? value : 0;
}
