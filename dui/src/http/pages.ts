import { useInfiniteQuery } from '@tanstack/react-query';
import { ask, type Query } from './client';
import { again } from './hooks';
import { useLastingProblem } from './lastingProblem';
import type { Problem } from './problem';

interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** Read a resource that comes page by page; `data` is all items so far, `fetchNextPage` brings more. */
export function usePages<T>(path: string, query: Query = {}) {
  const queryKey = [path, 'pages', query];
  const result = useInfiniteQuery<Page<T>, Problem, T[], unknown[], string | null>({
    queryKey,
    queryFn: ({ pageParam, signal }) => ask('GET', path, { ...query, cursor: pageParam }, undefined, signal),
    refetchInterval: again(),
    initialPageParam: null,
    getNextPageParam: (last) => last.next_cursor,
    select: ({ pages }) => pages.flatMap(({ items }) => items),
  });
  return useLastingProblem(queryKey, result);
}
