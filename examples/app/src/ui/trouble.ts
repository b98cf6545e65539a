/** What went wrong, for a screen: the library's errors, and whatever else may come. */
import { NoroamError } from '../noroam/types';
import { words } from './words';

export interface Trouble {
  code: string;
  /** What happened, in a sentence. */
  text: string;
  /** What the library said, where the sentence is only the kind of error. */
  detail?: string;
  /** What the driver can do, in a sentence. */
  advice?: string;
  doNotPay: boolean;
}

/** Codes that may end a visit, yet say nothing against the station. */
const NO_VERDICT = new Set(['unreachable', 'chain_unreachable']);

export function troubleOf(error: unknown): Trouble {
  if (!(error instanceof NoroamError)) {
    const text = error instanceof Error ? error.message : String(error);
    return { code: 'unexpected', text, advice: words.advice('retry'), doNotPay: false };
  }
  const text = words.error(error.code) ?? error.message;
  return {
    code: error.code,
    text,
    detail: text === error.message ? undefined : error.message,
    advice: words.advice(error.advice),
    doNotPay: error.advice === 'do_not_pay' && !NO_VERDICT.has(error.code),
  };
}
