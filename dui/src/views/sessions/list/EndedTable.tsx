import { Link } from 'wouter';
import { dayAndTime, duration, kilowattHours, shortened } from '../../../format/units';
import { path } from '../../../http/client';
import { Amount } from '../../../parts/Amount';
import { Table, Tbody, Td, Th, Thead, Tr } from '../../../parts/Table';
import { type FindToken, useTokens } from '../../../parts/tokens';
import { useMay } from '../../../shell/me';
import { say } from '../../../words/language';
import { inWords } from '../../../words/phases';
import { OutcomeMark } from '../OutcomeMark';
import type { EndedSession } from '../types';
import { WORDS } from '../words';

/** Sessions that ended, one a row; each leads to all that is known of it. */
export function EndedTable({ items }: { items: readonly EndedSession[] }) {
  const words = say(WORDS);
  const isOperator = useMay('operator');
  const find = useTokens();
  const { driver, ...others } = words.columns;
  const names = isOperator ? { ...others, driver } : others;
  return (
    <div className="console-sessions-scroll" tabIndex={0} role="group" aria-label={words.list}>
      <Table variant="compact" aria-label={words.list}>
        <Thead>
          <Tr>
            {Object.entries(names).map(([column, name]) => (
              <Th key={column} modifier="nowrap" className={NUMBERS.has(column) ? 'console-sessions-number' : undefined}>
                {name}
              </Th>
            ))}
          </Tr>
        </Thead>
        <Tbody>
          {items.map((session) => (
            <Row key={`${session.charge_point_id} ${session.session_id} ${session.ended_at} ${session.outcome}`} session={session} find={find} isOperator={isOperator} />
          ))}
        </Tbody>
      </Table>
    </div>
  );
}

const NUMBERS: ReadonlySet<string> = new Set(['energy', 'time', 'spent']);

function Row({ session, find, isOperator }: { session: EndedSession; find: FindToken; isOperator: boolean }) {
  const words = say(WORDS);
  const { columns } = words;
  const why = session.failure ?? session.stop_reason;
  return (
    <Tr data-session={session.session_id}>
      <Td dataLabel={columns.ended} modifier="nowrap">
        <Link href={path`/sessions/${session.charge_point_id}/${session.session_id}`}>{dayAndTime(session.ended_at)}</Link>
      </Td>
      <Td dataLabel={columns.place}>
        <Link href={path`/charge-points/${session.charge_point_id}`}>{words.place(session.charge_point_id, session.connector_id)}</Link>
      </Td>
      <Td dataLabel={columns.outcome}>
        <span className="console-sessions-outcome">
          <OutcomeMark outcome={session.outcome} isPrivate={session.private} failure={session.failure} flags={session.flags} />
          {why && <span className="console-hint">{inWords(why)}</span>}
        </span>
      </Td>
      <Td dataLabel={columns.energy} className="console-sessions-number">
        {kilowattHours(session.energy_wh)} kWh
      </Td>
      <Td dataLabel={columns.time} className="console-sessions-number">
        {session.charging_s > 0 ? duration(session.charging_s * 1000) : '–'}
      </Td>
      <Td dataLabel={columns.spent} className="console-sessions-number">
        {session.private ? '–' : <Amount money={session.spent} token={find(session.chain_id, session.token)} />}
      </Td>
      <Td dataLabel={columns.session}>
        <code title={session.session_id}>{shortened(session.session_id, 8, 4)}</code>
      </Td>
      {isOperator && (
        <Td dataLabel={columns.driver}>
          <Driver did={session.consumer_did} />
        </Td>
      )}
    </Tr>
  );
}

/** The driver's account, which leads to all sessions of theirs. */
function Driver({ did }: { did: string | null }) {
  if (!did) return '–';
  return (
    <Link href={path`/sessions?consumer_did=${did}`} title={did}>
      <code>{shortened(did.split(':').at(-1) ?? did, 6, 4)}</code>
    </Link>
  );
}
