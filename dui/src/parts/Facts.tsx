import type { ReactNode } from 'react';

/** Names with their values, one below the other. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="console-facts">{children}</dl>;
}

interface FactProps {
  name: string;
  /** The value stands below its name, as it is long. */
  isLong?: boolean;
  /** What tests and people's scripts find it by. */
  figure?: string;
  children: ReactNode;
}

export function Fact({ name, isLong = false, figure, children }: FactProps) {
  return (
    <div className={isLong ? 'console-fact console-fact-long' : 'console-fact'}>
      <dt>{name}</dt>
      <dd data-figure={figure}>{children ?? <span className="console-unknown">–</span>}</dd>
    </div>
  );
}
