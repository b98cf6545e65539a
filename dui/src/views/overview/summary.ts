import type { Station } from '../../state/consoleStore';
import type { ChainStatus, Session } from '../../wire/types';
import { isRunning } from '../../words/phases';

/** What all charge points are doing now, in numbers. */
export interface Summary {
  readonly chargePoints: number;
  readonly online: number;
  readonly faulted: number;
  readonly charging: number;
  readonly powerW: number;
  readonly disputes: number;
  readonly chain: ChainStatus | null;
}

export function summaryOf(stations: readonly Station[], chain: ChainStatus | null): Summary {
  const connectors = stations.flatMap(({ status }) => (status?.connected ? status.connectors : []));
  const running = runningOf(stations);
  return {
    chargePoints: stations.length,
    online: stations.filter(({ status }) => status?.connected).length,
    faulted: connectors.filter(({ status }) => status === 'Faulted').length,
    charging: running.filter(({ phase }) => phase === 'charging').length,
    powerW: running.reduce((sum, { power_w }) => sum + (power_w ?? 0), 0),
    disputes: stations.reduce((sum, { disputes }) => sum + disputes.length, 0),
    chain,
  };
}

/** The sessions that run now, in the order of their charge points and connectors. */
export function runningOf(stations: readonly Station[]): Session[] {
  return stations.flatMap(({ sessions }) => Object.values(sessions).filter(({ session_id, phase }) => session_id && isRunning(phase)));
}
