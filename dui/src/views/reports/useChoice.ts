import { useMemo } from 'react';
import { useSearchParams } from 'wouter';
import { type Choice, choiceOf, searchOf } from './choice';

export type ChangeChoice = (changes: Partial<Choice>) => void;

/** The choice as it stands in the address, and the way to change a part of it. */
export function useChoice(): [Choice, ChangeChoice] {
  const [search, setSearch] = useSearchParams();
  const query = search.toString();
  const choice = useMemo(() => choiceOf(new URLSearchParams(query)), [query]);
  return [choice, (changes) => setSearch(searchOf({ ...choice, ...changes }))];
}
