import { IdCardIcon } from '@patternfly/react-icons';
import { Link, useSearchParams } from 'wouter';
import { count, dayAndTime } from '../../format/units';
import { path } from '../../http/client';
import { Amount } from '../../parts/Amount';
import { Copyable } from '../../parts/Copyable';
import { EmptyView } from '../../parts/EmptyView';
import { Loading } from '../../parts/Loading';
import { Mark } from '../../parts/Mark';
import { PageTitle } from '../../parts/PageTitle';
import { Table, Tbody, Td, Th, Thead, Tr } from '../../parts/Table';
import { useTokens } from '../../parts/tokens';
import { withParameter } from '../../parts/withParameter';
import { Button, Card, CardBody, FormSelect, FormSelectOption, TextInput } from '../../patternfly';
import { useChainId, useConsole } from '../../shell/live';
import { IDENTITY_STATES, identityWords } from '../../words/identity';
import { say } from '../../words/language';
import { type Choice, chosenIdentities, type ListedIdentity } from './listed';
import { WORDS } from './words';

/** Who each charge point is on the chain, and where that is stuck. */
export function IdentityList() {
  const words = say(WORDS);
  const state = useConsole();
  const [search, setSearch] = useSearchParams();
  const choice = { text: search.get('text') ?? '', state: search.get('state') ?? '' };
  const shown = chosenIdentities(state, choice);
  const all = state.ids.length;
  const choose = (name: keyof Choice, value: string) =>
    setSearch(withParameter(name, value), { replace: name === 'text' });
  return (
    <>
      <PageTitle hint={words.about}>{words.title}</PageTitle>
      {all === 0 && !state.isComplete && <Loading />}
      {all === 0 && state.isComplete && (
        <EmptyView icon={IdCardIcon} title={words.none}>
          <Link href="/charge-points?register=new">{words.noneAdvice}</Link>
        </EmptyView>
      )}
      {all > 0 && (
        <>
          <Filters choice={choice} onChange={choose} />
          <p className="console-hint" role="status">
            {words.shown(count(shown.length), count(all))}
          </p>
          {shown.length > 0 && <Identities rows={shown} />}
          {shown.length === 0 && (
            <EmptyView icon={IdCardIcon} title={words.noMatch}>
              <Button variant="link" onClick={() => setSearch({})}>
                {words.clear}
              </Button>
            </EmptyView>
          )}
        </>
      )}
    </>
  );
}

function Filters({ choice, onChange }: { choice: Choice; onChange: (name: keyof Choice, value: string) => void }) {
  const words = say(WORDS);
  return (
    <div className="console-identity-filters" role="search">
      <TextInput
        type="search"
        aria-label={words.search}
        placeholder={words.search}
        value={choice.text}
        onChange={(_event, value) => onChange('text', value)}
      />
      <FormSelect aria-label={words.state} value={choice.state} onChange={(_event, value) => onChange('state', value)}>
        <FormSelectOption value="" label={words.allStates} />
        {IDENTITY_STATES.map((state) => (
          <FormSelectOption key={state} value={state} label={identityWords(state).label} />
        ))}
      </FormSelect>
    </div>
  );
}

function Identities({ rows }: { rows: readonly ListedIdentity[] }) {
  const words = say(WORDS);
  const { columns } = words;
  const native = useTokens()(useChainId(), null);
  return (
    <Card>
      <CardBody>
        <Table aria-label={words.title} variant="compact">
          <Thead>
            <Tr>
              {[columns.chargePoint, columns.state, columns.did, columns.balance, columns.checked].map((name) => (
                <Th key={name}>{name}</Th>
              ))}
            </Tr>
          </Thead>
          <Tbody>
            {rows.map((row) => {
              const { tone, label, advice } = identityWords(row.state, row.reason);
              return (
                <Tr key={row.id}>
                  <Td dataLabel={columns.chargePoint} className="console-identity-name">
                    <Link href={path`/identity/${row.id}`}>{row.id}</Link>
                    {row.name && <span className="console-hint"> {row.name}</span>}
                  </Td>
                  <Td dataLabel={columns.state}>
                    <Mark tone={tone} title={advice}>
                      {label}
                    </Mark>
                  </Td>
                  <Td dataLabel={columns.did}>{row.did ? <Copyable text={row.did} name={`${words.did} ${row.id}`} /> : '–'}</Td>
                  <Td dataLabel={columns.balance}>
                    <Amount money={row.balance} token={native} />
                  </Td>
                  <Td dataLabel={columns.checked}>{dayAndTime(row.updatedAt) || '–'}</Td>
                </Tr>
              );
            })}
          </Tbody>
        </Table>
      </CardBody>
    </Card>
  );
}
