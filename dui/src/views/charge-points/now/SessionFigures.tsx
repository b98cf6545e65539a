import type { Token } from '../../../format/amount';
import { numberFormat } from '../../../format/locale';
import { count, duration, kilowattHours, kilowatts } from '../../../format/units';
import { path } from '../../../http/client';
import { useRead } from '../../../http/hooks';
import { Amount } from '../../../parts/Amount';
import { Figure, Figures } from '../../../parts/Figure';
import type { Session } from '../../../wire/types';
import { say } from '../../../words/language';
import { isRunning } from '../../../words/phases';
import type { MeterValue, Page } from '../types';
import { measured, type Measured } from './samples';
import { WORDS } from './words';

const EVERY_MS = 10_000;
const LOOKED_AT = 5;

/** The numbers of a session, to be read at arm's length. */
export function SessionFigures({ session, token }: { session: Session; token: Token }) {
  const words = say(WORDS);
  const first = session.curve[0];
  const last = session.curve.at(-1);
  const values = useMeterValues(session);
  const current = measured(values, 'Current.Import');
  const voltage = measured(values, 'Voltage');
  return (
    <Figures>
      <Figure name={words.energy} figure="energy" unit="kWh">
        {kilowattHours(session.energy_wh ?? 0)}
      </Figure>
      <Figure name={words.power} figure="power" unit="kW">
        {kilowatts(session.power_w)}
      </Figure>
      <Figure name={words.cost} figure="cost">
        {session.private ? words.free : <Amount money={session.receipt?.spent ?? session.cost} token={token} />}
      </Figure>
      {session.soc_percent != null && (
        <Figure name={words.battery} figure="soc" unit="%">
          {count(session.soc_percent)}
        </Figure>
      )}
      <Figure name={words.time} figure="time">
        {first && last && last !== first ? duration(last.t - first.t) : null}
      </Figure>
      {current && (
        <Figure name={words.current} figure="current" unit={current.unit ?? 'A'}>
          <OfPhases measured={current} digits={1} />
        </Figure>
      )}
      {voltage && (
        <Figure name={words.voltage} figure="voltage" unit={voltage.unit ?? 'V'}>
          <OfPhases measured={voltage} digits={0} />
        </Figure>
      )}
    </Figures>
  );
}

/** One value, or those of the phases side by side. */
function OfPhases({ measured: { values }, digits }: { measured: Measured; digits: number }) {
  const format = numberFormat({ minimumFractionDigits: digits, maximumFractionDigits: digits });
  return <span className={values.length > 1 ? 'console-cp-phases' : undefined}>{values.map((value) => format.format(value)).join(' / ')}</span>;
}

/** The newest meter values of a session that runs, the newest first. */
function useMeterValues({ charge_point_id: id, connector_id, phase, transaction_id }: Session): MeterValue[] {
  const query = { connector_id, transaction_id, limit: LOOKED_AT };
  const { data } = useRead<Page<MeterValue>>(path`/charge-points/${id}/meter-values`, query, {
    every: EVERY_MS,
    enabled: isRunning(phase) && transaction_id != null,
  });
  return data?.items ?? [];
}
