import type { Fault, Problem } from '../http/problem';
import { language, say } from '../words/language';
import { inGerman } from './problemTexts';
import { WORDS } from './words';

/** A sentence of the server, in the page's language where it is known there. */
export interface Detail {
  readonly text: string;
  readonly isEnglish: boolean;
}

/** What a refused request says to a person. */
export function problemWords(problem: Problem): { title: string; details: readonly Detail[] } {
  const words = say(WORDS).problems;
  const details = [problem.detail && detailOf(problem.detail), ...problem.faults.map(detailOfFault)].filter((each) => each !== '');
  switch (problem.status) {
    case 0:
      return { title: words.noAnswer, details: [] };
    case 403:
      return { title: words.forbidden, details };
    case 404:
      return { title: words.notFound, details };
    case 412:
      return { title: words.changedMeanwhile, details: [] };
    case 429:
      return { title: words.tooOften(problem.retryAfter ?? 1), details };
    case 500:
      return { title: words.failed, details: [] };
    case 503:
      return isOfRedis(problem) ? { title: words.busDown, details: [] } : { title: words.unavailable, details };
    default:
      return { title: words.refused, details };
  }
}

/** Whether Redis stood in the way. */
export function isOfRedis(problem: Problem): boolean {
  return problem.status === 503 && /\bRedis\b/.test(problem.detail);
}

/** Say a sentence of the server. */
export function detailOf(said: string): Detail {
  if (language() === 'en') return { text: said, isEnglish: true };
  const german = inGerman(said);
  return german === null ? { text: said, isEnglish: true } : { text: german, isEnglish: false };
}

function detailOfFault({ pointer, parameter, detail }: Fault): Detail {
  const { text, isEnglish } = detailOf(detail);
  return { text: [pointer ?? parameter, text].filter(Boolean).join(': '), isEnglish };
}
