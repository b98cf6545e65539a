import { exactAmount, shownAmount, tokenSymbol } from '../format/amount';
import { count } from '../format/units';
import type { Answer } from '../wire/types';
import { ANSWER_TEXTS } from './answerTexts';
import { say } from './language';

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
  PublicKeyReported: sayPublicKey,
  DidPublished: sayPublished,
  DidPublishFailed: (answer) => failed(say(ANSWER_TEXTS).notPublished, answer.reason),
  ChainReconnected: (answer) =>
    done(
      say(ANSWER_TEXTS).reconnected(String(answer.chain_id), count(Number(answer.block_number)), String(answer.latency_ms)),
    ),
  ChainUnreachable: (answer) => failed(say(ANSWER_TEXTS).unreachable, answer.reason),
  SessionStopAccepted: () => done(say(ANSWER_TEXTS).stopping),
  SessionStopRefused: (answer) => failed(say(ANSWER_TEXTS).notStopped, answer.reason),
  DisputeResolved: (answer) => done(say(ANSWER_TEXTS).decided[String(answer.decision)] ?? say(ANSWER_TEXTS).decidedAnyhow),
  DisputeResolveRefused: (answer) => failed(say(ANSWER_TEXTS).nothingChanged, answer.reason),
  StationCommandRefused: (answer) => failed(say(ANSWER_TEXTS).notCarriedOut, answer.reason, answer.detail),
};

/** Say what a command was answered with, in words. */
export function answerWords(answer: Answer): AnswerWords {
  const saying = SAYINGS[answer.type];
  return saying ? saying(answer) : done(answer.type);
}

/** Why a command was refused, in words; what is not known by its own name. */
export function refusalWords(reason: unknown): string {
  return say(ANSWER_TEXTS).reasons[String(reason)] ?? String(reason).replaceAll('_', ' ');
}

function sayBalances(answer: Answer): AnswerWords {
  const words = say(ANSWER_TEXTS);
  const symbol = tokenSymbol(Number(answer.chain_id));
  const balances = Array.isArray(answer.balances) ? (answer.balances as Record<string, string>[]) : [];
  return done(
    words.atBlock(count(Number(answer.block_number))),
    balances.map((held) => ({
      label: held.role === 'gas' ? words.gasAccount : words.station,
      text: `${shownAmount(held.balance)} ${symbol}`,
      exact: words.onAccount(`${exactAmount(held.balance)} ${symbol}`, held.account ?? ''),
    })),
  );
}

function sayPublicKey(answer: Answer): AnswerWords {
  const words = say(ANSWER_TEXTS);
  return done(words.publicKeyOf, [
    { label: words.publicKey, text: String(answer.public_key), copy: true },
    { label: words.account, text: String(answer.address), copy: true },
  ]);
}

function sayPublished(answer: Answer): AnswerWords {
  const words = say(ANSWER_TEXTS);
  const transactions = Array.isArray(answer.transactions) ? answer.transactions.map(String) : [];
  const title = transactions.length ? words.published : words.upToDate;
  return done(title, transactions.map((text) => ({ label: words.transaction, text, copy: true })));
}

function done(title: string, parts: readonly AnswerPart[] = []): AnswerWords {
  return { ok: true, title, parts };
}

function failed(title: string, reason: unknown, detail?: unknown): AnswerWords {
  return { ok: false, title: `${title}: ${refusalWords(reason)}${detail ? ` (${String(detail)})` : ''}`, parts: [] };
}
