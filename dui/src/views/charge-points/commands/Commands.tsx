import { useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import { path } from '../../../http/client';
import { useRead } from '../../../http/hooks';
import { EmptyView } from '../../../parts/EmptyView';
import { Loading } from '../../../parts/Loading';
import { Panel } from '../../../parts/Panel';
import { ProblemView } from '../../../parts/ProblemView';
import { TerminalIcon } from '@patternfly/react-icons';
import { TextInput } from '../../../patternfly';
import { say } from '../../../words/language';
import type { ChargePointState } from '../types';
import { OperationForm } from './OperationForm';
import { type Operation, useOperations } from './operations';
import { operationWords, profileName } from './operationWords';
import { StationCommands } from './StationCommands';
import { WORDS } from './words';

/** Every operation that the charge point can be asked for, as a form with its answer. */
export default function Commands({ id }: { id: string }) {
  const words = say(WORDS);
  const { operations, error, refetch } = useOperations();
  const [search] = useSearchParams();
  const { data: state } = useRead<ChargePointState>(path`/charge-points/${id}`);
  if (error) return <ProblemView problem={error} onRetry={() => void refetch()} />;
  if (!operations) return <Loading />;
  const chosen = operations.find(({ name }) => name === search.get('operation'));
  return (
    <>
      <div className="console-cp-commands">
        <Chooser operations={operations} chosen={chosen?.name} />
        {chosen ? (
          <Panel key={search.toString()} title={operationWords(chosen.name).name} actions={<code>{chosen.name}</code>}>
            <p className="console-cp-purpose">{operationWords(chosen.name).purpose}</p>
            {state?.unsupported.includes(chosen.name) && <p className="console-cp-warning">{words.lacks}</p>}
            <OperationForm chargePointId={id} operation={chosen} given={Object.fromEntries(givenIn(search))} />
          </Panel>
        ) : (
          <EmptyView icon={TerminalIcon} title={words.choose}>
            {words.chooseAdvice}
          </EmptyView>
        )}
      </div>
      <StationCommands chargePointId={id} />
    </>
  );
}

/** Values that a link to a form brings along. */
function givenIn(search: URLSearchParams): [string, string][] {
  return [...search.entries()].filter(([name]) => name !== 'operation');
}

function Chooser({ operations, chosen }: { operations: readonly Operation[]; chosen?: string }) {
  const words = say(WORDS);
  const [text, setText] = useState('');
  const wanted = text.trim().toLocaleLowerCase();
  const shown = operations.filter(({ name }) => `${name} ${operationWords(name).name}`.toLocaleLowerCase().includes(wanted));
  const profiles = [...new Set(shown.map(({ profile }) => profile))];
  return (
    <Panel title={words.choose} className="console-cp-chooser">
      <TextInput type="search" aria-label={words.search} placeholder={words.search} value={text} onChange={(_event, value) => setText(value)} />
      {shown.length === 0 && <p className="console-hint">{words.noMatch}</p>}
      {profiles.map((profile) => (
        <section key={profile} aria-label={profileName(profile)}>
          <h3 className="console-hint">{profileName(profile)}</h3>
          <ul>
            {shown
              .filter((operation) => operation.profile === profile)
              .map(({ name }) => (
                <li key={name}>
                  <Link href={`?operation=${name}`} aria-current={name === chosen ? 'true' : undefined}>
                    {operationWords(name).name}
                  </Link>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </Panel>
  );
}
