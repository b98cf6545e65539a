import { exactAmount, shownAmount, type Token } from '../format/amount';

interface AmountProps {
  money: string | null | undefined;
  token: Token;
}

/** An amount in tokens for reading; exact, and in the smallest unit, on hover. */
export function Amount({ money, token }: AmountProps) {
  if (money == null) return <span className="console-unknown">–</span>;
  const sign = money.startsWith('-') ? '−' : '';
  const digits = money.replace('-', '');
  const exact = `${sign}${exactAmount(digits, token.decimals)} ${token.symbol}`;
  return (
    <span className="console-amount" title={`${exact} (${money} of its smallest unit)`}>
      {sign}
      {shownAmount(digits, token.decimals)} <span className="console-unit">{token.symbol}</span>
    </span>
  );
}
