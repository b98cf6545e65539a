import { useState } from 'react';
import { Link } from 'wouter';
import { dayAndTime } from '../../../format/units';
import { useRead } from '../../../http/hooks';
import { Loading } from '../../../parts/Loading';
import { Mark } from '../../../parts/Mark';
import { Panel } from '../../../parts/Panel';
import { ProblemView } from '../../../parts/ProblemView';
import { Table, Tbody, Td, Th, Thead, Tr } from '../../../parts/Table';
import { Button } from '../../../patternfly';
import { useMe } from '../../../shell/me';
import { WORDS as SHELL } from '../../../shell/words';
import { say } from '../../../words/language';
import type { Account, List } from '../types';
import { WORDS } from '../words';
import { AddAccount } from './AddAccount';
import { EditAccount } from './EditAccount';

/** Who may sign in, and as what. */
export function Accounts() {
  const all = say(WORDS);
  const { tabs, accounts: words } = all;
  const me = useMe();
  const { data, error, refetch } = useRead<List<Account>>('/accounts');
  const [edited, setEdited] = useState<string | null>(null);
  const isEdited = data?.items.find(({ id }) => id === edited);
  return (
    <>
      <Panel title={tabs.accounts}>
        <div className="console-settings-part">
          <p className="console-hint">{words.about}</p>
          {error && <ProblemView problem={error} onRetry={() => void refetch()} />}
          {!data && !error && <Loading />}
          {data && (
            <Table aria-label={tabs.accounts} variant="compact">
              <Thead>
                <Tr>
                  <Th>{all.name}</Th>
                  <Th>{all.role}</Th>
                  <Th>{all.state}</Th>
                  <Th>{words.signedIn}</Th>
                  <Th>{all.made}</Th>
                  <Th screenReaderText={all.actions} />
                </Tr>
              </Thead>
              <Tbody>
                {data.items.map((account) => (
                  <Row
                    key={account.id}
                    account={account}
                    isMe={account.id === me.id}
                    isOpen={account.id === edited}
                    onEdit={() => setEdited(account.id === edited ? null : account.id)}
                  />
                ))}
              </Tbody>
            </Table>
          )}
        </div>
      </Panel>
      {isEdited && <EditAccount key={isEdited.id} account={isEdited} onClose={() => setEdited(null)} />}
      <AddAccount />
    </>
  );
}

interface RowProps {
  account: Account;
  isMe: boolean;
  isOpen: boolean;
  onEdit: () => void;
}

function Row({ account, isMe, isOpen, onEdit }: RowProps) {
  const all = say(WORDS);
  const words = all.accounts;
  const isDisabled = account.disabled_at !== null;
  return (
    <Tr data-account={account.name}>
      <Td dataLabel={all.name}>
        {account.name} {isMe && <span className="console-hint">({words.you})</span>}
      </Td>
      <Td dataLabel={all.role}>{say(SHELL).account.roles[account.role]}</Td>
      <Td dataLabel={all.state}>
        <Mark tone={isDisabled ? 'neutral' : 'success'}>{isDisabled ? words.disabled : words.active}</Mark>
      </Td>
      <Td dataLabel={words.signedIn}>{account.last_sign_in_at ? dayAndTime(account.last_sign_in_at) : all.never}</Td>
      <Td dataLabel={all.made}>{dayAndTime(account.made_at)}</Td>
      <Td isActionCell>
        {isMe ? (
          <Link href="/settings/password">{all.tabs.password}</Link>
        ) : (
          <Button variant="secondary" size="sm" aria-label={words.editOf(account.name)} aria-expanded={isOpen} onClick={onEdit}>
            {all.edit}
          </Button>
        )}
      </Td>
    </Tr>
  );
}
