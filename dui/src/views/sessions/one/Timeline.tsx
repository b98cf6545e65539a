import { duration, timeOfDay } from '../../../format/units';
import { Panel } from '../../../parts/Panel';
import type { Phase } from '../../../wire/types';
import { say } from '../../../words/language';
import { phaseWords } from '../../../words/phases';
import type { EndedRecord } from '../types';
import { type PhaseSpan, phaseSpans } from './phaseSpans';
import { WORDS } from './words';

const WIDTH = 600;
const HEIGHT = 14;
const GAP = 2;

const CHARGES: ReadonlySet<Phase> = new Set(['charging']);
const ENDS: ReadonlySet<Phase> = new Set(['idle', 'settled', 'refunded', 'rejected']);
const PAYS: ReadonlySet<Phase> = new Set(['settling', 'executing', 'refunding', 'disputed']);

/** The phases that the session went through, and how long each took. */
export function Timeline({ record }: { record: EndedRecord }) {
  const words = say(WORDS);
  const spans = phaseSpans(record.timeline, record.ended_at);
  return (
    <Panel title={words.timeline}>
      <Bar spans={spans} />
      <ol className="console-sessions-timeline">
        {spans.map(({ phase, at, ms }) => {
          const { label, explanation } = phaseWords(phase, record.status.private);
          return (
            <li key={`${phase} ${at}`} data-phase={phase} title={explanation}>
              <span className={`console-sessions-key console-sessions-key-${kindOf(phase)}`} aria-hidden="true" />
              <time dateTime={at}>{timeOfDay(at)}</time>
              <span>{label}</span>
              <span className="console-sessions-long">{ms === null ? '' : duration(ms)}</span>
            </li>
          );
        })}
      </ol>
    </Panel>
  );
}

function Bar({ spans }: { spans: readonly PhaseSpan[] }) {
  const bounds = spans.reduce<number[]>((all, { share }) => [...all, (all.at(-1) ?? 0) + share * WIDTH], [0]);
  return (
    <svg className="console-sessions-bar" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {spans.map(({ phase, at, share }, place) => (
        <rect
          key={`${phase} ${at}`}
          className={`console-sessions-part-${kindOf(phase)}`}
          x={bounds[place]}
          width={Math.max(0, share * WIDTH - GAP)}
          height={HEIGHT}
        />
      ))}
    </svg>
  );
}

function kindOf(phase: Phase): string {
  if (CHARGES.has(phase)) return 'charges';
  if (ENDS.has(phase)) return 'ends';
  return PAYS.has(phase) ? 'pays' : 'waits';
}
