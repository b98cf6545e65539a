import { Link } from 'wouter';
import { dayAndTime, shortened } from '../../format/units';
import { path } from '../../http/client';
import { usePages } from '../../http/pages';
import { Loading } from '../../parts/Loading';
import { Mark } from '../../parts/Mark';
import { MoreButton } from '../../parts/MoreButton';
import { Panel } from '../../parts/Panel';
import { ProblemView } from '../../parts/ProblemView';
import { Table, Tbody, Td, Th, Thead, Tr } from '../../parts/Table';
import type { Decision } from '../../wire/types';
import { decisionWords } from '../../words/decisions';
import { say } from '../../words/language';
import type { DecisionNoted } from './types';
import { WORDS } from './words';

const DECISION = /^decision (retry|refund|write_off)$/;

/** What people decided about disputes, the newest first. */
export function History() {
  const words = say(WORDS);
  const pages = usePages<DecisionNoted>('/audit', { action: 'decide_dispute', limit: 20 });
  const { data, error, refetch } = pages;
  return (
    <Panel title={words.history}>
      {error && <ProblemView problem={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading />}
      {data?.length === 0 && <p className="console-hint">{words.noHistory}</p>}
      {data && data.length > 0 && (
        <div className="console-disputes-scroll">
          <Table variant="compact" aria-label={words.history}>
            <Thead>
              <Tr>
                {Object.values(words.columns).map((name) => (
                  <Th key={name}>{name}</Th>
                ))}
              </Tr>
            </Thead>
            <Tbody>
              {data.map((noted) => (
                <Row key={noted.number} noted={noted} />
              ))}
            </Tbody>
          </Table>
        </div>
      )}
      <MoreButton pages={pages} />
    </Panel>
  );
}

function Row({ noted }: { noted: DecisionNoted }) {
  const words = say(WORDS);
  const { columns } = words;
  const { charge_point_id: point, session_id: session } = noted;
  const decision = DECISION.exec(noted.detail ?? '')?.[1] as Decision | undefined;
  return (
    <Tr>
      <Td dataLabel={columns.at}>{dayAndTime(noted.at)}</Td>
      <Td dataLabel={columns.who}>{noted.who.name}</Td>
      <Td dataLabel={columns.session}>
        {point && session ? (
          <Link href={path`/sessions/${point}/${session}`} title={session}>
            {point} · {shortened(session, 8, 4)}
          </Link>
        ) : (
          '–'
        )}
      </Td>
      <Td dataLabel={columns.decision}>{decision ? decisionWords(decision, '', '').label : (noted.detail ?? '–')}</Td>
      <Td dataLabel={columns.outcome}>
        <Mark tone={noted.outcome === 'resolved' ? 'success' : 'warning'}>{words.outcomes[noted.outcome] ?? noted.outcome}</Mark>
      </Td>
    </Tr>
  );
}
