import { Link } from 'wouter';
import { dayAndTime } from '../../format/units';
import { Copyable } from '../../parts/Copyable';
import { Panel } from '../../parts/Panel';
import { say } from '../../words/language';
import type { LogLine } from '../../wire/types';
import { WORDS } from './words';

/** One line in full, and where it leads. */
export function SelectedLine({ line }: { line: LogLine }) {
  const words = say(WORDS);
  return (
    <Panel title={words.selected}>
      <p className="console-hint">
        {dayAndTime(line.at)} · {line.level} · {line.service}
      </p>
      <pre className="console-log-whole">{line.text}</pre>
      <p className="console-log-leads">
        {line.charge_point_id && (
          <span>
            {words.chargePoint} <Link href={`/charge-points/${encodeURIComponent(line.charge_point_id)}`}>{line.charge_point_id}</Link>
          </span>
        )}
        {line.session_id && (
          <span>
            {words.session} <Copyable text={line.session_id} name={words.session} />
          </span>
        )}
      </p>
    </Panel>
  );
}
