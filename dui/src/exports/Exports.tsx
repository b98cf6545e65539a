import { DownloadIcon } from '@patternfly/react-icons';
import { useState } from 'react';
import type { Query } from '../http/client';
import { download } from '../http/download';
import { useRead } from '../http/hooks';
import type { Problem } from '../http/problem';
import { ProblemView } from '../parts/ProblemView';
import { Button } from '../patternfly';
import { say } from '../words/language';
import { WORDS } from './words';
import './exports.css';

const KINDS = ['csv', 'parquet'] as const;
type Kind = (typeof KINDS)[number];

interface Formats {
  formats: readonly string[];
}

interface ExportsProps {
  /** Which sessions, as the API takes it. */
  query: Query;
  /** What they are, for who can't see it. */
  label: string;
}

/** Chosen sessions as files. */
export function Exports({ query, label }: ExportsProps) {
  const words = say(WORDS);
  const [making, setMaking] = useState<Kind | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [made, setMade] = useState('');
  const formats = useRead<Formats>('/exports').data?.formats;
  const isMissing = formats !== undefined && !formats.includes('parquet');
  const save = async (kind: Kind) => {
    setMaking(kind);
    setProblem(null);
    setMade('');
    try {
      setMade(await download(`/exports/sessions.${kind}`, query));
    } catch (error) {
      setProblem(error as Problem);
    } finally {
      setMaking(null);
    }
  };
  return (
    <div className="console-exports" role="group" aria-label={label}>
      {KINDS.map((kind) => (
        <Button
          key={kind}
          variant="secondary"
          icon={<DownloadIcon />}
          isLoading={making === kind}
          isDisabled={making !== null || (kind === 'parquet' && isMissing)}
          title={label}
          onClick={() => void save(kind)}
        >
          {kind === 'csv' ? 'CSV' : 'Parquet'}
        </Button>
      ))}
      {isMissing && <span className="console-hint">{words.noParquet}</span>}
      <span role="status" className="console-hint">
        {made && words.exported(made)}
      </span>
      {problem && (problem.status === 0 ? <p role="alert">{words.brokeOff}</p> : <ProblemView problem={problem} />)}
    </div>
  );
}
