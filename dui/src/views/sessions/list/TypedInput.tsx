import { useEffect, useRef, useState } from 'react';
import { TextInput } from '../../../patternfly';

const PAUSE_MS = 400;

interface TypedInputProps {
  id: string;
  'aria-describedby'?: string;
  validated?: 'error';
  type?: 'search' | 'text' | 'number';
  value: string;
  onChange: (value: string) => void;
}

/** A text that counts once its writer pauses, or presses Enter. */
export function TypedInput({ value, onChange, type = 'text', ...field }: TypedInputProps) {
  const [draft, setDraft] = useState(value);
  const told = useRef(value);
  useEffect(() => {
    if (value === told.current) return;
    told.current = value;
    setDraft(value);
  }, [value]);
  const tell = (text: string) => {
    if (text === told.current) return;
    told.current = text;
    onChange(text);
  };
  const newest = useRef(tell);
  newest.current = tell;
  useEffect(() => {
    const timer = setTimeout(() => newest.current(draft.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [draft]);
  return (
    <TextInput
      {...field}
      type={type}
      value={draft}
      onChange={(_event, text) => setDraft(text)}
      onKeyDown={(event) => event.key === 'Enter' && tell(draft.trim())}
    />
  );
}
