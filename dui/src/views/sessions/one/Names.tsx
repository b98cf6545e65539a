import { Link } from 'wouter';
import { kilowattHours } from '../../../format/units';
import { path } from '../../../http/client';
import { Copyable } from '../../../parts/Copyable';
import { Fact, Facts } from '../../../parts/Facts';
import { Panel } from '../../../parts/Panel';
import { say } from '../../../words/language';
import type { One } from './useOne';
import { WORDS } from './words';

/** What the session is called by whom, and what its meter said. */
export function Names({ one: { record, row } }: { one: One }) {
  const words = say(WORDS);
  const { status, consumer_did: driver } = record;
  return (
    <Panel title={words.names}>
      <Facts>
        <Fact name={words.session}>
          <Copyable text={record.session_id} name={words.session} />
        </Fact>
        {driver && (
          <Fact name={words.driver} figure="driver">
            <Copyable text={driver} name={words.driver} />
          </Fact>
        )}
        {status.transaction_id != null && <Fact name={words.transaction}>{status.transaction_id}</Fact>}
        {status.meter_wh != null && (
          <Fact name={words.meter}>
            {kilowattHours(status.meter_start_wh ?? 0)} – {kilowattHours(status.meter_wh)} kWh
          </Fact>
        )}
        {row && row.unbilled_wh > 0 && (
          <Fact name={words.unbilled} figure="unbilled">
            {kilowattHours(row.unbilled_wh)} kWh
          </Fact>
        )}
      </Facts>
      {driver && <Link href={path`/sessions?consumer_did=${driver}`}>{words.allOfDriver}</Link>}
    </Panel>
  );
}
