import { exactAmount, shownAmount, tokenSymbol } from '../format/amount';

interface AmountProps {
  money: string | null | undefined;
  chainId: number | null | undefined;
}

/** An amount in tokens for reading; exact, and in the smallest unit, on hover. */
export function Amount({ money, chainId }: AmountProps) {
  if (money == null) return <span className="console-unknown">–</span>;
  const symbol = tokenSymbol(chainId);
  return (
    <span className="console-amount" title={`${exactAmount(money)} ${symbol} (${money} of its smallest unit)`}>
      {shownAmount(money)} <span className="console-unit">{symbol}</span>
    </span>
  );
}
