import type { Decision, Dispute as ToldDispute, Moment } from '../../wire/types';

/** A dispute as the API gives it; see `sdk/disputes.py`. */
export interface Dispute extends ToldDispute {
  flags: string[];
  stop_reason: string | null;
  failure: string | null;
  energy_wh: number;
  chain_id: number | null;
  refund_opens_at: Moment | null;
}

export interface DecisionTold {
  outcome: 'resolved' | 'refused' | 'timeout';
  decision: Decision;
  session_id: string;
  reason: string | null;
}

/** What a decision was answered with, and about which session. */
export interface Decided {
  readonly chargePointId: string;
  readonly told: DecisionTold;
  readonly at: Date;
}

/** A decision in the trail of who asked for what. */
export interface DecisionNoted {
  number: number;
  at: Moment;
  who: { name: string };
  charge_point_id: string | null;
  session_id: string | null;
  outcome: string;
  detail: string | null;
}
