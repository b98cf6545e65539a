import { type FormEvent, useState } from 'react';
import { ask } from '../http/client';
import { Problem } from '../http/problem';
import { Field } from '../parts/Field';
import { problemWords } from '../parts/problemWords';
import { Alert, Button, Card, CardBody, CardTitle, TextInput } from '../patternfly';
import { say } from '../words/language';
import { WORDS } from './signInWords';

interface SignInProps {
  accountsExist: boolean;
  onSignedIn: () => void;
}

/** Asks for name and password; where there is no account yet, tells how the first is made. */
export default function SignIn({ accountsExist, onSignedIn }: SignInProps) {
  const words = say(WORDS);
  return (
    <main className="console-sign-in">
      <Card>
        <CardTitle component="h1" className="console-brand">
          <img src="/favicon.svg" alt="" width="28" height="28" />
          {words.title}
        </CardTitle>
        <CardBody>
          {!accountsExist && (
            <Alert component="h2" isInline variant="info" title={words.noAccount}>
              <p>{words.noAccountAdvice}</p>
              <code>noroam account add NAME --role administrator</code>
            </Alert>
          )}
          <Form onSignedIn={onSignedIn} />
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
  const send = async (event: FormEvent) => {
    event.preventDefault();
    setWaiting(true);
    setProblem(null);
    try {
      await ask('POST', '/sign-in', undefined, { name, password });
      onSignedIn();
    } catch (error) {
      setProblem(error instanceof Problem ? error : new Problem(0, '', String(error)));
      setPassword('');
    } finally {
      setWaiting(false);
    }
  };
  return (
    <form className="console-form" onSubmit={(event) => void send(event)}>
      <div aria-live="assertive">{problem && <Alert component="h2" isInline variant="danger" title={said(problem)} />}</div>
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
      <Button type="submit" variant="primary" isBlock isLoading={isWaiting} isDisabled={isWaiting || !name || !password}>
        {words.signIn}
      </Button>
    </form>
  );
}

function said(problem: Problem): string {
  const words = say(WORDS);
  if (problem.status === 401) return words.wrong;
  if (problem.status === 429) return words.tooMany(problem.retryAfter ?? 60);
  return problemWords(problem).title;
}
