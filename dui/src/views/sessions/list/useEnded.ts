import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ask } from '../../../http/client';
import { again } from '../../../http/hooks';
import { useLastingProblem } from '../../../http/lastingProblem';
import type { Problem } from '../../../http/problem';
import { type Choice, queryOf } from '../choice';
import type { EndedPage } from '../types';

export const PAGE_SIZE = 50;
/** So often is asked on for one page: with rare filters an answer may be short, though there is more. */
const MOST_ANSWERS = 20;
const EVERY_MS = 15_000;

/** Where a page is: its cursor, and the cursors of the newer ones that were gone through to it. */
export interface Place {
  readonly cursor: string | null;
  readonly newer: readonly string[];
}

/** A page, and where the rows of it are. */
interface ShownPage extends EndedPage {
  readonly place: Place;
}

/**
 * One page of ended sessions, the newest first; the newest page keeps itself up to date.
 * While another one is on its way, the one before stays, with its place.
 */
export function useEnded(choice: Choice, place: Place) {
  const { cursor } = place;
  const query = queryOf(choice);
  const queryKey = ['/sessions', 'page', query, cursor];
  const result = useQuery<ShownPage, Problem>({
    queryKey,
    queryFn: async ({ signal }) => {
      const give: Give = (limit, from) => ask('GET', '/sessions', { ...query, limit, cursor: from }, undefined, signal);
      return { ...(await wholePage(give, cursor)), place };
    },
    placeholderData: keepPreviousData,
    refetchInterval: again(cursor ? false : EVERY_MS),
  });
  return useLastingProblem(queryKey, result);
}

type Give = (limit: number, cursor: string | null) => Promise<EndedPage>;

/** Ask until the page is full, all was looked at, or enough was asked for at once. */
export async function wholePage(give: Give, cursor: string | null): Promise<EndedPage> {
  const items: EndedPage['items'] = [];
  let next = cursor;
  for (let answers = 0; answers < MOST_ANSWERS; answers += 1) {
    const { items: more, next_cursor } = await give(PAGE_SIZE - items.length, next);
    items.push(...more);
    next = next_cursor;
    if (next === null || items.length >= PAGE_SIZE) break;
  }
  return { items, next_cursor: next };
}
