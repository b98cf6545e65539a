import { DownloadIcon } from '@patternfly/react-icons';
import { Button } from '../../patternfly';
import { say } from '../../words/language';
import type { Choice } from './choice';
import { exportHref } from './links';
import type { Report } from './types';
import { WORDS } from './words';

const KINDS = { csv: 'CSV', parquet: 'Parquet' } as const;

/** The report's sessions as files. */
export function Downloads({ choice, report }: { choice: Choice; report: Report }) {
  return (
    <div role="group" aria-label={say(WORDS).downloads} className="console-reports-actions">
      {(['csv', 'parquet'] as const).map((kind) => (
        <Button
          key={kind}
          component="a"
          variant="secondary"
          href={exportHref(kind, choice, report)}
          download
          icon={<DownloadIcon />}
          title={say(WORDS).downloads}
        >
          {KINDS[kind]}
        </Button>
      ))}
    </div>
  );
}
