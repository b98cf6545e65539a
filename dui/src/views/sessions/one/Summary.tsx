import { duration, kilowattHours } from '../../../format/units';
import { Amount } from '../../../parts/Amount';
import { Figure, Figures } from '../../../parts/Figure';
import { say } from '../../../words/language';
import { WORDS } from './words';
import type { One } from './useOne';

/** What it came to: energy, time and money. */
export function Summary({ one: { record, row, token } }: { one: One }) {
  const { figures } = say(WORDS);
  const { status, readings } = record;
  const [first, last] = [readings[0]?.soc_percent, readings.at(-1)?.soc_percent];
  const isPaid = row && token && !status.private;
  return (
    <Figures>
      <Figure name={figures.energy} unit="kWh" figure="energy">
        {kilowattHours(status.energy_wh)}
      </Figure>
      <Figure name={figures.time} figure="time">
        {row && duration(row.charging_s * 1000)}
      </Figure>
      {row && row.idle_s > 0 && (
        <Figure name={figures.idle} figure="idle">
          {duration(row.idle_s * 1000)}
        </Figure>
      )}
      {first != null && last != null && (
        <Figure name={figures.battery} unit="%" figure="battery">
          {first} – {last}
        </Figure>
      )}
      {isPaid && (
        <>
          <Figure name={figures.deposit} figure="deposit">
            <Amount money={row.deposit} token={token} />
          </Figure>
          <Figure name={figures.spent} figure="spent">
            <Amount money={row.spent} token={token} />
          </Figure>
          {row.tax !== '0' && (
            <Figure name={figures.tax} figure="tax">
              <Amount money={row.tax} token={token} />
            </Figure>
          )}
          <Figure name={figures.refund} figure="refund">
            <Amount money={row.refund} token={token} />
          </Figure>
        </>
      )}
    </Figures>
  );
}
