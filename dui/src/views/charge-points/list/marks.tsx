import { Link } from 'wouter';
import { dayAndTime } from '../../../format/units';
import { Mark } from '../../../parts/Mark';
import { say } from '../../../words/language';
import { WORDS } from '../words';
import type { Listed } from './listed';

/** Whether a charge point is connected. */
export function Connection({ listed: { isConnected } }: { listed: Listed }) {
  const words = say(WORDS);
  return <Mark tone={isConnected ? 'success' : 'danger'}>{isConnected ? words.connected : words.offline}</Mark>;
}

/** When one that is not connected was there last. */
export function Missing({ listed: { isConnected, lastSeenAt } }: { listed: Listed }) {
  const words = say(WORDS);
  if (isConnected) return null;
  return <span className="console-hint">{lastSeenAt ? words.lastSeen(dayAndTime(lastSeenAt)) : words.neverSeen}</span>;
}

/** How many alerts it has; they are told on the overview. */
export function AlertsMark({ listed }: { listed: Listed }) {
  if (listed.alerts === 0) return null;
  return (
    <Link href="/">
      <Mark tone={listed.isCritical ? 'danger' : 'warning'}>{say(WORDS).alerts(listed.alerts)}</Mark>
    </Link>
  );
}
