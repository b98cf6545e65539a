import type { Problem } from '../http/problem';
import { say } from '../words/language';
import { WORDS } from './words';

/** What a refused request says to a person; details come from the server as it wrote them. */
export function problemWords(problem: Problem): { title: string; details: string[] } {
  const words = say(WORDS).problems;
  const faults = problem.faults.map((fault) => [fault.pointer ?? fault.parameter, fault.detail].filter(Boolean).join(': '));
  const details = [problem.detail, ...faults].filter(Boolean);
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
      return { title: words.tooOften(problem.retryAfter ?? 1), details: [] };
    case 500:
      return { title: words.failed, details: [] };
    case 503:
      return { title: words.busDown, details };
    default:
      return { title: problem.title || words.refused, details };
  }
}
