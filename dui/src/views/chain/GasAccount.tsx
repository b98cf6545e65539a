import { toAmount } from '../../format/amount';
import { count } from '../../format/units';
import { Amount } from '../../parts/Amount';
import { Copyable } from '../../parts/Copyable';
import { Mark } from '../../parts/Mark';
import { Panel } from '../../parts/Panel';
import { useTokens } from '../../parts/tokens';
import { say } from '../../words/language';
import type { ChainShown } from './types';
import { WORDS } from './words';

/** The account that pays for transactions, and how far it reaches. */
export function GasAccount({ chain }: { chain: ChainShown }) {
  const words = say(WORDS);
  const facts = words.gasFacts;
  const { gas } = chain;
  const native = useTokens()(chain.chain_id, null);
  const price = toAmount(gas.payout_price);
  return (
    <Panel title={words.gas} actions={gas.is_low && <Mark tone="danger">{words.gasLow}</Mark>}>
      <dl className="console-facts">
        <div className="console-fact">
          <dt>{facts.balance}</dt>
          <dd data-figure="gas-balance">
            <Amount money={gas.balance} token={native} />
          </dd>
        </div>
        <div className="console-fact">
          <dt>{facts.price}</dt>
          <dd>
            <Amount money={gas.payout_price} token={native} />
          </dd>
        </div>
        {gas.balance != null && price > 0n && (
          <div className="console-fact">
            <dt>{facts.enough}</dt>
            <dd>{count(Number(toAmount(gas.balance) / price))}</dd>
          </div>
        )}
        <div className="console-fact console-fact-long">
          <dt>{facts.address}</dt>
          <dd>
            <Copyable text={gas.address} name={facts.address} whole />
          </dd>
        </div>
      </dl>
    </Panel>
  );
}
