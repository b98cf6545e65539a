import { useSearchParams } from 'wouter';
import { count, dayAndTime, shortened } from '../../format/units';
import { path } from '../../http/client';
import { usePages } from '../../http/pages';
import { Loading } from '../../parts/Loading';
import { MoreButton } from '../../parts/MoreButton';
import { Panel } from '../../parts/Panel';
import { ProblemView } from '../../parts/ProblemView';
import { Button } from '../../patternfly';
import { say } from '../../words/language';
import type { Change, ChangedBlock } from './types';
import { WORDS } from './words';

const LIMIT = 20;
const FOREVER_YEAR = 9999;

/** Every change of the DID that the chain holds, the newest first. */
export function HistoryPanel({ id }: { id: string }) {
  const words = say(WORDS);
  const pages = usePages<ChangedBlock>(path`/charge-points/${id}/identity/history`, { limit: LIMIT });
  const [, setSearch] = useSearchParams();
  return (
    <Panel title={words.history}>
      <div className="console-identity-part">
        <p className="console-hint">{words.historyAbout}</p>
        {pages.isPending && <Loading />}
        {pages.error && <ProblemView problem={pages.error} onRetry={() => void pages.refetch()} />}
        {pages.data?.length === 0 && <p className="console-hint">{words.noHistory}</p>}
        <ol className="console-identity-history">
          {pages.data?.map((changed) => (
            <li key={changed.block}>
              <p className="console-identity-block">
                <strong>{words.block(count(changed.block))}</strong>
                <time dateTime={changed.at}>{dayAndTime(changed.at)}</time>
                <Button variant="link" isInline onClick={() => setSearch({ block: String(changed.block) })}>
                  {words.documentThen}
                </Button>
                <span className="console-hint">
                  {words.signed} <code title={changed.owner}>{shortened(changed.owner)}</code>
                </span>
              </p>
              <ul>
                {changed.changes.map((change, place) => (
                  <li key={place}>
                    <Changed change={change} />
                  </li>
                ))}
              </ul>
            </li>
          ))}
        </ol>
        <MoreButton pages={pages} />
      </div>
    </Panel>
  );
}

function Changed({ change }: { change: Change }) {
  const words = say(WORDS);
  return (
    <details>
      <summary>
        {words.kinds[change.kind]} {change.name && <strong>{change.name}</strong>}{' '}
        <span className="console-hint">{lasting(change)}</span>
      </summary>
      <code>{change.value}</code>
    </details>
  );
}

function lasting({ kind, revoked, until }: Change): string {
  const words = say(WORDS);
  if (revoked) return kind === 'owner' ? words.givenUpThen : words.taken;
  const ends = until !== null && new Date(until).getUTCFullYear() < FOREVER_YEAR;
  return ends ? words.validUntil(dayAndTime(until)) : '';
}
