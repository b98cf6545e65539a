import { keepPreviousData, QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ask, askTagged, type Method, type Query, type Tagged } from './client';
import { useLastingProblem } from './lastingProblem';
import { Problem } from './problem';

/** Answers are kept for a moment, and asked for again when the page is looked at again. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 2_000,
        retry: (failures, problem) => failures < 1 && problem instanceof Problem && problem.status === 0,
        retryDelay: QUICKLY_MS,
        throwOnError: false,
      },
    },
  });
}

/** So soon it is tried again, before it is told that there was no answer. */
const QUICKLY_MS = 500;
/** So often is asked again for what had no answer. */
const AGAIN_MS = 4_000;

/** Ask each so many milliseconds (false: once), and soon again after a failure that may pass: a `refetchInterval`. */
export function again(every: number | false = false) {
  return ({ state: { error } }: { state: { error: Problem | null } }) => (error?.mayPass ? AGAIN_MS : every);
}

interface ReadOptions {
  /** Ask again each so many milliseconds while the view is open. */
  every?: number;
  enabled?: boolean;
  /** Tell a failure at once, without trying again quickly before. */
  tellsAtOnce?: boolean;
  /** Show the answer before while another page or filter is on its way. */
  keepsLast?: boolean;
}

/** Read a resource; `path` null: nothing to read yet. */
export function useRead<T>(path: string | null, query: Query = {}, options: ReadOptions = {}) {
  const queryKey = [path, query];
  const result = useQuery<T, Problem>({
    queryKey,
    queryFn: ({ signal }) => ask<T>('GET', path ?? '', query, undefined, signal),
    enabled: path !== null && (options.enabled ?? true),
    refetchInterval: again(options.every),
    ...(options.tellsAtOnce ? { retry: false } : {}),
    ...(options.keepsLast ? { placeholderData: keepPreviousData } : {}),
  });
  return useLastingProblem(queryKey, result);
}

/** Read a resource with its entity tag, which a change of it sends back as `If-Match`. */
export function useTaggedRead<T>(path: string) {
  const queryKey = [path, 'tagged'];
  const result = useQuery<Tagged<T>, Problem>({
    queryKey,
    queryFn: ({ signal }) => askTagged<T>('GET', path, { signal }),
    refetchInterval: again(),
  });
  return useLastingProblem(queryKey, result);
}

/** Change something, then read again whatever begins with one of `affects` (paths). */
export function useChange<T = unknown, B = unknown>(method: Method, path: string, affects: readonly string[] = []) {
  const client = useQueryClient();
  return useMutation<T, Problem, B | undefined>({
    mutationFn: (body) => ask<T>(method, path, undefined, body),
    onSuccess: () =>
      client.invalidateQueries({
        predicate: ({ queryKey: [read] }) => typeof read === 'string' && affects.some((begin) => read.startsWith(begin)),
      }),
  });
}
