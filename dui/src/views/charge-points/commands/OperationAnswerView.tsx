import { CheckCircleIcon, ExclamationCircleIcon } from '@patternfly/react-icons';
import { numberFormat } from '../../../format/locale';
import { timeOfDay } from '../../../format/units';
import { Spinner } from '../../../patternfly';
import { ProblemView } from '../../../parts/ProblemView';
import { say } from '../../../words/language';
import type { OperationAnswer } from '../types';
import { type Asking, responseOf } from './operations';
import { WORDS } from './words';

const GOOD = new Set(['Accepted', 'Scheduled', 'RebootRequired', 'Unlocked']);

/** What the charge point said to an operation, how long it took, and what came late. */
export function OperationAnswerView({ asking }: { asking: Asking }) {
  const words = say(WORDS);
  const { given, problem, isPending, late } = asking;
  return (
    <div aria-live="polite" className="console-cp-answer">
      {isPending && (
        <p className="console-hint">
          <Spinner size="sm" aria-hidden="true" /> {words.waiting}
        </p>
      )}
      {problem && !isPending && <ProblemView problem={problem} />}
      {given && !isPending && <Said answer={given.answer} at={given.at} />}
      {late && !isPending && (
        <div>
          <p>
            {late.answer ? words.late : words.lateNotKept} ({timeOfDay(late.at)})
          </p>
          <Details response={responseOf(late)} />
        </div>
      )}
    </div>
  );
}

function Said({ answer, at }: { answer: OperationAnswer; at: Date }) {
  const words = say(WORDS);
  const status = statusOf(answer.response);
  const isGood = answer.outcome === 'answered' && (status === null || GOOD.has(status));
  const took = numberFormat({ maximumFractionDigits: 0 }).format(answer.latency_ms);
  return (
    <div className={isGood ? 'console-answer' : 'console-answer console-answer-refused'} data-outcome={answer.outcome}>
      <span className="console-answer-title">
        {isGood ? <CheckCircleIcon aria-hidden="true" /> : <ExclamationCircleIcon aria-hidden="true" />}
        <span>{titleOf(answer, status)}</span>
        <span className="console-hint console-cp-took">
          {answer.outcome !== 'offline' && <>{words.took(took)} · </>}
          <time dateTime={at.toISOString()}>{timeOfDay(at.toISOString())}</time>
        </span>
      </span>
      <Details response={answer.response} />
    </div>
  );
}

/** The response as it came, where there is more in it than its status. */
function Details({ response }: { response: Record<string, unknown> | null }) {
  if (!response || Object.keys(response).length === 0) return null;
  const status = statusOf(response);
  if (status !== null && Object.keys(response).length === 1) return <code>{status}</code>;
  return (
    <details className="console-cp-details" open={JSON.stringify(response).length < 600}>
      <summary>{say(WORDS).details}</summary>
      <pre tabIndex={0}>{JSON.stringify(response, null, 2)}</pre>
    </details>
  );
}

function titleOf({ outcome, error, reason }: OperationAnswer, status: string | null): string {
  const words = say(WORDS);
  if (outcome === 'answered') return status === null ? (words.outcomes.answered ?? outcome) : (words.statuses[status] ?? status);
  const more = [error?.code, error?.description, reason?.replaceAll('_', ' ')].filter(Boolean).join(', ');
  return `${words.outcomes[outcome] ?? outcome}${more && `: ${more}`}`;
}

function statusOf(response: Record<string, unknown> | null): string | null {
  return typeof response?.status === 'string' ? response.status : null;
}
