import type { Problem } from '../http/problem';
import { Alert, AlertActionLink } from '../patternfly';
import { say } from '../words/language';
import { problemWords } from './problemWords';
import { WORDS } from './words';

/** A request that was refused, why, and a way to try again where that may help. */
export function ProblemView({ problem, onRetry }: { problem: Problem; onRetry?: () => void }) {
  const { title, details } = problemWords(problem);
  return (
    <Alert
      component="p"
      isInline
      variant="danger"
      title={title}
      role="alert"
      actionLinks={onRetry && <AlertActionLink onClick={onRetry}>{say(WORDS).tryAgain}</AlertActionLink>}
    >
      {details.map((detail) => (
        <p key={detail}>{detail}</p>
      ))}
    </Alert>
  );
}
