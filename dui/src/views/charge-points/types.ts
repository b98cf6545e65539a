/** What the HTTP API tells of charge points; see `session_manager/api`. */

import type { Money, Moment } from '../../wire/types';

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface ConnectorState {
  connector_id: number;
  status: string | null;
  error_code: string | null;
  changed_at: Moment | null;
  availability: string | null;
  transaction_id: number | null;
  /** Masked for viewers. */
  id_tag: string | null;
  suspect_since: Moment | null;
}

export interface ChargePointState {
  charge_point_id: string;
  connected: boolean;
  connected_at: Moment | null;
  last_seen_at: Moment | null;
  booted_at: Moment | null;
  status: string | null;
  security_profile: number;
  local_list: 'yes' | 'no' | 'unknown';
  unsupported: string[];
  drift: number;
  disputes: number;
  connectors: ConnectorState[];
}

export interface Sample {
  value: string;
  measurand: string;
  unit: string | null;
  phase: string | null;
}

export interface MeterValue {
  connector_id: number | null;
  transaction_id: number | null;
  sampled_at: string | null;
  received_at: Moment;
  samples: Sample[];
}

export type Direction = 'received' | 'sent';

export interface Message {
  at: Moment;
  outcome: string;
  direction: Direction | null;
  action: string | null;
  message_id: string | null;
  /** The frames as JSON texts, redacted; only their start where `cut`. */
  request: string | null;
  answer: string | null;
  cut: boolean;
  latency_ms: number | null;
  size: number | null;
  reason: string | null;
  dropped: number;
}

export interface ReportedKey {
  key: string;
  value: string | null;
  readonly: boolean;
  at: Moment;
  needs_reboot: boolean;
  is_hidden: boolean;
}

export interface Drift {
  key: string;
  wanted: string;
  reported: string | null;
  reason: string;
  since: Moment;
}

export interface Configuration {
  reported: ReportedKey[];
  desired: { key: string; value: string }[];
  drift: Drift[];
}

export interface OperationAnswer {
  operation: string;
  correlation_id: string;
  outcome: 'answered' | 'timeout' | 'offline' | 'not_supported' | 'call_error' | 'unknown' | 'refused';
  response: Record<string, unknown> | null;
  error: { code: string; description: string } | null;
  reason: string | null;
  latency_ms: number;
}

export interface Waiting {
  charge_point_id: string;
  vendor: string;
  model: string;
  serial_number: string;
  firmware_version: string;
  address: string;
  contested: boolean;
  first_seen: Moment;
  last_seen: Moment;
  password_presented: boolean;
}

export interface TariffWindow {
  days?: string[];
  start: string;
  end: string;
  per_kwh?: Money | null;
  per_minute?: Money | null;
}

/** Prices in the token's smallest unit; what has its default is left out. */
export interface TariffTold {
  per_kwh: Money;
  per_session?: Money;
  per_minute?: Money;
  idle_per_minute?: Money;
  idle_grace_minutes?: number;
  minimum?: Money;
  maximum?: Money | null;
  tax_percent?: string;
  windows?: TariffWindow[];
  timezone?: string;
}

export interface Registered {
  charge_point_id: string;
  did: string;
  chain_id: number;
  name: string;
  connectors: number;
  maximum_power_w: number;
  plug_types: string[];
  tariff: TariffTold;
  minimum_deposit: Money;
  token: string;
  tolerances: string[];
  security_profile: number;
  next_security_profile: number | null;
  password_required: boolean;
}

export interface NewlyRegistered extends Registered {
  password: string | null;
}
