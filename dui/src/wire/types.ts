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

export interface Status {
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

export interface Session {
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
  curve: CurvePoint[];
  /** A test of the operator's: nobody pays. */
  private?: boolean;
  token?: string | null;
  token_decimals?: number | null;
  token_symbol?: string | null;
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
  document: unknown;
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
