/** The list of charge points: one row each, and which of them are wanted. Pure. */

import type { Station } from '../../../state/consoleStore';
import type { Connector } from '../../../wire/types';
import { isRunning } from '../../../words/phases';

export interface Listed {
  readonly id: string;
  readonly name: string;
  readonly model: string;
  readonly isConnected: boolean;
  readonly lastSeenAt: string | null;
  readonly connectors: readonly Connector[];
  readonly powerW: number | null;
  readonly alerts: number;
  readonly isCritical: boolean;
}

interface CountedAlert {
  readonly charge_point_id: string | null;
  readonly severity: string;
}

export interface Choice {
  readonly text: string;
  /** A status of a connector, `online`, `offline`, `alerts`, or nothing. */
  readonly status: string;
}

export function listedOf(station: Station, alerts: readonly CountedAlert[]): Listed {
  const { status } = station;
  const own = alerts.filter(({ charge_point_id }) => charge_point_id === station.id);
  return {
    id: station.id,
    name: status?.name ?? '',
    model: [status?.boot?.vendor, status?.boot?.model].filter(Boolean).join(' '),
    isConnected: status?.connected ?? false,
    lastSeenAt: status?.last_seen_at ?? null,
    connectors: status?.connectors ?? [],
    powerW: powerOf(station),
    alerts: own.length,
    isCritical: own.some(({ severity }) => severity === 'critical'),
  };
}

export function isWanted(listed: Listed, { text, status }: Choice): boolean {
  const said = `${listed.id} ${listed.name} ${listed.model}`.toLocaleLowerCase();
  if (!said.includes(text.trim().toLocaleLowerCase())) return false;
  if (status === '') return true;
  if (status === 'alerts') return listed.alerts > 0;
  if (status === 'online' || status === 'offline') return listed.isConnected === (status === 'online');
  return listed.connectors.some((connector) => connector.status === status);
}

/** The power of all sessions that run; null where none is known. */
function powerOf({ sessions }: Station): number | null {
  const running = Object.values(sessions).filter(({ session_id, phase }) => session_id && isRunning(phase));
  const known = running.flatMap(({ power_w }) => power_w ?? []);
  return known.length === 0 ? null : known.reduce((sum, power) => sum + power, 0);
}
