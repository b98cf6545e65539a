import { Button, Card, CardBody, CardHeader, CardTitle, FormSelect, FormSelectOption, TextInput } from '../../patternfly';
import { PauseIcon, PlayIcon } from '@patternfly/react-icons';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { count } from '../../format/units';
import type { Level, LogBuffer, LogView } from '../../state/logBuffer';
import { LogLines } from './LogLines';

const CHOICES: { value: Level; label: string }[] = [
  { value: 'debug', label: 'All levels' },
  { value: 'info', label: 'Info and above' },
  { value: 'warning', label: 'Warnings and errors' },
  { value: 'error', label: 'Errors only' },
];

/** What all services say, as they say it. */
export function LogCard({ log }: { log: LogBuffer }) {
  const view = useSyncExternalStore(log.subscribe, log.snapshot);
  const [level, setLevel] = useState<Level>('debug');
  const [text, setText] = useState('');
  const [following, setFollowing] = useState(true);
  useEffect(() => log.setFilter({ level, text }), [log, level, text]);
  const filtered = level !== 'debug' || text.trim() !== '';
  return (
    <Card component="section" aria-label="Log">
      <CardHeader
        className="console-log-header"
        actions={{ hasNoOffset: true, actions: <Tools {...{ level, setLevel, text, setText, following, setFollowing }} /> }}
      >
        <CardTitle component="h2">Log</CardTitle>
      </CardHeader>
      <CardBody>
        <LogLines view={view} following={following} onScrolledAway={() => setFollowing(false)} />
        <p className="console-hint console-log-count">{countOf(view, filtered)}</p>
      </CardBody>
    </Card>
  );
}

interface ToolsProps {
  level: Level;
  setLevel: (level: Level) => void;
  text: string;
  setText: (text: string) => void;
  following: boolean;
  setFollowing: (following: boolean) => void;
}

function Tools({ level, setLevel, text, setText, following, setFollowing }: ToolsProps) {
  return (
    <div className="console-log-tools" role="group" aria-label="Filter the log">
      <FormSelect aria-label="Level" value={level} onChange={(_event, value) => setLevel(value as Level)}>
        {CHOICES.map((choice) => (
          <FormSelectOption key={choice.value} {...choice} />
        ))}
      </FormSelect>
      <TextInput
        type="search"
        aria-label="Text in the log"
        placeholder="Find text, session or service"
        value={text}
        onChange={(_event, value) => setText(value)}
      />
      <Button
        variant="secondary"
        icon={following ? <PauseIcon /> : <PlayIcon />}
        onClick={() => setFollowing(!following)}
      >
        {following ? 'Pause' : 'Follow'}
      </Button>
    </div>
  );
}

function countOf(view: LogView, filtered: boolean): string {
  if (view.total === 0) return 'No lines yet: they appear as soon as a service writes one.';
  const total = `${count(view.total)} ${view.total === 1 ? 'line' : 'lines'}`;
  return filtered ? `${count(view.lines.length)} of ${total} match the filter` : total;
}
