import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ask } from '../../../http/client';
import type { Problem } from '../../../http/problem';
import { type Choice, queryOf } from '../choice';
import type { EndedPage } from '../types';

export const PAGE_SIZE = 50;
/** So often is asked on for one page: with rare filters an answer may be short, though there is more. */
const MOST_ANSWERS = 20;
const EVERY_MS = 15_000;

/** One page of ended sessions, the newest first; the newest page keeps itself up to date. */
export function useEnded(choice: Choice, cursor: string | null) {
  const query = queryOf(choice);
  return useQuery<EndedPage, Problem>({
    queryKey: ['/sessions', 'page', query, cursor],
    queryFn: ({ signal }) =>
      wholePage((limit, from) => ask('GET', '/sessions', { ...query, limit, cursor: from }, undefined, signal), cursor),
    placeholderData: keepPreviousData,
    refetchInterval: cursor ? false : EVERY_MS,
  });
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
