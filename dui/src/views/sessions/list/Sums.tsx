import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { nativeToken, type Token } from '../../../format/amount';
import { count, duration, kilowattHours } from '../../../format/units';
import { useRead } from '../../../http/hooks';
import { Amount } from '../../../parts/Amount';
import { Figure, Figures } from '../../../parts/Figure';
import { Panel } from '../../../parts/Panel';
import { ProblemView } from '../../../parts/ProblemView';
import { tokenOfKey, useTokens } from '../../../parts/tokens';
import type { Money } from '../../../wire/types';
import { say } from '../../../words/language';
import { type Choice, hrefOf, queryOf } from '../choice';
import type { Sums as Summed } from '../types';
import { WORDS as NAMES } from '../outcomeWords';
import { WORDS } from '../words';

const OUTCOMES = ['settled', 'refunded', 'rejected'] as const;
/** A choice that is wrong is said so where its sessions would be. */
const SAID_BELOW: ReadonlySet<number> = new Set([403, 422]);

/** What all sessions of the choice come to. */
export function Sums({ choice, actions }: { choice: Choice; actions: ReactNode }) {
  const { sums } = say(WORDS);
  const find = useTokens();
  const { data, error, refetch } = useRead<{ total: Summed }>('/sessions/totals', queryOf(choice), { every: 30_000, keepsLast: true });
  const total = data?.total;
  const money = (of: 'spent' | 'refund') =>
    total && Object.entries(total.tokens).map(([key, each]) => ({ key, money: each[of], token: tokenOfKey(key, find) }));
  const gas = total && Object.entries(total.gas_fees).map(([key, fee]) => ({ key, money: fee, token: nativeToken(Number(key)) }));
  return (
    <Panel title={sums.title} actions={actions} className="console-sessions-sums">
      {error && !SAID_BELOW.has(error.status) && <ProblemView problem={error} onRetry={() => void refetch()} />}
      <Figures>
        <Figure name={sums.sessions} figure="sum-sessions">
          {total && count(total.sessions)}
        </Figure>
        {OUTCOMES.map((outcome) => (
          <Figure key={outcome} name={say(NAMES).names[outcome]} figure={`sum-${outcome}`}>
            {total && <Link href={hrefOf({ ...choice, outcome })}>{count(total[outcome])}</Link>}
          </Figure>
        ))}
        {total && total.private > 0 && (
          <Figure name={sums.tests} figure="sum-tests">
            {count(total.private)}
          </Figure>
        )}
        <Figure name={sums.energy} unit="kWh" figure="sum-energy">
          {total && kilowattHours(total.energy_wh)}
        </Figure>
        <Figure name={sums.time} figure="sum-time">
          {total && duration(total.charging_s * 1000)}
        </Figure>
        <Moneys name={sums.revenue} figure="sum-revenue" amounts={money('spent')} />
        <Moneys name={sums.refunds} figure="sum-refunds" amounts={money('refund')} />
        <Moneys name={sums.gas} figure="sum-gas" amounts={gas} />
      </Figures>
    </Panel>
  );
}

interface MoneysProps {
  name: string;
  figure: string;
  amounts: { key: string; money: Money; token: Token }[] | undefined;
}

function Moneys({ name, figure, amounts }: MoneysProps) {
  return (
    <Figure name={name} figure={figure}>
      {amounts?.length === 0 && say(WORDS).sums.none}
      {amounts?.map(({ key, money, token }) => (
        <span key={key} className="console-sessions-money">
          <Amount money={money} token={token} />
        </span>
      ))}
    </Figure>
  );
}
