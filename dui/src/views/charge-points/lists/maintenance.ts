import { path } from '../../../http/client';
import { useRead } from '../../../http/hooks';
import type { Moment } from '../../../wire/types';

export interface Matter {
  matter: string;
  status: string;
  asked: { operation: string; location: string; file_name: string | null; asked_at: Moment } | null;
  told: { status: string; told_at: Moment } | null;
}

export interface SecurityEvent {
  event_type: string;
  count: number;
  received_at: Moment;
  tech_info: string | null;
}

/** How firmware, diagnostics and logs stand; asked again while somebody looks. */
export function useMaintenance(id: string) {
  return useRead<{ items: Matter[]; security_events: SecurityEvent[] }>(path`/charge-points/${id}/maintenance`, {}, { every: 3_000 });
}
