import { useEffect, useRef } from 'react';
import { Copyable } from '../../parts/Copyable';
import { Alert, Button } from '../../patternfly';
import { say } from '../../words/language';
import { WORDS } from './words';

interface ShownOnceProps {
  title: string;
  /** What it is, for who can't see it. */
  name: string;
  text: string;
  hint?: string;
  onClose: () => void;
}

/** A secret that nobody can have again; it stays until somebody says to have it. */
export function ShownOnce({ title, name, text, hint, onClose }: ShownOnceProps) {
  const words = say(WORDS);
  const shown = useRef<HTMLDivElement>(null);
  useEffect(() => shown.current?.focus(), []);
  return (
    <div ref={shown} tabIndex={-1} className="console-settings-once">
      <Alert isInline component="h3" variant="success" title={title}>
        <p>{words.once}</p>
        {hint && <p>{hint}</p>}
        <p className="console-settings-secret">
          <Copyable text={text} name={name} whole />
        </p>
        <Button variant="secondary" onClick={onClose}>
          {words.gotIt}
        </Button>
      </Alert>
    </div>
  );
}
