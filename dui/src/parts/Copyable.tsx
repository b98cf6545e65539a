import { Button } from '../patternfly';
import { CheckIcon, CopyIcon } from '@patternfly/react-icons';
import { useEffect, useState } from 'react';
import { shortened } from '../format/units';
import { say } from '../words/language';
import { WORDS } from './words';

interface CopyableProps {
  text: string;
  /** What it is, for who can't see it: "DID". */
  name: string;
  /** Show it whole and let it wrap. */
  whole?: boolean;
}

/** A long name in fixed width, with a button that copies all of it. */
export function Copyable({ text, name, whole = false }: CopyableProps) {
  const words = say(WORDS);
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <span className="console-copyable">
      <code title={text}>{whole ? text : shortened(text, 10, 8)}</code>
      <Button
        variant="plain"
        size="sm"
        aria-label={copied ? words.copied(name) : words.copy(name)}
        icon={copied ? <CheckIcon /> : <CopyIcon />}
        onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
      />
      <span className="pf-v6-screen-reader" aria-live="polite">
        {copied ? words.copied(name) : ''}
      </span>
    </span>
  );
}
