import { HistoryIcon } from '@patternfly/react-icons';
import { Link, useSearchParams } from 'wouter';
import { dayAndTime, shortened } from '../../../format/units';
import { path } from '../../../http/client';
import { usePages } from '../../../http/pages';
import { EmptyView } from '../../../parts/EmptyView';
import { Loading } from '../../../parts/Loading';
import { Mark } from '../../../parts/Mark';
import { MoreButton } from '../../../parts/MoreButton';
import { Panel } from '../../../parts/Panel';
import { ProblemView } from '../../../parts/ProblemView';
import { Table, Tbody, Td, Th, Thead, Tr } from '../../../parts/Table';
import { Button } from '../../../patternfly';
import { WORDS as SHELL } from '../../../shell/words';
import { say } from '../../../words/language';
import type { AuditEntry } from '../../../wire/types';
import { WORDS } from '../words';
import { actionWords } from './actions';
import { auditQuery } from './choice';
import { Filters } from './Filters';
import { outcomeTone, outcomeWords } from './outcome';

const LIMIT = 50;

/** Who changed what, when, and what became of it. */
export function AuditTrail() {
  const { tabs, audit: words } = say(WORDS);
  const [search, setSearch] = useSearchParams();
  const query = auditQuery(search);
  const pages = usePages<AuditEntry>('/audit', { ...query, limit: LIMIT });
  const entries = pages.data ?? [];
  return (
    <Panel title={tabs.audit}>
      <div className="console-settings-part">
        <p className="console-hint">{words.about}</p>
        <Filters />
        {pages.error && <ProblemView problem={pages.error} onRetry={() => void pages.refetch()} />}
        {pages.isPending && <Loading />}
        {pages.isSuccess && entries.length === 0 && !pages.hasNextPage && (
          <Nothing isChosen={Object.keys(query).length > 0} onClear={() => setSearch({})} />
        )}
        {entries.length > 0 && <Entries entries={entries} />}
        <MoreButton pages={pages} />
      </div>
    </Panel>
  );
}

function Nothing({ isChosen, onClear }: { isChosen: boolean; onClear: () => void }) {
  const words = say(WORDS).audit;
  if (!isChosen) {
    return (
      <EmptyView icon={HistoryIcon} title={words.noneYet} level="h3">
        {words.noneYetAdvice}
      </EmptyView>
    );
  }
  return (
    <EmptyView icon={HistoryIcon} title={words.none} level="h3">
      <p>{words.noneAdvice}</p>
      <Button variant="link" onClick={onClear}>
        {words.clear}
      </Button>
    </EmptyView>
  );
}

function Entries({ entries }: { entries: readonly AuditEntry[] }) {
  const { tabs, audit: words } = say(WORDS);
  return (
    <Table aria-label={tabs.audit} variant="compact">
      <Thead>
        <Tr>
          {[words.at, words.who, words.action, words.what, words.outcome, words.source].map((name) => (
            <Th key={name}>{name}</Th>
          ))}
        </Tr>
      </Thead>
      <Tbody>
        {entries.map((entry) => (
          <Row key={entry.number} entry={entry} />
        ))}
      </Tbody>
    </Table>
  );
}

function Row({ entry }: { entry: AuditEntry }) {
  const words = say(WORDS).audit;
  const roles: Readonly<Record<string, string>> = say(SHELL).account.roles;
  return (
    <Tr data-action={entry.action}>
      <Td dataLabel={words.at}>{dayAndTime(entry.at)}</Td>
      <Td dataLabel={words.who}>
        {entry.who.name} <span className="console-hint">{roles[entry.who.role] ?? entry.who.role}</span>
      </Td>
      <Td dataLabel={words.action}>{actionWords(entry.action)}</Td>
      <Td dataLabel={words.what}>
        <About entry={entry} />
      </Td>
      <Td dataLabel={words.outcome}>
        <Mark tone={outcomeTone(entry)}>{outcomeWords(entry.outcome)}</Mark>
      </Td>
      <Td dataLabel={words.source}>{words.sources[entry.source]}</Td>
    </Tr>
  );
}

function About({ entry }: { entry: AuditEntry }) {
  const words = say(WORDS).audit;
  const { charge_point_id: point, connector_id: connector, session_id: session } = entry;
  return (
    <span className="console-settings-about">
      {point && <Link href={path`/charge-points/${point}`}>{point}</Link>}
      {connector !== null && <span>{words.connector(connector)}</span>}
      {point && session && (
        <Link href={path`/sessions/${point}/${session}`} title={session}>
          {words.ofSession} {shortened(session)}
        </Link>
      )}
      {entry.subject && <code>{entry.subject}</code>}
      {entry.detail && <span className="console-hint">{entry.detail}</span>}
      {!point && !entry.subject && !entry.detail && '–'}
    </span>
  );
}
