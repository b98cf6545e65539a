import type { Problem } from '../http/problem';
import { Alert, AlertActionLink } from '../patternfly';
import { say } from '../words/language';
import { problemWords } from './problemWords';
import { WORDS } from './words';

/** A request that was refused, why, and a way to try again where that may help; `retry` is what it is called. */
export function ProblemView({ problem, onRetry, retry }: { problem: Problem; onRetry?: () => void; retry?: string }) {
  const { title, details } = problemWords(problem);
  return (
    <Alert
      component="p"
      isInline
      variant="danger"
      title={title}
      role="alert"
      actionLinks={onRetry && <AlertActionLink onClick={onRetry}>{retry ?? say(WORDS).tryAgain}</AlertActionLink>}
    >
      {details.map(({ text, isEnglish }) => (
        <p key={text} lang={isEnglish ? 'en' : undefined}>
          {text}
        </p>
      ))}
      {onRetry && problem.mayPass && problem.status > 0 && <p>{say(WORDS).triedAgain}</p>}
    </Alert>
  );
}
