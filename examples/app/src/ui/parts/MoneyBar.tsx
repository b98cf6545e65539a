interface MoneyBarProps {
  deposit: bigint;
  cost: bigint;
  signed: bigint;
}

const STEPS = 1000n;

/** The deposit as a bar: what it costs so far, and what of that is signed for. */
export function MoneyBar({ deposit, cost, signed }: MoneyBarProps) {
  const width = (value: bigint) => (deposit > 0n ? Number((value * STEPS) / deposit) : 0);
  return (
    <svg class="money-bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
      <rect class="money-deposit" width="1000" height="10" />
      <rect class="money-cost" width={width(cost)} height="10" />
      <rect class="money-signed" width={width(signed)} height="10" />
    </svg>
  );
}
