import { DownloadIcon } from '@patternfly/react-icons';
import { useState } from 'react';
import { download } from '../../../http/download';
import type { Problem } from '../../../http/problem';
import { ProblemView } from '../../../parts/ProblemView';
import { Button } from '../../../patternfly';
import { say } from '../../../words/language';
import { type Choice, queryOf } from '../choice';
import { WORDS } from '../words';

const KINDS = ['csv', 'parquet'] as const;
type Kind = (typeof KINDS)[number];

/** All sessions of the choice as files. */
export function Exports({ choice }: { choice: Choice }) {
  const words = say(WORDS);
  const [making, setMaking] = useState<Kind | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [made, setMade] = useState('');
  const save = async (kind: Kind) => {
    setMaking(kind);
    setProblem(null);
    setMade('');
    try {
      setMade(await download(`/exports/sessions.${kind}`, queryOf(choice)));
    } catch (error) {
      setProblem(error as Problem);
    } finally {
      setMaking(null);
    }
  };
  return (
    <div className="console-sessions-exports" role="group" aria-label={`${words.export}: ${words.exportHint}`}>
      {KINDS.map((kind) => (
        <Button
          key={kind}
          variant="secondary"
          icon={<DownloadIcon />}
          isLoading={making === kind}
          isDisabled={making !== null}
          title={words.exportHint}
          onClick={() => void save(kind)}
        >
          {kind === 'csv' ? 'CSV' : 'Parquet'}
        </Button>
      ))}
      <span role="status" className="console-hint">
        {made && words.exported(made)}
      </span>
      {problem && (problem.status === 0 ? <p role="alert">{words.brokeOff}</p> : <ProblemView problem={problem} />)}
    </div>
  );
}
