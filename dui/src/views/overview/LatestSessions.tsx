import { Link } from 'wouter';
import { dayAndTime, kilowattHours } from '../../format/units';
import { path } from '../../http/client';
import { useRead } from '../../http/hooks';
import { Amount } from '../../parts/Amount';
import { Loading } from '../../parts/Loading';
import { Panel } from '../../parts/Panel';
import { ProblemView } from '../../parts/ProblemView';
import { useTokens } from '../../parts/tokens';
import { say } from '../../words/language';
import { OutcomeMark } from '../sessions/OutcomeMark';
import type { EndedSession } from '../sessions/types';
import { WORDS } from './words';

/** The sessions that ended last. */
export function LatestSessions() {
  const words = say(WORDS);
  const { data, error, refetch } = useRead<{ items: EndedSession[] }>('/sessions', { limit: 8 }, { every: 15_000 });
  return (
    <Panel title={words.latest} actions={<Link href="/sessions">{words.all}</Link>}>
      {error && <ProblemView problem={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading />}
      {data?.items.length === 0 && <p className="console-hint">{words.noneEnded}</p>}
      <ul className="console-overview-list">
        {data?.items.map((session) => (
          <Row key={`${session.charge_point_id} ${session.session_id} ${session.outcome}`} session={session} />
        ))}
      </ul>
    </Panel>
  );
}

function Row({ session }: { session: EndedSession }) {
  const words = say(WORDS);
  const find = useTokens();
  return (
    <li className="console-overview-row">
      <Link href={path`/sessions/${session.charge_point_id}/${session.session_id}`}>{dayAndTime(session.ended_at)}</Link>
      <span>
        {session.charge_point_id}, {words.connector(session.connector_id)}
      </span>
      <OutcomeMark outcome={session.outcome} isPrivate={session.private} failure={session.failure} flags={session.flags} />
      <span className="console-overview-numbers">
        <span>{kilowattHours(session.energy_wh)} kWh</span>
        {!session.private && <Amount money={session.spent} token={find(session.chain_id, session.token)} />}
      </span>
    </li>
  );
}
