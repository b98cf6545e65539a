import { WrenchIcon } from '@patternfly/react-icons';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { path } from '../../../http/client';
import { useRead } from '../../../http/hooks';
import { EmptyView } from '../../../parts/EmptyView';
import { Loading } from '../../../parts/Loading';
import { Panel } from '../../../parts/Panel';
import { ProblemView } from '../../../parts/ProblemView';
import { Table, Tbody, Th, Thead, Tr } from '../../../parts/Table';
import { Button, TextInput } from '../../../patternfly';
import { say } from '../../../words/language';
import { ActionButton } from '../commands/ActionButton';
import { Obstacle } from '../commands/Obstacle';
import type { Configuration } from '../types';
import { Desired } from './Desired';
import { DriftPanel } from './DriftPanel';
import { KeyRow } from './KeyRow';
import { WORDS } from './words';

/** The configuration of a charge point: what it told, what is wanted, and how these differ. */
export default function ConfigurationTab({ id }: { id: string }) {
  const words = say(WORDS);
  const { data, error, refetch } = useRead<Configuration>(path`/charge-points/${id}/configuration`, {}, { every: 10_000 });
  const [text, setText] = useState('');
  const client = useQueryClient();
  const differing = data?.drift.length;
  useEffect(() => {
    // The tab's mark counts the same: it should not lag behind the list below it.
    void client.invalidateQueries({ queryKey: [path`/charge-points/${id}`] });
  }, [client, id, differing]);
  if (error && !data) return <ProblemView problem={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading />;
  const wanted = text.trim().toLocaleLowerCase();
  const shown = data.reported.filter(({ key, value }) => `${key} ${value ?? ''}`.toLocaleLowerCase().includes(wanted));
  return (
    <>
      <Obstacle id={id} />
      {data.drift.length > 0 && <DriftPanel id={id} drift={data.drift} />}
      <Panel title={words.title}>
        <p className="console-hint">{words.about}</p>
        <div className="console-cp-filters">
          <TextInput type="search" aria-label={words.search} placeholder={words.search} value={text} onChange={(_event, value) => setText(value)} />
          <ActionButton chargePointId={id} operation="GetConfiguration" body={{}} label={words.readAgain} />
          {data.reported.length > 0 && (
            <Button variant="link" onClick={() => download(id, data)}>
              {words.download}
            </Button>
          )}
        </div>
        {data.reported.length === 0 && (
          <EmptyView icon={WrenchIcon} title={words.none} level="h3">
            {words.noneAdvice}
          </EmptyView>
        )}
        {data.reported.length > 0 && shown.length === 0 && <p className="console-hint">{words.noMatch}</p>}
        {shown.length > 0 && (
          <div className="console-cp-scroll">
            <Table variant="compact" aria-label={words.title}>
              <Thead>
                <Tr>
                  {[words.key, words.value, words.state, words.at].map((name) => (
                    <Th key={name} modifier="nowrap">{name}</Th>
                  ))}
                  <Th screenReaderText={words.edit} />
                </Tr>
              </Thead>
              <Tbody>
                {shown.map((reported) => (
                  <KeyRow
                    key={reported.key}
                    id={id}
                    reported={reported}
                    desired={data.desired.find(({ key }) => key.toLowerCase() === reported.key.toLowerCase())?.value ?? null}
                  />
                ))}
              </Tbody>
            </Table>
          </div>
        )}
      </Panel>
      <Desired id={id} desired={data.desired} />
    </>
  );
}

function download(id: string, configuration: Configuration): void {
  const file = new Blob([JSON.stringify(configuration, null, 2)], { type: 'application/json' });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = `${id}-configuration.json`;
  link.click();
  URL.revokeObjectURL(link.href);
}
