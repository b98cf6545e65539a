import { createContext, type RefObject, useContext } from 'react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { askTagged, path, type Tagged } from '../../../http/client';
import type { Problem } from '../../../http/problem';
import { ProblemView } from '../../../parts/ProblemView';
import { Button } from '../../../patternfly';
import { say } from '../../../words/language';
import type { Registered } from '../types';
import { WORDS } from './words';

const CHANGED_MEANWHILE = 412;

interface Read {
  /** The entity tag of what the forms began with, or of what they saved since. */
  readonly tag: RefObject<string | null>;
  /** Begin the forms anew with what there is now. */
  readonly again: () => void;
}

/** What the forms of one charge point were filled from: a save counts only while nobody else saved. */
export const ReadContext = createContext<Read>({ tag: { current: null }, again: () => undefined });

/** Changes what a charge point is registered as: only the fields that are told. */
export function useRegisteredChange(id: string) {
  const client = useQueryClient();
  const { tag } = useContext(ReadContext);
  return useMutation<Tagged<Registered>, Problem, Record<string, unknown>>({
    mutationFn: (body) => askTagged('PATCH', path`/charge-points/${id}/config`, { body, headers: tag.current ? { 'If-Match': tag.current } : {} }),
    onSuccess: (saved) => {
      tag.current = saved.tag;
      return client.invalidateQueries({ predicate: ({ queryKey: [read] }) => typeof read === 'string' && read.startsWith(path`/charge-points/${id}`) });
    },
  });
}

/** The button of a form, and what became of it. */
export function Saving({ change, label }: { change: ReturnType<typeof useRegisteredChange>; label?: string }) {
  const words = say(WORDS);
  const { again } = useContext(ReadContext);
  const isOld = change.error?.status === CHANGED_MEANWHILE;
  return (
    <div className="console-cp-send" aria-live="polite">
      <Button type="submit" isLoading={change.isPending} isDisabled={change.isPending}>
        {label ?? words.save}
      </Button>
      {change.isSuccess && <span className="console-hint">{words.saved}</span>}
      {change.error && <ProblemView problem={change.error} onRetry={isOld ? again : undefined} retry={words.readAgain} />}
    </div>
  );
}
