import { hashKey, type QueryKey } from '@tanstack/react-query';
import { useState } from 'react';
import type { Problem } from './problem';

interface Result {
  readonly data: unknown;
  readonly error: Problem | null;
}

/** Keep telling why there is nothing yet while it is asked for again: else the problem would come and go. */
export function useLastingProblem<R extends Result>(queryKey: QueryKey, result: R): R {
  const key = hashKey(queryKey);
  const [last, setLast] = useState<{ key: string; problem: Problem } | null>(null);
  const { data, error } = result;
  if (error && error !== last?.problem) setLast({ key, problem: error });
  if (data !== undefined || error || last?.key !== key) return result;
  return { ...result, error: last.problem };
}
