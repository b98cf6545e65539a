import { Component, type ReactNode, useEffect } from 'react';
import { Alert, AlertActionLink } from '../patternfly';
import { say } from '../words/language';
import { useIsLive } from './live';
import { WORDS } from './words';

interface BrokenProps {
  children: ReactNode;
  /** What stands in its place; else what befits a whole view. */
  instead?: ReactNode;
  onBreak?: () => void;
}

/** Keeps what throws from taking the whole page along. */
export class Broken extends Component<BrokenProps, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override componentDidCatch(): void {
    this.props.onBreak?.();
  }

  override render(): ReactNode {
    const { error } = this.state;
    const { children, instead } = this.props;
    if (!error) return children;
    if (instead !== undefined) return instead;
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
    // It may also be gone for good, with an old page open: then loading again is right, too, but not in a loop.
    const wait = isLive ? untilReload() : null;
    if (wait === null) return undefined;
    const timer = setTimeout(reload, wait);
    return () => clearTimeout(timer);
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

/** How long to wait before the page may load itself again, in milliseconds; null: it can't know, so never. */
function untilReload(): number | null {
  try {
    const last = Number(sessionStorage.getItem(RELOADED_AT) ?? 0);
    return Math.max(0, last + LEAST_BETWEEN_MS - Date.now());
  } catch {
    return null;
  }
}

function reload(): void {
  sessionStorage.setItem(RELOADED_AT, String(Date.now()));
  window.location.reload();
}
