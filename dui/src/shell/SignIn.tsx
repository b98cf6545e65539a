import { type FormEvent, useEffect, useState } from 'react';
import { duration } from '../format/units';
import { ask } from '../http/client';
import { Problem } from '../http/problem';
import { Field } from '../parts/Field';
import { ProblemView } from '../parts/ProblemView';
import { Alert, Button, Card, CardBody, CardTitle, TextInput } from '../patternfly';
import { say } from '../words/language';
import { WORDS } from './signInWords';
import { WORDS as SHELL } from './words';

const UNAUTHORIZED = 401;
const TOO_MANY = 429;
/** Where the server does not say how long. */
const LOCKED_S = 60;

interface SignInProps {
  accountsExist: boolean;
  onSignedIn: () => void;
}

/** Asks for name and password; where there is no account yet, tells how the first is made. */
export default function SignIn({ accountsExist, onSignedIn }: SignInProps) {
  const words = say(WORDS);
  useEffect(() => {
    document.title = words.title;
  }, [words]);
  return (
    <main className="console-sign-in">
      <Card>
        <CardTitle component="h1" className="console-brand">
          <img src="/favicon.svg" alt="" width="28" height="28" />
          {words.title}
        </CardTitle>
        <CardBody className="console-form">
          {!accountsExist && (
            <Alert component="h2" isInline variant="info" title={words.noAccount}>
              <p>{words.noAccountAdvice}</p>
              <code>noroam account add NAME --role administrator</code>
            </Alert>
          )}
          {window.location.pathname !== '/' && <p className="console-hint">{words.goesOn}</p>}
          <Form onSignedIn={onSignedIn} />
          <a href="/api/">{say(SHELL).apiPage}</a>
        </CardBody>
      </Card>
    </main>
  );
}

function Form({ onSignedIn }: { onSignedIn: () => void }) {
  const words = say(WORDS);
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [isWaiting, setWaiting] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [lockedFor, lock] = useSecondsLeft();
  const send = async (event: FormEvent) => {
    event.preventDefault();
    setWaiting(true);
    setProblem(null);
    try {
      await ask('POST', '/sign-in', undefined, { name, password });
      onSignedIn();
    } catch (error) {
      const found = error instanceof Problem ? error : new Problem(0, '', String(error));
      setProblem(found);
      setPassword('');
      if (found.status === TOO_MANY) lock(found.retryAfter ?? LOCKED_S);
    } finally {
      setWaiting(false);
    }
  };
  return (
    <form className="console-form" onSubmit={(event) => void send(event)}>
      {problem && <Refusal problem={problem} />}
      <Field label={words.name}>
        {(field) => (
          <TextInput {...field} autoComplete="username" autoFocus isRequired value={name} onChange={(_event, text) => setName(text)} />
        )}
      </Field>
      <Field label={words.password}>
        {(field) => (
          <TextInput
            {...field}
            type="password"
            autoComplete="current-password"
            isRequired
            value={password}
            onChange={(_event, text) => setPassword(text)}
          />
        )}
      </Field>
      <Button type="submit" variant="primary" isBlock isLoading={isWaiting} isDisabled={isWaiting || lockedFor > 0 || !name || !password}>
        {lockedFor > 0 ? words.again(duration(lockedFor * 1000)) : words.signIn}
      </Button>
    </form>
  );
}

function Refusal({ problem }: { problem: Problem }) {
  const words = say(WORDS);
  const own: Readonly<Record<number, string>> = { [UNAUTHORIZED]: words.wrong, [TOO_MANY]: words.tooMany };
  const title = own[problem.status];
  return title ? <Alert component="h2" isInline variant="danger" role="alert" title={title} /> : <ProblemView problem={problem} />;
}

/** Seconds that still have to pass, and the way to start them. */
function useSecondsLeft(): [number, (seconds: number) => void] {
  const [left, setLeft] = useState(0);
  const isCounting = left > 0;
  useEffect(() => {
    if (!isCounting) return undefined;
    const timer = setInterval(() => setLeft((before) => Math.max(0, before - 1)), 1000);
    return () => clearInterval(timer);
  }, [isCounting]);
  return [left, setLeft];
}
