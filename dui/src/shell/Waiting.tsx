import { useEffect } from 'react';
import type { Problem } from '../http/problem';
import { isOfRedis, problemWords } from '../parts/problemWords';
import { Alert, Button, Card, CardBody, CardTitle, Spinner } from '../patternfly';
import { say } from '../words/language';
import { WORDS as SIGN_IN } from './signInWords';
import { WORDS } from './words';

/** Stands in place of the page until it is known who is signed in: what is wrong, and that it is tried again. */
export function Waiting({ problem, onRetry }: { problem: Problem; onRetry: () => void }) {
  const words = say(WORDS);
  const title = isOfRedis(problem) ? words.redisDown : problemWords(problem).title;
  useEffect(() => {
    document.title = say(SIGN_IN).title;
  }, []);
  return (
    <main className="console-sign-in">
      <Card>
        <CardTitle component="h1" className="console-brand">
          <img src="/favicon.svg" alt="" width="28" height="28" />
          {say(SIGN_IN).title}
        </CardTitle>
        <CardBody className="console-form">
          <Alert component="h2" isInline variant="danger" title={title} role="alert">
            <p>{isOfRedis(problem) ? words.redisAdvice : words.consoleAdvice}</p>
          </Alert>
          <p className="console-hint">
            <Spinner isInline /> {words.comesBack}
          </p>
          <Button variant="secondary" onClick={onRetry}>
            {words.tryNow}
          </Button>
        </CardBody>
      </Card>
    </main>
  );
}
