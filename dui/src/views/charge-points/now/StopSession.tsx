import { useEffect, useRef, useState } from 'react';
import { path } from '../../../http/client';
import { useChange } from '../../../http/hooks';
import { AnswerView } from '../../../parts/AnswerView';
import { Confirm } from '../../../parts/Confirm';
import { ProblemView } from '../../../parts/ProblemView';
import { useMay } from '../../../shell/me';
import type { Answer, Session } from '../../../wire/types';
import { say } from '../../../words/language';
import { isRunning, isStoppable } from '../../../words/phases';
import { WORDS } from './words';

interface StopTold {
  outcome: 'accepted' | 'refused' | 'timeout';
  reason: string | null;
}

/** Stops the session after one question, and shows what the Session Manager answered. */
export function StopSession({ session }: { session: Session }) {
  const words = say(WORDS);
  const isOperator = useMay('operator');
  const [answer, setAnswer] = useState<{ body: Answer; at: Date } | null>(null);
  const place = path`/charge-points/${session.charge_point_id}/connectors/${session.connector_id}/stop`;
  const stop = useChange<StopTold, { session_id: string | null }>('POST', place, ['/audit']);
  const send = () =>
    stop.mutate({ session_id: session.session_id }, { onSuccess: (told) => setAnswer({ body: asAnswer(told), at: new Date() }) });
  const hasButton = isStoppable(session.phase) || stop.isPending;
  const shown = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The button goes as soon as the session stops, and the keyboard's place with it.
    if (!hasButton && stop.isSuccess && document.activeElement === document.body) shown.current?.focus({ preventScroll: true });
  }, [hasButton, stop.isSuccess]);
  return (
    <div ref={shown} tabIndex={-1} className="console-stop" title={isOperator ? undefined : words.stopOnly}>
      <div aria-live="polite">
        {answer && isRunning(session.phase) && <AnswerView answer={answer.body} at={answer.at} />}
        {stop.error && <ProblemView problem={stop.error} />}
      </div>
      {hasButton && (
        <Confirm
          label={words.stop}
          question={words.stopQuestion}
          consequence={session.private ? words.stopTest : words.stopConsequence}
          isDisabled={!isOperator || stop.isPending}
          isLoading={stop.isPending}
          onConfirm={send}
        />
      )}
    </div>
  );
}

function asAnswer({ outcome, reason }: StopTold): Answer {
  if (outcome === 'accepted') return { type: 'SessionStopAccepted' };
  return { type: 'SessionStopRefused', reason: outcome === 'timeout' ? 'timeout' : reason };
}
