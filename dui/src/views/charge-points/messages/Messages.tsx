import { EnvelopeOpenIcon } from '@patternfly/react-icons';
import { useState } from 'react';
import { useSearchParams } from 'wouter';
import { path } from '../../../http/client';
import { useRead } from '../../../http/hooks';
import { EmptyView } from '../../../parts/EmptyView';
import { Loading } from '../../../parts/Loading';
import { Panel } from '../../../parts/Panel';
import { ProblemView } from '../../../parts/ProblemView';
import { Table, Tbody, Th, Thead, Tr } from '../../../parts/Table';
import { withParameter } from '../../../parts/withParameter';
import { Button, FormSelect, FormSelectOption, Switch } from '../../../patternfly';
import { count } from '../../../format/units';
import { say } from '../../../words/language';
import { ACTIONS } from './actions';
import { MessageRow } from './MessageRow';
import { useMessages } from './useMessages';
import { WORDS } from './words';

/** What the charge point and the gateway said to each other. */
export default function Messages({ id }: { id: string }) {
  const words = say(WORDS);
  const [search, setSearch] = useSearchParams();
  const [isFollowing, setFollowing] = useState(true);
  const of = (name: string) => search.get(name) ?? '';
  const choice = { action: of('action'), direction: of('direction'), outcome: of('outcome') };
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage, refetch } = useMessages(id, choice, isFollowing);
  const set = (name: string, value: string) =>
    setSearch(withParameter(name, value));
  const choices = [
    { name: 'action', label: words.action, any: words.anyAction, values: ACTIONS.map((action) => [action, action] as const) },
    { name: 'direction', label: words.direction, any: words.anyDirection, values: [['received', words.received], ['sent', words.sent]] as const },
    { name: 'outcome', label: words.outcome, any: words.anyOutcome, values: Object.entries(words.outcomes) },
  ];
  return (
    <>
      <Panel title={words.title}>
        <p className="console-hint">{words.about}</p>
        <div className="console-cp-filters" role="search">
          {choices.map(({ name, label, any, values }) => (
            <FormSelect key={name} aria-label={label} value={of(name)} onChange={(_event, value) => set(name, value)}>
              <FormSelectOption value="" label={any} />
              {values.map(([value, text]) => (
                <FormSelectOption key={value} value={value} label={text} />
              ))}
            </FormSelect>
          ))}
          <Switch label={words.follow} isChecked={isFollowing} onChange={(_event, isOn) => setFollowing(isOn)} />
        </div>
        {error && <ProblemView problem={error} onRetry={() => void refetch()} />}
        {!data && !error && <Loading />}
        {data?.length === 0 && (
          <EmptyView icon={EnvelopeOpenIcon} title={words.none} level="h3">
            {words.noneAdvice}
          </EmptyView>
        )}
        {data && data.length > 0 && (
          <div className="console-cp-scroll">
            <Table variant="compact" aria-label={words.title}>
              <Thead>
                <Tr>
                  {[words.at, words.direction, words.action, words.outcome, words.latency, words.gist].map((name) => (
                    <Th key={name} modifier="nowrap">{name}</Th>
                  ))}
                </Tr>
              </Thead>
              <Tbody>
                {data.map((message, place) => (
                  <MessageRow key={`${message.at} ${message.message_id ?? place}`} message={message} />
                ))}
              </Tbody>
            </Table>
          </div>
        )}
        {hasNextPage && (
          <Button variant="secondary" isLoading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {words.older}
          </Button>
        )}
      </Panel>
      <Counts id={id} />
    </>
  );
}

/** What the gateway tolerated, and what was wrong. */
function Counts({ id }: { id: string }) {
  const { data } = useRead<{ counts: Record<string, number> }>(path`/charge-points/${id}/messages/counts`, {}, { every: 30_000 });
  const words = say(WORDS);
  const counts = Object.entries(data?.counts ?? {}).filter(([, number]) => number > 0);
  if (counts.length === 0) return null;
  return (
    <Panel title={words.counts}>
      <dl className="console-facts">
        {counts.map(([name, number]) => (
          <div key={name} className="console-fact">
            <dt>{words.counted[name] ?? name.replaceAll('_', ' ')}</dt>
            <dd>{count(number)}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
