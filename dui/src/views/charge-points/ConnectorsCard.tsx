import { Card, CardBody, CardTitle } from '../../patternfly';
import { PlugIcon } from '@patternfly/react-icons';
import { kilowatts } from '../../format/units';
import type { Station } from '../../state/consoleStore';
import type { Connector, Session } from '../../wire/types';
import { connectorWords } from '../../words/connectors';
import { phaseWords } from '../../words/phases';
import { Mark } from '../../parts/Mark';
import { PrivateMark } from '../../parts/PrivateMark';

interface ConnectorsCardProps {
  station: Station;
  chosen: number;
  onChoose: (connectorId: number) => void;
}

/** The station's connectors; choosing one shows its session. */
export function ConnectorsCard({ station, chosen, onChoose }: ConnectorsCardProps) {
  const connectors = station.status?.connectors ?? [];
  return (
    <Card component="section" aria-label="Connectors">
      <CardTitle component="h2">Connectors</CardTitle>
      <CardBody>
        <ul className="console-connectors">
          {connectors.map((connector) => (
            <li key={connector.connector_id}>
              <Tile
                connector={connector}
                session={station.sessions[connector.connector_id] ?? null}
                isChosen={connector.connector_id === chosen}
                onChoose={() => onChoose(connector.connector_id)}
              />
            </li>
          ))}
        </ul>
      </CardBody>
    </Card>
  );
}

function Tile(props: { connector: Connector; session: Session | null; isChosen: boolean; onChoose: () => void }) {
  const { connector, session, isChosen, onChoose } = props;
  const words = connectorWords(connector.status);
  const fault = connector.error_code && connector.error_code !== 'NoError' ? connector.error_code : null;
  const power = kilowatts(connector.power_w);
  return (
    <button type="button" className="console-connector" aria-pressed={isChosen} onClick={onChoose}>
      <span className="console-connector-name">
        <PlugIcon aria-hidden="true" /> Connector {connector.connector_id}
      </span>
      <Mark tone={words.tone}>{words.label}</Mark>
      {session?.private && <PrivateMark />}
      <span className="console-connector-detail">
        {fault ?? (session?.session_id ? `Session: ${phaseWords(session.phase, session.private).label}` : 'No session')}
        {power && connector.transaction_id ? ` · ${power} kW` : ''}
      </span>
    </button>
  );
}
