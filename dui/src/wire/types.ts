/** The objects that the console's backend sends over socket.io; see `session_manager/console_page.py`. */

/** A decimal string in the token's smallest unit. */
export type Money = string;
/** RFC 3339, UTC. */
export type Moment = string;

export type Phase =
  | 'idle'
  | 'verifying'
  | 'authorising'
  | 'starting'
  | 'charging'
  | 'stopping'
  | 'settling'
  | 'executing'
  | 'refunding'
  | 'settled'
  | 'refunded'
  | 'rejected'
  | 'disputed';

export interface ChainStatus {
  url: string | null;
  chain_id: number | null;
  connected: boolean;
  block_number: number | null;
  latency_ms: number | null;
  error: string | null;
}

export interface Connector {
  connector_id: number;
  status: string | null;
  error_code: string | null;
  changed_at: Moment | null;
  power_w: number | null;
  energy_wh: number | null;
  transaction_id: number | null;
  sampled_at: Moment | null;
}

export interface Tariff {
  per_kwh: Money;
  per_session?: Money;
}

/** A charge point as the console tells of it. */
export interface ShownStatus {
  charge_point_id: string;
  name: string | null;
  tariff: Tariff | null;
  token?: string | null;
  connected: boolean;
  boot: { vendor?: string; model?: string; serial_number?: string; firmware_version?: string } | null;
  booted_at: Moment | null;
  last_seen_at: Moment | null;
  connectors: Connector[];
  disputed: string[];
}

/** A charge point, with what all of them depend on. */
export interface Status extends ShownStatus {
  /** As of the last time it became better or worse; block and latency of now are in ConsoleState. */
  chain: ChainStatus;
  bus_connected: boolean;
}

/** One reading; `t` in milliseconds since 1970. */
export interface CurvePoint {
  t: number;
  power_w: number | null;
  energy_wh: number;
}

export interface PriceLine {
  item: string;
  quantity: number;
  unit: string;
  price: Money;
  amount: Money;
}

export interface Receipt {
  outcome: 'settled' | 'refunded';
  energy_wh: number;
  meter_start_wh?: number | null;
  meter_stop_wh?: number | null;
  started_at?: Moment | null;
  stopped_at?: Moment | null;
  price_lines?: PriceLine[];
  consumer_did?: string;
  token: string;
  token_decimals?: number;
  token_symbol?: string;
  wallet: string;
  provider: string;
  refund_account: string;
  deposit: Money;
  spent: Money;
  refund: Money;
  transaction_hash: string;
}

/** A session as the console tells of it. */
export interface ToldSession {
  charge_point_id: string;
  connector_id: number;
  session_id: string | null;
  phase: Phase;
  transaction_id?: number | null;
  meter_start_wh?: number | null;
  meter_wh?: number | null;
  energy_wh?: number;
  power_w?: number | null;
  soc_percent?: number | null;
  sampled_at?: Moment | null;
  deposit?: Money;
  cost?: Money;
  remaining?: Money;
  voucher?: Money;
  stop_reason?: string | null;
  failure?: string | null;
  flags?: string[];
  deadline_at: Moment | null;
  receipt: Receipt | null;
  /** A test of the operator's: nobody pays. */
  private?: boolean;
  token?: string | null;
  token_decimals?: number | null;
  token_symbol?: string | null;
}

/** A session with its curve so far: empty until it is told, while its charge point is watched. */
export interface Session extends ToldSession {
  curve: CurvePoint[];
}

/** What a curve has more: its points from place `from` on are replaced; 0: it starts over. */
export interface CurveIncrement {
  charge_point_id: string;
  connector_id: number;
  session_id: string;
  from: number;
  points: CurvePoint[];
}

export type AlertKind =
  | 'offline'
  | 'faulted'
  | 'dispute'
  | 'low_gas_balance'
  | 'low_station_balance'
  | 'chain_down'
  | 'webhook_disabled';

/** Something that somebody should look at; as `GET /alerts` gives it. */
export interface ActiveAlert {
  id: string;
  kind: AlertKind;
  severity: 'critical' | 'warning' | 'info';
  charge_point_id: string | null;
  connector_id: number | null;
  session_id: string | null;
  since: Moment;
  raised_at: Moment;
  detail: string;
  facts: Readonly<Record<string, string>>;
  acknowledged_by: string | null;
  acknowledged_at: Moment | null;
}

/** What somebody asked for, and what became of it; as `GET /audit` gives it. */
export interface AuditEntry {
  number: number;
  at: Moment;
  source: 'api' | 'console';
  who: { id: string; name: string; role: string };
  action: string;
  charge_point_id: string | null;
  connector_id: number | null;
  session_id: string | null;
  subject: string | null;
  outcome: string;
  status: number | null;
  detail: string | null;
  correlation_id: string | null;
}

export type Decision = 'retry' | 'refund' | 'write_off';

/** A session that waits off its connector for its payout; see `sdk/disputes.py`. */
export interface Dispute {
  charge_point_id: string;
  session_id: string;
  since: Moment | null;
  connector_id: number | null;
  phase: Phase | null;
  ends_as: 'settled' | 'refunded' | null;
  released: boolean;
  reasons: string[];
  deposit: Money;
  payout: Money | null;
  token: string;
  token_decimals: number;
  token_symbol: string;
  wallet: string | null;
  decisions: Decision[];
  advice: string[];
}

export interface Disputes {
  charge_point_id: string;
  disputes: Dispute[];
}

export interface Identity {
  charge_point_id: string;
  did: string | null;
  qr: string | null;
  state: string;
  reason: string | null;
  address: string | null;
  balance: Money | null;
  gas_balance: Money | null;
  updated_at: Moment | null;
}

/** What is sent in `objects`, by its kind. */
export interface Kinds {
  status: ShownStatus;
  identity: Identity;
  document: { charge_point_id: string; document: unknown };
  disputes: Disputes;
  session: ToldSession;
  curve: CurveIncrement;
  chain: ChainStatus;
  bus: { connected: boolean };
  alerts: { alerts: ActiveAlert[] };
  gone: { charge_point_id: string };
  /** All there is was told. */
  complete: object;
}

export type Told = { [K in keyof Kinds]: [K, Kinds[K]] }[keyof Kinds];

/** Sent first: which log this is, and which console. `epoch` null: Redis does not tell. */
export interface Hello {
  epoch: string | null;
  server: string;
}

export interface LogLine {
  id: string;
  at: Moment;
  level: string;
  service: string;
  session_id: string | null;
  charge_point_id: string | null;
  text: string;
}

/** What a command is answered with: a station body, told apart by `type`. */
export interface Answer {
  type: string;
  [field: string]: unknown;
}

export interface Command {
  type: string;
  charge_point_id: string;
  connector_id?: number;
  session_id?: string;
  decision?: Decision;
}
