import { dayAndTime } from '../../../format/units';
import { Mark } from '../../../parts/Mark';
import { Panel } from '../../../parts/Panel';
import { say } from '../../../words/language';
import { ActionButton } from '../commands/ActionButton';
import type { Drift } from '../types';
import { WORDS } from './words';

/** The keys that are not as wanted, why, and since when. */
export function DriftPanel({ id, drift }: { id: string; drift: readonly Drift[] }) {
  const words = say(WORDS);
  return (
    <Panel title={words.drift}>
      <p className="console-hint">{words.driftAbout}</p>
      <ul className="console-cp-plain-list">
        {drift.map(({ key, wanted, reported, reason, since }) => (
          <li key={key}>
            <Mark tone="warning">{words.reasons[reason] ?? reason}</Mark> <code>{key}</code>:{' '}
            {words.driftLine(wanted, reported ?? words.nothing)} <span className="console-hint">{dayAndTime(since)}</span>
          </li>
        ))}
      </ul>
      {drift.some(({ reason }) => reason === 'needs_reboot') && (
        <ActionButton chargePointId={id} operation="Reset" body={{ type: 'Soft' }} label={words.restart} />
      )}
    </Panel>
  );
}
