import { useState } from 'react';
import type { Connection, Station } from '../../state/consoleStore';
import type { GiveCommand } from '../../shell/live';
import { CommandsCard } from './CommandsCard';
import { ConnectorsCard } from './ConnectorsCard';
import { DisputesCard } from '../disputes/DisputesCard';
import { IdentityCard } from '../identity/IdentityCard';
import { SessionCard } from './SessionCard';
import { isRunning } from '../../words/phases';

interface StationViewProps {
  station: Station;
  connection: Connection;
  command: GiveCommand;
}

/** One charge point: its session at the left, who and what it is at the right. */
export function StationView({ station, connection, command }: StationViewProps) {
  const [chosen, choose] = useState<number | null>(null);
  const connectorId = chosen ?? firstOfInterest(station);
  const live = connection === 'connected';
  return (
    <div className="console-grid">
      <div className="console-column">
        <SessionCard
          key={connectorId}
          session={station.sessions[connectorId] ?? null}
          connectorId={connectorId}
          status={station.status}
          live={live}
          command={command}
        />
        <ConnectorsCard station={station} chosen={connectorId} onChoose={choose} />
        <DisputesCard
          disputes={station.disputes}
          chainId={station.status?.chain.chain_id}
          live={live}
          command={command}
        />
        <CommandsCard chargePointId={station.id} live={live} command={command} />
      </div>
      <div className="console-column">
        <IdentityCard
          identity={station.identity}
          status={station.status}
          connectorId={connectorId}
        />
      </div>
    </div>
  );
}

/** The connector with a running session, else with any, else the first. */
function firstOfInterest(station: Station): number {
  const sessions = Object.values(station.sessions);
  const running = sessions.find((session) => isRunning(session.phase));
  return (running ?? sessions.find((session) => session.session_id))?.connector_id ?? 1;
}
