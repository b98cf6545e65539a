/** Sessions that ended, as the API gives them; see `session_manager/api/sessions_shown.py`. */

import type { Moment, Money, Phase, PriceLine, Receipt } from '../../wire/types';

export type Outcome = 'settled' | 'refunded' | 'rejected' | 'addendum';

export interface EndedSession {
  charge_point_id: string;
  connector_id: number;
  session_id: string;
  outcome: Outcome;
  private: boolean;
  started_at: Moment | null;
  ended_at: Moment;
  stop_reason: string | null;
  failure: string | null;
  flags: string[];
  transaction_id: number | null;
  energy_wh: number;
  /** Delivered, but never billed. */
  unbilled_wh: number;
  charging_s: number;
  /** The part of `charging_s` in which the car was full. */
  idle_s: number;
  chain_id: number;
  token: string;
  deposit: Money;
  spent: Money;
  refund: Money;
  tax: Money;
  gas_used: number;
  /** In the chain's own token. */
  gas_fee: Money;
  /** Null for viewers, and where the driver is not known. */
  consumer_did: string | null;
}

export interface EndedPage {
  items: EndedSession[];
  next_cursor: string | null;
}

export interface Sums {
  sessions: number;
  private: number;
  settled: number;
  refunded: number;
  rejected: number;
  energy_wh: number;
  unbilled_wh: number;
  charging_s: number;
  idle_s: number;
  gas_used: number;
  /** By chain id. */
  gas_fees: Record<string, Money>;
  /** By token key, "<chain id>:<token>". */
  tokens: Record<string, { deposit: Money; spent: Money; refund: Money; tax: Money }>;
}

export interface Step {
  phase: Phase;
  at: Moment;
}

export interface Reading {
  at_ms: number;
  /** The meter's register. */
  energy_wh: number;
  power_w: number | null;
  soc_percent: number | null;
}

/** What was signed, as it was signed. */
export interface Signed {
  payload: string;
  signature: string;
}

export interface ReceiptCheck {
  hash: string;
  signer: string | null;
  /** Empty: it is right. */
  faults: string[];
}

export interface EndedRecord {
  session_id: string;
  charge_point_id: string;
  connector_id: number;
  outcome: Outcome;
  ended_at: Moment;
  status: {
    phase: Phase;
    transaction_id?: number | null;
    meter_start_wh?: number | null;
    meter_wh?: number | null;
    energy_wh: number;
    soc_percent?: number | null;
    deposit: Money;
    cost: Money;
    remaining: Money;
    private?: boolean;
    stop_reason?: string | null;
    failure?: string | null;
    flags: string[];
  };
  receipt: Signed | null;
  timeline: Step[];
  readings: Reading[];
  gas_used: number;
  price: PriceLine[];
  receipt_check: ReceiptCheck | null;
  consumer_did: string | null;
  transactions: { kind: string; hash: string }[];
}

/** What of a receipt's payload is shown; see `sdk.events.service.Receipt`. */
export type ReceiptContent = Omit<Receipt, 'token_decimals' | 'token_symbol'> & {
  chain_id: number;
  token_decimals?: number;
  token_symbol?: string;
  provider_did: string;
};

export interface FoundSession {
  charge_point_id: string;
  session_id: string;
  hash: string | null;
  signer: string | null;
  faults: string[];
  /** The record here holds exactly this receipt. */
  is_ours: boolean;
  /** There is a record of the session here. */
  is_stored: boolean;
}
