import { percentOf, type Token } from '../../../format/amount';
import { percent } from '../../../format/units';
import { Amount } from '../../../parts/Amount';
import type { Session } from '../../../wire/types';
import { say } from '../../../words/language';
import { WORDS } from './words';

/** The deposit as a bar: what the driver has signed for, what is used beyond that, what is left. */
export function MoneyMeter({ session, token }: { session: Session; token: Token }) {
  const words = say(WORDS).money;
  const used = percentOf(session.cost, session.deposit);
  const signed = Math.min(percentOf(session.voucher, session.deposit), used);
  const parts = [
    { name: words.signed, money: session.voucher, figure: 'voucher', key: 'console-key console-key-signed' },
    { name: words.used, money: session.cost, figure: 'used', key: 'console-key console-key-used' },
    { name: words.left, money: session.remaining, figure: 'remaining', key: 'console-key' },
    { name: words.deposit, money: session.deposit, figure: 'deposit', key: null },
  ];
  return (
    <div className="console-money">
      <dl className="console-money-figures">
        {parts.map(({ name, money, figure, key }) => (
          <div key={figure}>
            <dt>
              {key && <i className={key} />} {name}
            </dt>
            <dd data-figure={figure}>
              <Amount money={money} token={token} />
            </dd>
          </div>
        ))}
      </dl>
      <div
        className="console-meter"
        role="meter"
        aria-label={words.meter}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={used}
        aria-valuetext={words.share(percent(used / 100, 1), percent(signed / 100, 1))}
      >
        <div className="console-meter-used" style={{ width: `${used}%` }} />
        <div className="console-meter-signed" style={{ width: `${signed}%` }} />
      </div>
    </div>
  );
}
