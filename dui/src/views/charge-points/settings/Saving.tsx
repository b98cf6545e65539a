import { path } from '../../../http/client';
import { useChange } from '../../../http/hooks';
import { ProblemView } from '../../../parts/ProblemView';
import { Button } from '../../../patternfly';
import { say } from '../../../words/language';
import type { Registered } from '../types';
import { WORDS } from './words';

/** Changes what a charge point is registered as: only the fields that are told. */
export function useRegisteredChange(id: string) {
  return useChange<Registered, Record<string, unknown>>('PATCH', path`/charge-points/${id}/config`, [path`/charge-points/${id}`]);
}

/** The button of a form, and what became of it. */
export function Saving({ change, label }: { change: ReturnType<typeof useRegisteredChange>; label?: string }) {
  const words = say(WORDS);
  return (
    <div className="console-cp-send" aria-live="polite">
      <Button type="submit" isLoading={change.isPending} isDisabled={change.isPending}>
        {label ?? words.save}
      </Button>
      {change.isSuccess && <span className="console-hint">{words.saved}</span>}
      {change.error && <ProblemView problem={change.error} />}
    </div>
  );
}
