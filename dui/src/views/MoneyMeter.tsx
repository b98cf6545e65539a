import { percentOf } from '../format/amount';
import type { Session } from '../wire/types';
import { Amount } from './Amount';

interface MoneyMeterProps {
  session: Session;
  chainId: number | null | undefined;
}

/** The deposit as a bar: what the driver has signed for, what is used beyond that, what is left. */
export function MoneyMeter({ session, chainId }: MoneyMeterProps) {
  const used = percentOf(session.cost, session.deposit);
  const signed = Math.min(percentOf(session.voucher, session.deposit), used);
  return (
    <div className="console-money">
      <dl className="console-money-figures">
        <div>
          <dt>
            <i className="console-key console-key-signed" /> Signed by the driver
          </dt>
          <dd data-figure="voucher">
            <Amount money={session.voucher} chainId={chainId} />
          </dd>
        </div>
        <div>
          <dt>
            <i className="console-key console-key-used" /> Used
          </dt>
          <dd>
            <Amount money={session.cost} chainId={chainId} />
          </dd>
        </div>
        <div>
          <dt>
            <i className="console-key" /> Left of the deposit
          </dt>
          <dd data-figure="remaining">
            <Amount money={session.remaining} chainId={chainId} />
          </dd>
        </div>
        <div>
          <dt>Deposit</dt>
          <dd>
            <Amount money={session.deposit} chainId={chainId} />
          </dd>
        </div>
      </dl>
      <div
        className="console-meter"
        role="meter"
        aria-label="Deposit used"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={used}
        aria-valuetext={`${used} % of the deposit used, ${signed} % signed`}
      >
        <div className="console-meter-used" style={{ width: `${used}%` }} />
        <div className="console-meter-signed" style={{ width: `${signed}%` }} />
      </div>
    </div>
  );
}
