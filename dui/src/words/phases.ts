import type { Phase } from '../wire/types';

export type Tone = 'neutral' | 'info' | 'success' | 'warning' | 'danger';

export interface Words {
  readonly label: string;
  readonly explanation: string;
  readonly tone: Tone;
}

/** How each phase of a session is called, and what is being waited for. */
export const PHASES: Record<Phase, Words> = {
  idle: { label: 'Free', tone: 'neutral', explanation: 'No session on this connector.' },
  verifying: { label: 'Waiting for deposit', tone: 'info', explanation: 'The driver asked for the connector; the deposit is not confirmed yet.' },
  authorising: { label: 'Authorising', tone: 'info', explanation: 'The deposit is confirmed; the charge point is told who may charge.' },
  starting: { label: 'Starting', tone: 'info', explanation: 'The charge point was asked to start.' },
  charging: { label: 'Charging', tone: 'success', explanation: 'Energy flows; the driver signs for it as it goes.' },
  stopping: { label: 'Stopping', tone: 'warning', explanation: 'The charge point was asked to stop.' },
  settling: { label: 'Settling', tone: 'info', explanation: 'Energy is final; waiting for the driver to sign the final amount.' },
  executing: { label: 'Paying out', tone: 'info', explanation: 'The wallet pays out in one transaction.' },
  refunding: { label: 'Refunding', tone: 'warning', explanation: 'Nothing was charged; the deposit goes back to the driver.' },
  settled: { label: 'Settled', tone: 'success', explanation: 'Paid out on the chain.' },
  refunded: { label: 'Refunded', tone: 'neutral', explanation: 'The whole deposit went back to the driver.' },
  rejected: { label: 'Rejected', tone: 'neutral', explanation: 'Ended before anything was deposited.' },
  disputed: { label: 'Disputed', tone: 'danger', explanation: 'The payout did not go through in time; it is tried again until the wallet moves.' },
};

const PRIVATE: Partial<Record<Phase, string>> = {
  charging: 'Energy flows for a test; nobody pays for it.',
  stopping: 'The charge point was asked to end the test.',
  settled: 'The test has ended; no money moved.',
};

const STOPPABLE: ReadonlySet<Phase> = new Set(['verifying', 'authorising', 'starting', 'charging']);
const RUNNING: ReadonlySet<Phase> = new Set([...STOPPABLE, 'stopping', 'settling', 'executing', 'refunding']);

/** Whether an operator can still stop a session in this phase. */
export function isStoppable(phase: Phase): boolean {
  return STOPPABLE.has(phase);
}

/** Whether a session in this phase still holds its connector. */
export function isRunning(phase: Phase): boolean {
  return RUNNING.has(phase);
}

/** The words of a phase; one that this page does not know yet is shown by its own name. */
export function phaseWords(phase: string, isPrivate = false): Words {
  const words = PHASES[phase as Phase] ?? { label: phase, tone: 'neutral', explanation: '' };
  if (!isPrivate) return words;
  const label = phase === 'settled' ? 'Ended' : words.label;
  return { ...words, label, explanation: PRIVATE[phase as Phase] ?? words.explanation };
}

const REASONS: Record<string, string> = {
  consumer: 'stopped by the driver',
  operator: 'stopped by the operator',
  deposit_used_up: 'the deposit is used up',
  charge_point: 'stopped at the charge point',
  voucher_overdue: 'the driver stopped signing',
  ends_by: 'the time of the quote is over',
  charge_point_offline: 'the charge point went offline',
  deposit_missing: 'no deposit came',
  deposit_short: 'the deposit was too small',
  id_tag_refused: 'the charge point refused the driver’s tag',
  authorise_timeout: 'the charge point did not confirm the driver’s tag in time',
  start_refused: 'the charge point refused to start',
  start_timeout: 'charging did not start in time',
  stopped_before_start: 'stopped before charging began',
  connector_faulted: 'the connector is faulted',
  deposit_lost: 'the chain took the deposit back',
  refund_opening: 'the driver’s own refund was about to open',
  settlement_gas_account_low: 'the gas account is too low',
  settlement_chain_unavailable: 'no node of the chain answers',
  settlement_reverted: 'the chain refused the payout',
  settlement_deposit_gone: 'the wallet holds nothing',
};

/** Say a stop, failure or flag in words: known ones in ours, others by their name. */
export function inWords(reason: string): string {
  return REASONS[reason] ?? reason.replaceAll('_', ' ');
}
