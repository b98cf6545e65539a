import { KeyIcon } from '@patternfly/react-icons';
import { useState } from 'react';
import { count, dayAndTime } from '../../../format/units';
import { path } from '../../../http/client';
import { useChange, useRead } from '../../../http/hooks';
import { Confirm } from '../../../parts/Confirm';
import { EmptyView } from '../../../parts/EmptyView';
import { Loading } from '../../../parts/Loading';
import { Mark } from '../../../parts/Mark';
import { Panel } from '../../../parts/Panel';
import { ProblemView } from '../../../parts/ProblemView';
import { Table, Tbody, Td, Th, Thead, Tr } from '../../../parts/Table';
import { WORDS as SHELL } from '../../../shell/words';
import { say } from '../../../words/language';
import { ShownOnce } from '../ShownOnce';
import type { ApiKey, List } from '../types';
import { WORDS } from '../words';
import { MakeKey, type MadeKey } from './MakeKey';

/** The keys of programs: made, looked at, revoked. */
export function ApiKeys() {
  const { tabs, keys: words } = say(WORDS);
  const { data, error, refetch } = useRead<List<ApiKey>>('/api-keys');
  const [made, setMade] = useState<MadeKey | null>(null);
  return (
    <>
      {made && <ShownOnce title={words.fresh(made.name)} name={words.key} text={made.key} onClose={() => setMade(null)} />}
      <Panel title={tabs['api-keys']}>
        <div className="console-settings-part">
          <p className="console-hint">{words.about}</p>
          {error && <ProblemView problem={error} onRetry={() => void refetch()} />}
          {!data && !error && <Loading />}
          {data?.items.length === 0 && (
            <EmptyView icon={KeyIcon} title={words.none} level="h3">
              {words.noneAdvice}
            </EmptyView>
          )}
          {data && data.items.length > 0 && <Keys keys={data.items} />}
        </div>
      </Panel>
      <MakeKey onMade={setMade} />
    </>
  );
}

function Keys({ keys }: { keys: readonly ApiKey[] }) {
  const all = say(WORDS);
  const words = all.keys;
  return (
    <Table aria-label={all.tabs['api-keys']} variant="compact">
      <Thead>
        <Tr>
          <Th>{all.name}</Th>
          <Th>{all.role}</Th>
          <Th>{all.state}</Th>
          <Th>{words.perMinuteShort}</Th>
          <Th>{words.used}</Th>
          <Th>{all.made}</Th>
          <Th screenReaderText={all.actions} />
        </Tr>
      </Thead>
      <Tbody>
        {keys.map((key) => (
          <Row key={key.id} apiKey={key} />
        ))}
      </Tbody>
    </Table>
  );
}

function Row({ apiKey }: { apiKey: ApiKey }) {
  const all = say(WORDS);
  const words = all.keys;
  const revoke = useChange<ApiKey>('DELETE', path`/api-keys/${apiKey.id}`, ['/api-keys']);
  const isRevoked = apiKey.revoked_at !== null;
  return (
    <Tr data-key={apiKey.name}>
      <Td dataLabel={all.name}>
        {apiKey.name} <code className="console-hint">{apiKey.id}</code>
      </Td>
      <Td dataLabel={all.role}>{say(SHELL).account.roles[apiKey.role]}</Td>
      <Td dataLabel={all.state}>
        <Mark tone={isRevoked ? 'neutral' : 'success'} title={dayAndTime(apiKey.revoked_at) || undefined}>
          {isRevoked ? words.revoked : words.active}
        </Mark>
      </Td>
      <Td dataLabel={words.perMinute}>{apiKey.requests_per_minute === null ? '–' : count(apiKey.requests_per_minute)}</Td>
      <Td dataLabel={words.used}>{apiKey.last_used_at ? dayAndTime(apiKey.last_used_at) : all.never}</Td>
      <Td dataLabel={all.made}>{dayAndTime(apiKey.made_at)}</Td>
      <Td isActionCell>
        {!isRevoked && (
          <Confirm
            label={words.revoke}
            question={words.revokeQuestion(apiKey.name)}
            consequence={words.revokeConsequence}
            isLoading={revoke.isPending}
            onConfirm={() => revoke.mutate(undefined)}
          />
        )}
        {revoke.error && <ProblemView problem={revoke.error} />}
      </Td>
    </Tr>
  );
}
