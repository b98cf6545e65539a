import { Component, type ReactNode, useEffect } from 'react';
import { Alert, AlertActionLink } from '../patternfly';
import { say } from '../words/language';
import { useIsLive } from './live';
import { WORDS } from './words';

/** Keeps a view that throws from taking the whole page along. */
export class Broken extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return isUnloaded(error) ? <Unloaded /> : <Thrown error={error} />;
  }
}

function Thrown({ error }: { error: Error }) {
  const words = say(WORDS);
  return (
    <Alert
      component="h1"
      isInline
      variant="danger"
      title={words.broken}
      actionLinks={<AlertActionLink onClick={() => window.location.reload()}>{words.loadAgain}</AlertActionLink>}
    >
      <p>{words.brokenAdvice}</p>
      <code>{error.message}</code>
    </Alert>
  );
}

/** A browser does not ask again for a script that it could not have; only the page anew helps. */
function Unloaded() {
  const words = say(WORDS);
  const isLive = useIsLive();
  useEffect(() => {
    // It may also be gone for good, with an old page open: then loading again at once is right, too, but never in a loop.
    if (isLive && mayReload()) window.location.reload();
  }, [isLive]);
  return (
    <Alert
      component="h1"
      isInline
      variant="danger"
      title={words.unloaded}
      actionLinks={<AlertActionLink onClick={() => window.location.reload()}>{words.loadAgain}</AlertActionLink>}
    >
      <p>{words.unloadedAdvice}</p>
    </Alert>
  );
}

function isUnloaded(error: Error): boolean {
  return /dynamically imported module|Importing a module script failed|Unable to preload CSS/i.test(error.message);
}

const RELOADED_AT = 'noroam.reloaded';
const LEAST_BETWEEN_MS = 30_000;

function mayReload(): boolean {
  try {
    const last = Number(sessionStorage.getItem(RELOADED_AT) ?? 0);
    sessionStorage.setItem(RELOADED_AT, String(Date.now()));
    return Date.now() - last > LEAST_BETWEEN_MS;
  } catch {
    return false;
  }
}
