import { exactAmount, shownAmount, tokenSymbol } from '../format/amount';
import { count } from '../format/units';
import type { Answer } from '../wire/types';

/** One thing that an answer says; `exact` is what the short text stands for. */
export interface AnswerPart {
  readonly label: string;
  readonly text: string;
  readonly exact?: string;
  readonly copy?: boolean;
}

export interface AnswerWords {
  readonly ok: boolean;
  readonly title: string;
  readonly parts: readonly AnswerPart[];
}

type Say = (answer: Answer) => AnswerWords;

const SAYINGS: Record<string, Say> = {
  BalanceReported: sayBalances,
  PublicKeyReported: (answer) => ({
    ok: true,
    title: 'The station’s public key',
    parts: [
      { label: 'Public key', text: String(answer.public_key), copy: true },
      { label: 'Account', text: String(answer.address), copy: true },
    ],
  }),
  DidPublished: (answer) => {
    const transactions = Array.isArray(answer.transactions) ? answer.transactions.map(String) : [];
    const title = transactions.length ? 'Published' : 'Already up to date: the chain holds this document';
    return { ok: true, title, parts: transactions.map((text) => ({ label: 'Transaction', text, copy: true })) };
  },
  DidPublishFailed: (answer) => failed('Not published', answer.reason),
  ChainReconnected: (answer) => ({
    ok: true,
    title: `The node answers: chain ${String(answer.chain_id)}, block ${count(Number(answer.block_number))}, ${String(answer.latency_ms)} ms`,
    parts: [],
  }),
  ChainUnreachable: (answer) => failed('The node can’t be used', answer.reason),
  SessionStopAccepted: () => ({ ok: true, title: 'The session is being stopped', parts: [] }),
  DisputeResolved: (answer) => ({ ok: true, title: DECIDED[String(answer.decision)] ?? 'Decided', parts: [] }),
  DisputeResolveRefused: (answer) => failed('Nothing was changed', answer.reason),
  SessionStopRefused: (answer) => failed('Not stopped', answer.reason),
  StationCommandRefused: (answer) => failed('Not carried out', answer.reason, answer.detail),
};

const DECIDED: Record<string, string> = {
  retry: 'It is being paid out again now',
  refund: 'The whole deposit is being given back now',
  write_off: 'It is written off: the session has ended',
};

const REASONS: Record<string, string> = {
  chain_unavailable: 'no node of the chain answers; reconnect to the node, then try again',
  no_credential: 'the station has no credential of the issuing authority; add it with `noroam charge-point set`',
  no_p2p_server: 'no P2P server announced itself; start one, then try again',
  reverted: 'the chain refused the transaction',
  gas_account_low: 'the gas account is too low; send it funds, then try again',
  no_answer: 'no node answers; it is tried again',
  wrong_chain: 'the node belongs to another chain; check CHAIN_URLS and CHAIN_ID',
  no_dispute: 'this session does not wait for its payout any more',
  no_voucher: 'the driver’s app signed no refund of this session',
  no_session: 'there is no session on this connector',
  other_session: 'another session runs on this connector now',
  already_stopping: 'the session is stopping already',
  unknown_connector: 'the charge point has no such connector',
  unknown_station: 'this charge point is not registered',
  unknown_type: 'the console does not know this command',
  invalid: 'the command was not understood',
  timeout: 'no Session Manager answered in time; is one running with this station’s key?',
  overloaded: 'too much is waiting for this station; try again in a moment',
};

/** Say what a command was answered with, in words. */
export function answerWords(answer: Answer): AnswerWords {
  const say = SAYINGS[answer.type];
  return say ? say(answer) : { ok: true, title: answer.type, parts: [] };
}

function sayBalances(answer: Answer): AnswerWords {
  const symbol = tokenSymbol(Number(answer.chain_id));
  const balances = Array.isArray(answer.balances) ? (answer.balances as Record<string, string>[]) : [];
  return {
    ok: true,
    title: `At block ${count(Number(answer.block_number))}`,
    parts: balances.map((held) => ({
      label: held.role === 'gas' ? 'Gas account' : 'Station',
      text: `${shownAmount(held.balance)} ${symbol}`,
      exact: `${exactAmount(held.balance)} ${symbol} on ${held.account ?? ''}`,
    })),
  };
}

function failed(title: string, reason: unknown, detail?: unknown): AnswerWords {
  const known = REASONS[String(reason)] ?? String(reason).replaceAll('_', ' ');
  return { ok: false, title: `${title}: ${known}${detail ? ` (${String(detail)})` : ''}`, parts: [] };
}
