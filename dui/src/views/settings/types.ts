/** What the HTTP API tells of this service, its people, keys, webhooks and alerts. */

import type { Role } from '../../shell/me';
import type { AlertKind, Moment, Money } from '../../wire/types';

/** Answer of `GET /settings`. */
export interface SettingsShown {
  server: string;
  version: string;
  zone: string;
  clock: Moment;
  settings: { name: string; value: string; is_secret: boolean }[];
  gateways: { name: string; last_seen_at: Moment; is_alive: boolean }[];
  p2p_servers: { peer_id: string; multiaddrs: string[]; updated_at: Moment | null; is_alive: boolean }[];
}

export interface Account {
  id: string;
  name: string;
  role: Role;
  made_at: Moment;
  password_changed_at: Moment;
  last_sign_in_at: Moment | null;
  disabled_at: Moment | null;
}

export interface ApiKey {
  id: string;
  name: string;
  role: Role;
  made_at: Moment;
  last_used_at: Moment | null;
  revoked_at: Moment | null;
  requests_per_minute: number | null;
}

export interface Webhook {
  id: string;
  name: string;
  url: string;
  /** null: all. */
  kinds: AlertKind[] | null;
  enabled: boolean;
  made_at: Moment;
  made_by: string;
  /** When the service switched it off, as it failed for too long. */
  disabled_at: Moment | null;
  failing_since: Moment | null;
  last_delivered_at: Moment | null;
  last_error: string | null;
  waiting: number;
}

export interface Delivery {
  id: string;
  type: 'alert.raised' | 'alert.cleared' | 'test';
  alert_id: string | null;
  state: 'waiting' | 'delivered' | 'failed' | 'dropped';
  attempts: number;
  made_at: Moment;
  last_attempt_at: Moment | null;
  next_attempt_at: Moment | null;
  response_status: number | null;
  error: string | null;
  milliseconds: number | null;
}

/** Answer and body of `/alert-settings`. */
export interface AlertSettings {
  offline_seconds: number;
  faulted_seconds: number;
  chain_down_seconds: number;
  low_balance_seconds: number;
  clear_seconds: number;
  gas_balance_below: Money | null;
  station_balance_below: Money | null;
  hysteresis_percent: number;
  muted: AlertKind[];
}

export interface List<T> {
  items: T[];
}
