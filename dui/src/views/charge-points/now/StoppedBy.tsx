import { timeOfDay } from '../../../format/units';
import { useRead } from '../../../http/hooks';
import { useMay } from '../../../shell/me';
import type { Moment } from '../../../wire/types';
import { say } from '../../../words/language';
import type { Page } from '../types';
import { WORDS } from './words';

interface Entry {
  at: Moment;
  who: { name: string };
  action: string;
  outcome: string;
}

const STOPS = new Set(['stop_session', 'SessionStopRequested']);

/** Who of the operators stopped a session; told to operators alone. */
export function StoppedBy({ sessionId }: { sessionId: string }) {
  const isOperator = useMay('operator');
  const { data } = useRead<Page<Entry>>('/audit', { session_id: sessionId, limit: 20 }, { enabled: isOperator, every: 10_000 });
  const stop = data?.items.find(({ action }) => STOPS.has(action));
  return stop ? <span>{say(WORDS).stoppedBy(stop.who.name, timeOfDay(stop.at))}</span> : null;
}
