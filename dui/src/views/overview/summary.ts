import type { Station } from '../../state/consoleStore';
import type { ChainStatus, Session } from '../../wire/types';
import { isRunning } from '../../words/phases';

/** What all charge points are doing now, in numbers. */
export interface Summary {
  readonly chargePoints: number;
  readonly online: number;
  readonly faulted: number;
  readonly charging: number;
  /** Null: somebody charges, and no session tells its power. */
  readonly powerW: number | null;
  /** Of the sessions that charge, so many tell their power. */
  readonly powerTold: number;
  readonly disputes: number;
  readonly chain: ChainStatus | null;
}

export function summaryOf(stations: readonly Station[], chain: ChainStatus | null): Summary {
  const connectors = stations.flatMap(({ status }) => (status?.connected ? status.connectors : []));
  const running = runningOf(stations);
  const charging = running.filter(({ phase }) => phase === 'charging');
  const told = charging.filter(({ power_w }) => power_w != null).length;
  return {
    chargePoints: stations.length,
    online: stations.filter(({ status }) => status?.connected).length,
    faulted: connectors.filter(({ status }) => status === 'Faulted').length,
    charging: charging.length,
    powerW: charging.length > 0 && told === 0 ? null : running.reduce((sum, { power_w }) => sum + (power_w ?? 0), 0),
    powerTold: told,
    disputes: stations.reduce((sum, { disputes }) => sum + disputes.length, 0),
    chain,
  };
}

/** The sessions that run now, in the order of their charge points and connectors. */
export function runningOf(stations: readonly Station[]): Session[] {
  return stations.flatMap(({ sessions }) => Object.values(sessions).filter(({ session_id, phase }) => session_id && isRunning(phase)));
}
