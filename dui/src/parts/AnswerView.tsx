import { CheckCircleIcon, ExclamationCircleIcon } from '@patternfly/react-icons';
import { timeOfDay } from '../format/units';
import type { Answer } from '../wire/types';
import { type AnswerPart, answerWords } from '../words/answers';
import { Copyable } from './Copyable';

/** What the station answered, and when. */
export function AnswerView({ answer, at }: { answer: Answer; at: Date }) {
  const words = answerWords(answer);
  return (
    <div className={words.ok ? 'console-answer' : 'console-answer console-answer-refused'} data-answer={answer.type}>
      <span className="console-answer-title">
        {words.ok ? <CheckCircleIcon aria-hidden="true" /> : <ExclamationCircleIcon aria-hidden="true" />}
        <span>{words.title}</span>
        <time className="console-hint" dateTime={at.toISOString()}>
          {timeOfDay(at.toISOString())}
        </time>
      </span>
      {words.parts.length > 0 && (
        <ul className="console-answer-parts">
          {words.parts.map((part) => (
            <Part key={part.label + part.text} part={part} />
          ))}
        </ul>
      )}
    </div>
  );
}

function Part({ part }: { part: AnswerPart }) {
  return (
    <li>
      <span className="console-hint">{part.label}</span>{' '}
      {part.copy ? <Copyable text={part.text} name={part.label} /> : <span title={part.exact}>{part.text}</span>}
    </li>
  );
}
