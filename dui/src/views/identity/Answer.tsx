import { CheckCircleIcon, ExclamationCircleIcon } from '@patternfly/react-icons';
import { Copyable } from '../../parts/Copyable';
import { identityReason } from '../../words/identity';
import { say } from '../../words/language';
import { WORDS } from './words';

interface AnswerProps {
  isDone: boolean;
  title: string;
  answer: { outcome: string; reason: string | null; detail: string | null };
  transactions: readonly string[];
}

/** What became of a change on the chain: done and by what, or why not. */
export function Answer({ isDone, title, answer, transactions }: AnswerProps) {
  const words = say(WORDS);
  return (
    <div className={isDone ? 'console-answer' : 'console-answer console-answer-refused'} data-outcome={answer.outcome}>
      <span className="console-answer-title">
        {isDone ? <CheckCircleIcon aria-hidden="true" /> : <ExclamationCircleIcon aria-hidden="true" />}
        <span>{title}</span>
      </span>
      {answer.outcome === 'timeout' && <p>{words.timeout}</p>}
      {answer.reason && <p>{identityReason(answer.reason)}</p>}
      {answer.detail && <p className="console-hint">{answer.detail}</p>}
      {transactions.map((hash) => (
        <Copyable key={hash} text={hash} name={words.transaction} />
      ))}
    </div>
  );
}
