import { dayAndTime } from '../../format/units';
import { Amount } from '../../parts/Amount';
import { Copyable } from '../../parts/Copyable';
import { Fact, Facts } from '../../parts/Facts';
import { Panel } from '../../parts/Panel';
import { useTokens } from '../../parts/tokens';
import { say } from '../../words/language';
import type { ChainIdentity, KeptIdentity } from './types';
import { WORDS } from './words';

/** What the station's account and the gas account hold; as kept while the chain does not answer. */
export function BalancesPanel({ kept, chain }: { kept: KeptIdentity; chain: ChainIdentity | null }) {
  const words = say(WORDS);
  const find = useTokens();
  const keptBalances = [
    { role: 'station' as const, account: kept.address ?? '', token: '', balance: kept.balance },
    { role: 'gas' as const, account: '', token: '', balance: kept.gas_balance },
  ];
  const balances = chain?.balances.length ? chain.balances : keptBalances;
  const at = chain ? chain.read_at : kept.updated_at;
  return (
    <Panel title={words.balances}>
      <Facts>
        {balances.map(({ role, account, token, balance }) => (
          <Fact key={role + account + token} name={words.roles[role]} isLong figure={`balance-${role}`}>
            <Amount money={balance} token={find(kept.chain_id, token)} />
            {account && (
              <div>
                <Copyable text={account} name={words.roles[role]} />
              </div>
            )}
          </Fact>
        ))}
      </Facts>
      {at && <p className="console-hint">{words.asKept(dayAndTime(at))}</p>}
    </Panel>
  );
}
