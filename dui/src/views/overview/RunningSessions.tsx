import { BoltIcon } from '@patternfly/react-icons';
import { Link } from 'wouter';
import { quotedToken } from '../../format/amount';
import { kilowattHours, kilowatts } from '../../format/units';
import { path } from '../../http/client';
import { Amount } from '../../parts/Amount';
import { Mark } from '../../parts/Mark';
import { Panel } from '../../parts/Panel';
import { useStation } from '../../shell/live';
import type { Session } from '../../wire/types';
import { say } from '../../words/language';
import { phaseWords } from '../../words/phases';
import { WORDS } from './words';

/** Who charges now, where, and how far they are. */
export function RunningSessions({ sessions }: { sessions: readonly Session[] }) {
  const words = say(WORDS);
  return (
    <Panel title={words.running}>
      {sessions.length === 0 && <p className="console-hint">{words.noneRunning}</p>}
      <ul className="console-overview-list">
        {sessions.map((session) => (
          <Row key={session.session_id} session={session} />
        ))}
      </ul>
    </Panel>
  );
}

function Row({ session }: { session: Session }) {
  const words = say(WORDS);
  const { tone, label } = phaseWords(session.phase, session.private);
  const chain = useStation(session.charge_point_id)?.status?.chain.chain_id;
  const power = kilowatts(session.power_w);
  return (
    <li className="console-overview-row">
      <Link href={path`/charge-points/${session.charge_point_id}`}>
        {session.charge_point_id}, {words.connector(session.connector_id)}
      </Link>
      <Mark tone={tone} icon={session.phase === 'charging' ? <BoltIcon /> : undefined}>
        {label}
      </Mark>
      <span className="console-overview-numbers">
        {power && <span>{power} kW</span>}
        <span>{kilowattHours(session.energy_wh ?? 0)} kWh</span>
        {session.private ? <span>{words.test}</span> : <Amount money={session.cost} token={quotedToken(session, chain)} />}
      </span>
    </li>
  );
}
