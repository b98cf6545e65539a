import { Link } from 'wouter';
import { dayAndTime } from '../../../format/units';
import { Mark } from '../../../parts/Mark';
import { say } from '../../../words/language';
import { WORDS } from '../words';
import type { Listed } from './listed';

/** Whether a charge point is connected, and when it was last. */
export function Connection({ listed }: { listed: Listed }) {
  const words = say(WORDS);
  if (listed.isConnected) return <Mark tone="success">{words.connected}</Mark>;
  const seen = listed.lastSeenAt ? words.lastSeen(dayAndTime(listed.lastSeenAt)) : words.neverSeen;
  return (
    <Mark tone="danger" title={seen}>
      {words.offline}
    </Mark>
  );
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
