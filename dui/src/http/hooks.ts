import { keepPreviousData, QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ask, askTagged, type Method, type Query, type Tagged } from './client';
import { Problem } from './problem';

/** Answers are kept for a moment, and asked for again when the page is looked at again. */
export function makeQueryClient(): QueryClient {
  const mayHelp = (problem: unknown) => problem instanceof Problem && (problem.status === 0 || problem.status >= 500);
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 2_000,
        retry: (failures, problem) => failures < 2 && mayHelp(problem),
        throwOnError: false,
      },
    },
  });
}

interface ReadOptions {
  /** Ask again each so many milliseconds while the view is open. */
  every?: number;
  enabled?: boolean;
  /** Show the answer before while another page or filter is on its way. */
  keepsLast?: boolean;
}

/** Read a resource; `path` null: nothing to read yet. */
export function useRead<T>(path: string | null, query: Query = {}, options: ReadOptions = {}) {
  return useQuery<T, Problem>({
    queryKey: [path, query],
    queryFn: ({ signal }) => ask<T>('GET', path ?? '', query, undefined, signal),
    enabled: path !== null && (options.enabled ?? true),
    refetchInterval: options.every ?? false,
    ...(options.keepsLast ? { placeholderData: keepPreviousData } : {}),
  });
}

/** Read a resource with its entity tag, which a change of it sends back as `If-Match`. */
export function useTaggedRead<T>(path: string) {
  return useQuery<Tagged<T>, Problem>({
    queryKey: [path, 'tagged'],
    queryFn: ({ signal }) => askTagged<T>('GET', path, { signal }),
  });
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
