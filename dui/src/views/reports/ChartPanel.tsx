import { type ReactNode, useState } from 'react';
import { Panel } from '../../parts/Panel';
import { Button } from '../../patternfly';
import { say } from '../../words/language';
import { WORDS } from './words';

interface ChartPanelProps {
  title: string;
  /** What the chart can be made to show. */
  choices?: ReactNode;
  chart: ReactNode;
  table: ReactNode;
}

/** A chart, and the same in a table. */
export function ChartPanel({ title, choices, chart, table }: ChartPanelProps) {
  const words = say(WORDS);
  const [isTable, setTable] = useState(false);
  return (
    <Panel
      title={title}
      className="console-reports-panel"
      actions={
        <Button variant="link" isInline className="console-reports-unprinted" onClick={() => setTable(!isTable)}>
          {isTable ? words.asChart : words.asTable}
        </Button>
      }
    >
      {choices && <div className="console-reports-fields console-reports-unprinted">{choices}</div>}
      {isTable ? <div className="console-reports-scroll">{table}</div> : chart}
    </Panel>
  );
}

interface PickProps<T extends string> {
  label: string;
  value: T;
  names: Readonly<Record<T, string>>;
  onPick: (value: T) => void;
}

/** A few things to choose from, side by side. */
export function Pick<T extends string>({ label, value, names, onPick }: PickProps<T>) {
  return (
    <div role="group" aria-label={label} className="console-reports-pick">
      <span className="console-hint" aria-hidden="true">
        {label}
      </span>
      {(Object.entries(names) as [T, string][]).map(([each, name]) => (
        <Button key={each} size="sm" variant={each === value ? 'secondary' : 'plain'} aria-pressed={each === value} onClick={() => onPick(each)}>
          {name}
        </Button>
      ))}
    </div>
  );
}
