import type { Moment, Money } from '../../wire/types';

export interface Node {
  url: string;
  state: 'unknown' | 'up' | 'slow' | 'behind' | 'down' | 'wrong_chain';
  connected: boolean;
  block_number: number | null;
  latency_ms: number | null;
  error: string | null;
}

export interface Pending {
  nonce: number;
  to: string;
  purpose: 'identity' | 'payout' | 'transfer' | 'other';
  waits_for: 'block' | 'higher_fee' | 'earlier_nonce' | 'confirmations';
  sent_at: Moment;
  offers: number;
  max_fee_per_gas: Money;
  hash: string;
}

/** Answer of `GET /chain`: how the chain looks from the process that serves the page. */
export interface ChainShown {
  server: string;
  chain_id: number;
  state: 'up' | 'degraded' | 'down' | 'unknown';
  reason: string | null;
  node: Node;
  nodes: Node[];
  block: { number: number; at: Moment; age_s: number; base_fee: Money } | null;
  gas: { address: string; balance: Money | null; is_low: boolean; payout_price: Money };
  pending: Pending[];
  pending_error: string | null;
}

/** Answer of `POST /chain/reconnect`. */
export interface Reconnected {
  server: string;
  outcome: 'reconnected' | 'unreachable';
  reason: 'no_answer' | 'wrong_chain' | null;
  chain_id: number | null;
  block_number: number | null;
  latency_ms: number | null;
}
