import { useSearchParams } from 'wouter';
import { path } from '../../../http/client';
import { useRead } from '../../../http/hooks';
import { useStation } from '../../../shell/live';
import type { Station } from '../../../state/consoleStore';
import { isRunning } from '../../../words/phases';
import type { ChargePointState } from '../types';
import { ConnectorPanel, isOutOfService } from './ConnectorPanel';
import { ConnectorTiles } from './ConnectorTiles';
import { QuickActions } from './QuickActions';

const MOST_SHOWN = 4;
const EVERY_MS = 5_000;

/** What the charge point does now: each connector with its session, and what is done most. */
export default function Now({ id }: { id: string }) {
  const station = useStation(id);
  const [search] = useSearchParams();
  const { data: state } = useRead<ChargePointState>(path`/charge-points/${id}`, {}, { every: EVERY_MS });
  if (!station?.status) return null;
  const all = station.status.connectors;
  const chosen = Number(search.get('connector')) || firstOfInterest(station);
  const shown = all.length <= MOST_SHOWN ? all : all.filter(({ connector_id }) => connector_id === chosen);
  return (
    <>
      <QuickActions id={id} isOut={all.length > 0 && all.every(isOutOfService)} />
      {all.length > MOST_SHOWN && <ConnectorTiles station={station} chosen={chosen} />}
      <div className="console-cp-connectors">
        {shown.map((connector) => (
          <ConnectorPanel
            key={connector.connector_id}
            connector={connector}
            session={station.sessions[connector.connector_id] ?? null}
            status={station.status}
            told={state?.connectors.find(({ connector_id }) => connector_id === connector.connector_id) ?? null}
          />
        ))}
      </div>
    </>
  );
}

/** The connector with a running session, else with any, else the first. */
function firstOfInterest(station: Station): number {
  const sessions = Object.values(station.sessions);
  const running = sessions.find((session) => isRunning(session.phase));
  return (running ?? sessions.find((session) => session.session_id))?.connector_id ?? 1;
}
