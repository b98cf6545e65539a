import type { ReactNode } from 'react';

/** Numbers to be read at arm's length. */
export function Figures({ children }: { children: ReactNode }) {
  return <dl className="console-figures">{children}</dl>;
}

interface FigureProps {
  name: string;
  unit?: string;
  /** What tests and people's scripts find it by. */
  figure?: string;
  /** More of it, on hover and for who can't see. */
  about?: string;
  children: ReactNode;
}

export function Figure({ name, unit, figure, about, children }: FigureProps) {
  return (
    <div className="console-figure">
      <dt>{name}</dt>
      <dd data-figure={figure} title={about}>
        {children ?? <span className="console-unknown">–</span>}
        {about && <span className="pf-v6-screen-reader">{about}</span>}
        {unit && children != null && <span className="console-unit"> {unit}</span>}
      </dd>
    </div>
  );
}
