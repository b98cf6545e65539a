import { BoltIcon } from '@patternfly/react-icons';
import { Link } from 'wouter';
import { quotedToken } from '../../../format/amount';
import { kilowattHours, kilowatts } from '../../../format/units';
import { path } from '../../../http/client';
import { Amount } from '../../../parts/Amount';
import { Mark } from '../../../parts/Mark';
import { Panel } from '../../../parts/Panel';
import { useConsole } from '../../../shell/live';
import type { Session } from '../../../wire/types';
import { say } from '../../../words/language';
import { isRunning, phaseWords } from '../../../words/phases';
import { WORDS } from '../words';

/** The sessions that hold a connector now. */
export function Running() {
  const words = say(WORDS);
  const { ids, stations, isComplete, chain } = useConsole();
  const running = ids.flatMap((id) => Object.values(stations[id]?.sessions ?? {})).filter(({ phase }) => isRunning(phase));
  if (!isComplete) return null;
  return (
    <Panel title={words.running}>
      {running.length === 0 && <p className="console-hint">{words.noneRunning}</p>}
      <ul className="console-sessions-running">
        {running.map((session) => (
          <Row key={`${session.charge_point_id} ${session.connector_id}`} session={session} chainId={chain?.chain_id} />
        ))}
      </ul>
    </Panel>
  );
}

function Row({ session, chainId }: { session: Session; chainId: number | null | undefined }) {
  const words = say(WORDS);
  const { tone, label } = phaseWords(session.phase, session.private);
  const power = kilowatts(session.power_w);
  return (
    <li>
      <Link href={path`/charge-points/${session.charge_point_id}`}>{words.place(session.charge_point_id, session.connector_id)}</Link>
      <Mark tone={tone} icon={session.phase === 'charging' ? <BoltIcon /> : undefined}>
        {label}
      </Mark>
      <span className="console-sessions-numbers">
        {session.soc_percent != null && <span>{session.soc_percent} %</span>}
        {power && <span>{power} kW</span>}
        <span>{kilowattHours(session.energy_wh ?? 0)} kWh</span>
        {session.private ? <span>{words.test}</span> : <Amount money={session.cost} token={quotedToken(session, chainId)} />}
      </span>
    </li>
  );
}
