import { useEffect, useRef, useState } from 'react';
import { ask } from '../../http/client';
import { Problem } from '../../http/problem';
import { ProblemView } from '../../parts/ProblemView';
import { Button } from '../../patternfly';
import type { LogBuffer, LogView } from '../../state/logBuffer';
import { say } from '../../words/language';
import type { LogLine } from '../../wire/types';
import { WORDS } from './words';

const AT_ONCE = 1000;

interface Page {
  items: LogLine[];
  next_before: string | null;
}

interface OlderLinesProps {
  log: LogBuffer;
  view: LogView;
  onLoad: () => void;
}

/** Loads lines from before the page was opened: some more, or all that are kept. */
export function OlderLines({ log, view, onLoad }: OlderLinesProps) {
  const words = say(WORDS);
  const loading = useRef<AbortController | null>(null);
  const [isLoading, setLoading] = useState(false);
  const [hasAll, setHasAll] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => () => loading.current?.abort(), []);

  const load = async (all: boolean) => {
    const control = (loading.current = new AbortController());
    setLoading(true);
    setProblem(null);
    onLoad();
    try {
      do {
        const before = log.firstId;
        const page = await ask<Page>('GET', '/log', { before, limit: AT_ONCE }, undefined, control.signal);
        log.prepend(page.items.reverse());
        if (page.next_before === null) setHasAll(true);
        if (page.next_before === null || !log.hasRoom) break;
      } while (all);
    } catch (error) {
      if (error instanceof Problem) setProblem(error);
      else if (!control.signal.aborted) throw error;
    } finally {
      if (loading.current === control) setLoading(false);
    }
  };

  if (isLoading) {
    return (
      <Button variant="secondary" isLoading onClick={() => loading.current?.abort()}>
        {words.stop}
      </Button>
    );
  }
  if (problem) return <ProblemView problem={problem} onRetry={() => void load(false)} />;
  if (view.total > 0 && !log.hasRoom) return <p className="console-hint">{words.full}</p>;
  if (hasAll) return <p className="console-hint">{words.noOlder}</p>;
  return (
    <span className="console-log-older">
      <Button variant="secondary" onClick={() => void load(false)}>
        {words.older}
      </Button>
      <Button variant="link" onClick={() => void load(true)}>
        {words.all}
      </Button>
    </span>
  );
}
