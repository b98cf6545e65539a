import { useEffect, useState } from 'react';
import { Spinner } from '../patternfly';
import { say } from '../words/language';
import { WORDS } from './words';

const PATIENCE_MS = 200;

/** Says that something is on its way, unless it comes at once. */
export function Loading() {
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return <div className="console-loading">{isSlow && <Spinner size="lg" aria-label={say(WORDS).loading} />}</div>;
}
