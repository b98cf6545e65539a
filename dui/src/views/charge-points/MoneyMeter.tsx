import { percentOf, type Token } from '../../format/amount';
import type { Session } from '../../wire/types';
import { Amount } from '../../parts/Amount';

interface MoneyMeterProps {
  session: Session;
  token: Token;
}

/** The deposit as a bar: what the driver has signed for, what is used beyond that, what is left. */
export function MoneyMeter({ session, token }: MoneyMeterProps) {
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
            <Amount money={session.voucher} token={token} />
          </dd>
        </div>
        <div>
          <dt>
            <i className="console-key console-key-used" /> Used
          </dt>
          <dd>
            <Amount money={session.cost} token={token} />
          </dd>
        </div>
        <div>
          <dt>
            <i className="console-key" /> Left of the deposit
          </dt>
          <dd data-figure="remaining">
            <Amount money={session.remaining} token={token} />
          </dd>
        </div>
        <div>
          <dt>Deposit</dt>
          <dd>
            <Amount money={session.deposit} token={token} />
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
