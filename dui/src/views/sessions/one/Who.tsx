import { dayAndTime } from '../../../format/units';
import { useRead } from '../../../http/hooks';
import { Panel } from '../../../parts/Panel';
import { ProblemView } from '../../../parts/ProblemView';
import type { Decision } from '../../../wire/types';
import { decisionWords } from '../../../words/decisions';
import { say } from '../../../words/language';
import type { AuditEntry } from '../../../wire/types';
import type { EndedRecord } from '../types';
import { actionsDuring } from './actionsDuring';
import { WORDS } from './words';

interface Found {
  items: AuditEntry[];
}

const STOPS: ReadonlySet<string> = new Set(['stop_session', 'SessionStopRequested']);
const DECISION = /^decision (retry|refund|write_off)$/;

/** Who of the operators did something about the session, or at its charge point while it ran. */
export function Who({ record }: { record: EndedRecord }) {
  const words = say(WORDS);
  const { session_id, charge_point_id, timeline, ended_at } = record;
  const about = useRead<Found>('/audit', { session_id, limit: 50 });
  const here = useRead<Found>('/audit', { charge_point_id, from: timeline[0]?.at ?? ended_at, to: ended_at, limit: 100 });
  const error = about.error ?? here.error;
  const actions = actionsDuring(record, about.data?.items ?? [], here.data?.items ?? []);
  return (
    <Panel title={words.who}>
      {error && <ProblemView problem={error} />}
      {about.data && here.data && actions.length === 0 && <p className="console-hint">{words.nobody}</p>}
      {actions.length > 0 && (
        <ul className="console-sessions-who">
          {actions.map((entry) => (
            <Item key={entry.number} entry={entry} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Item({ entry }: { entry: AuditEntry }) {
  return (
    <li data-action={entry.action}>
      <strong>{entry.who.name}</strong> {deedOf(entry)}
      <span className="console-hint">
        {' '}
        {dayAndTime(entry.at)} · {say(WORDS).outcomes[entry.outcome] ?? entry.outcome}
      </span>
      {entry.detail && !DECISION.test(entry.detail) && !STOPS.has(entry.action) && <span className="console-hint"> · {entry.detail}</span>}
    </li>
  );
}

function deedOf({ action, detail }: AuditEntry): string {
  const words = say(WORDS);
  if (STOPS.has(action)) return words.stoppedIt;
  const decision = DECISION.exec(detail ?? '')?.[1];
  return decision ? words.decided(decisionWords(decision as Decision, '', '').label) : words.gave(action.replaceAll('_', ' '));
}
