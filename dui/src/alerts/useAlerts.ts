import { useRead } from '../http/hooks';
import { useConsole } from '../shell/live';
import type { ActiveAlert } from '../wire/types';
import type { Alerts } from './types';

const OLD_MS = 60_000;

/** The alerts that hold now, and whether nobody looks for new ones. */
export function useAlerts(): { alerts: readonly ActiveAlert[]; nobodyLooks: boolean } {
  const alerts = useConsole((state) => state.alerts);
  const isComplete = useConsole((state) => state.isComplete);
  const { data, dataUpdatedAt } = useRead<Alerts>('/alerts', {}, { every: 30_000 });
  const looked = data?.evaluated_at ? Date.parse(data.evaluated_at) : null;
  const nobodyLooks = data !== undefined && (looked === null || dataUpdatedAt - looked > OLD_MS);
  return { alerts: isComplete ? alerts : (data?.items ?? []), nobodyLooks };
}
