import { Link } from 'wouter';
import { kilowatts } from '../../../format/units';
import { Mark } from '../../../parts/Mark';
import { Panel } from '../../../parts/Panel';
import type { Station } from '../../../state/consoleStore';
import { connectorWords } from '../../../words/connectors';
import { say } from '../../../words/language';
import { WORDS } from './words';

/** The connectors of a charge point that has many; one of them is shown below. */
export function ConnectorTiles({ station, chosen }: { station: Station; chosen: number }) {
  const words = say(WORDS);
  return (
    <Panel title={words.choose}>
      <ul className="console-connectors">
        {(station.status?.connectors ?? []).map(({ connector_id: number, status, power_w }) => {
          const { tone, label } = connectorWords(status);
          const power = power_w ? kilowatts(power_w) : null;
          return (
            <li key={number}>
              <Link className="console-connector console-cp-plain" href={`?connector=${number}`} aria-current={number === chosen}>
                <span className="console-connector-name">{words.title(number)}</span>
                <Mark tone={tone}>{label}</Mark>
                {power && <span className="console-connector-detail">{power} kW</span>}
              </Link>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}
