import { BalanceScaleIcon } from '@patternfly/react-icons';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import { path } from '../../http/client';
import { usePages } from '../../http/pages';
import { AnswerView } from '../../parts/AnswerView';
import { EmptyView } from '../../parts/EmptyView';
import { Loading } from '../../parts/Loading';
import { MoreButton } from '../../parts/MoreButton';
import { PageTitle } from '../../parts/PageTitle';
import { Panel } from '../../parts/Panel';
import { ProblemView } from '../../parts/ProblemView';
import { useConsole } from '../../shell/live';
import { useMay } from '../../shell/me';
import type { Answer } from '../../wire/types';
import { say } from '../../words/language';
import { DisputeItem } from './DisputeItem';
import { History } from './History';
import type { Decided, DecisionTold, Dispute } from './types';
import { WORDS } from './words';
import './disputes.css';

/** Sessions that wait for their payout, what can be done about each, and what was decided before. */
export default function Disputes() {
  const words = say(WORDS);
  const pages = usePages<Dispute>('/disputes', { limit: 50 });
  const { data, error, refetch } = pages;
  const [decided, setDecided] = useState<readonly Decided[]>([]);
  const isOperator = useMay('operator');
  useFresh();
  return (
    <>
      <PageTitle hint={words.about}>{words.title}</PageTitle>
      {error && <ProblemView problem={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading />}
      <Answers decided={decided} />
      {data?.length === 0 && (
        <EmptyView icon={BalanceScaleIcon} title={words.none}>
          {words.noneAdvice}
        </EmptyView>
      )}
      {data && data.length > 0 && (
        <Panel title={words.waiting}>
          <ul className="console-disputes-list">
            {data.map((dispute) => (
              <DisputeItem
                key={`${dispute.charge_point_id} ${dispute.session_id}`}
                dispute={dispute}
                onDecided={(one) => setDecided((before) => [one, ...before])}
              />
            ))}
          </ul>
          <MoreButton pages={pages} />
        </Panel>
      )}
      {isOperator && <History />}
    </>
  );
}

/** What the Session Manager answered; it stays when the dispute itself is gone. */
function Answers({ decided }: { decided: readonly Decided[] }) {
  const words = say(WORDS);
  return (
    <div aria-live="polite" className="console-disputes-answers">
      {decided.length > 0 && (
        <Panel title={words.answers}>
          <ul className="console-disputes-list">
            {decided.map(({ chargePointId, told, at }) => (
              <li key={at.getTime()} data-decided={told.session_id}>
                <AnswerView answer={asAnswer(told)} at={at} />
                <p className="console-hint">
                  {chargePointId} · <Link href={path`/sessions/${chargePointId}/${told.session_id}`}>{words.look}</Link>
                </p>
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </div>
  );
}

function asAnswer({ outcome, decision, reason }: DecisionTold): Answer {
  if (outcome === 'resolved') return { type: 'DisputeResolved', decision };
  return { type: 'DisputeResolveRefused', reason: outcome === 'timeout' ? 'timeout' : reason };
}

/** Reads the disputes again whenever the console tells of others. */
function useFresh(): void {
  const { ids, stations } = useConsole();
  const client = useQueryClient();
  const told = ids.flatMap((id) => stations[id]?.disputes ?? []).map((each) => `${each.session_id} ${each.phase} ${each.reasons.join()}`).join('\n');
  useEffect(() => {
    void client.invalidateQueries({ queryKey: ['/disputes'] });
  }, [client, told]);
}
