import { useInfiniteQuery } from '@tanstack/react-query';
import { ask, path } from '../../../http/client';
import { again } from '../../../http/hooks';
import { useLastingProblem } from '../../../http/lastingProblem';
import type { Problem } from '../../../http/problem';
import type { Message, Page } from '../types';

const LIMIT = 50;
const EVERY_MS = 3_000;

export interface MessageChoice {
  readonly action: string;
  readonly direction: string;
  readonly outcome: string;
}

/** The messages of a charge point, the newest first, with older ones page by page. */
export function useMessages(chargePointId: string, choice: MessageChoice, isFollowing: boolean) {
  const place = path`/charge-points/${chargePointId}/messages`;
  const queryKey = [place, 'pages', choice];
  const result = useInfiniteQuery<Page<Message>, Problem, Message[], unknown[], string | null>({
    queryKey,
    queryFn: ({ pageParam, signal }) => ask('GET', place, { ...choice, limit: LIMIT, cursor: pageParam }, undefined, signal),
    initialPageParam: null,
    getNextPageParam: (last) => last.next_cursor,
    select: ({ pages }) => pages.flatMap(({ items }) => items),
    // With older pages open, all of them would be asked for again each time.
    refetchInterval: (query) => again(isFollowing && (query.state.data?.pages.length ?? 0) <= 1 ? EVERY_MS : false)(query),
  });
  return useLastingProblem(queryKey, result);
}
