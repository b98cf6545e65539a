import { Mark } from '../../../parts/Mark';
import { Panel } from '../../../parts/Panel';
import { say } from '../../../words/language';
import { inWords } from '../../../words/phases';
import { adviceOf, toldFlags } from '../reasons';
import { WORDS as OUTCOMES } from '../outcomeWords';
import type { EndedRecord } from '../types';
import { WORDS } from './words';

/** Why it failed or who stopped it, what that means, and what to do about it. */
export function Why({ record: { status, outcome } }: { record: EndedRecord }) {
  const words = say(WORDS);
  const { failure, stop_reason: stop } = status;
  const flags = toldFlags(status.flags);
  return (
    <Panel title={words.why}>
      <div className="console-sessions-why">
        {!failure && !stop && <p>{status.private ? words.noReason : say(OUTCOMES).about[outcome]}</p>}
        {failure && <Reason name={words.failed} reason={failure} isBad />}
        {stop && stop !== failure && <Reason name={words.stopped} reason={stop} />}
        {flags.length > 0 && (
          <>
            <h3>{words.alsoHappened}</h3>
            <ul className="console-sessions-flags">
              {flags.map((flag) => (
                <li key={flag}>
                  <strong>{inWords(flag)}</strong>
                  {adviceOf(flag) && <p className="console-hint">{adviceOf(flag)}</p>}
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </Panel>
  );
}

function Reason({ name, reason, isBad = false }: { name: string; reason: string; isBad?: boolean }) {
  return (
    <div data-reason={reason}>
      <p className="console-sessions-reason">
        <Mark tone={isBad ? 'warning' : 'neutral'}>{name}</Mark> <strong>{inWords(reason)}</strong>
      </p>
      <p>{adviceOf(reason)}</p>
    </div>
  );
}
