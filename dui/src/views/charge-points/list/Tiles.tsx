import { Link } from 'wouter';
import { kilowatts } from '../../../format/units';
import { path } from '../../../http/client';
import { Mark } from '../../../parts/Mark';
import { connectorWords } from '../../../words/connectors';
import { say } from '../../../words/language';
import { WORDS } from '../words';
import type { Listed } from './listed';
import { AlertsMark, Connection, Missing } from './marks';

/** The charge points as tiles, to be read at a glance. */
export function Tiles({ rows }: { rows: readonly Listed[] }) {
  return (
    <ul className="console-cp-tiles">
      {rows.map((listed) => (
        <li key={listed.id}>
          <Tile listed={listed} />
        </li>
      ))}
    </ul>
  );
}

function Tile({ listed }: { listed: Listed }) {
  const words = say(WORDS);
  const power = kilowatts(listed.powerW);
  return (
    <article className="console-cp-tile" aria-labelledby={`tile-${listed.id}`}>
      <h2 id={`tile-${listed.id}`}>
        <Link href={path`/charge-points/${listed.id}`}>{listed.name || listed.id}</Link>
      </h2>
      <p className="console-hint">{[listed.name && listed.id, listed.model].filter(Boolean).join(' · ')}</p>
      <div className="console-cp-marks">
        <Connection listed={listed} />
        <Missing listed={listed} />
        <AlertsMark listed={listed} />
        {power && <strong className="console-cp-power">{power} kW</strong>}
      </div>
      <ul className="console-cp-tile-connectors">
        {listed.connectors.slice(0, 6).map(({ connector_id, status }) => {
          const { tone, label } = connectorWords(status);
          return (
            <li key={connector_id}>
              <span className="console-hint">{words.connector(connector_id)}</span>
              <Mark tone={listed.isConnected ? tone : 'neutral'}>{label}</Mark>
            </li>
          );
        })}
        {listed.connectors.length > 6 && <li className="console-hint">+ {listed.connectors.length - 6}</li>}
      </ul>
    </article>
  );
}
