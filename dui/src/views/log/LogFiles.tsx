import { DownloadIcon } from '@patternfly/react-icons';
import { address } from '../../http/client';
import { Button } from '../../patternfly';
import type { LogFilter } from '../../state/logFilter';
import { say } from '../../words/language';
import { queryOf } from './useLogFilter';
import { WORDS } from './words';

/** All kept lines that pass the filter, as files. */
export function LogFiles({ filter }: { filter: LogFilter }) {
  const words = say(WORDS);
  const query = queryOf(filter);
  return (
    <>
      <Button variant="secondary" component="a" href={address('/log/lines.txt', query)} download icon={<DownloadIcon />}>
        {words.asText}
      </Button>
      <Button variant="link" component="a" href={address('/log/lines.ndjson', query)} download>
        {words.asJson}
      </Button>
    </>
  );
}
