import { useEffect, useRef } from 'react';
import { Link } from 'wouter';
import './PageTabs.css';

export interface PageTab {
  readonly href: string;
  readonly name: string;
  /** Something in it needs somebody. */
  readonly mark?: string | null;
}

interface PageTabsProps {
  /** What the tabs are of, for who can't see it. */
  label: string;
  tabs: readonly PageTab[];
  /** The `href` of the one that is open. */
  present: string;
}

/** Pages of one thing, side by side; each has an address of its own. */
export function PageTabs({ label, tabs, present }: PageTabsProps) {
  const row = useRef<HTMLElement>(null);
  // On a phone the row is wider than the screen.
  useEffect(() => row.current?.querySelector('[aria-current=page]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' }), [present]);
  return (
    <nav ref={row} className="console-tabs" aria-label={label}>
      {tabs.map(({ href, name, mark }) => (
        <Link key={href} href={href} aria-current={href === present ? 'page' : undefined}>
          {name}
          {mark && <span className="console-tabs-mark">{mark}</span>}
        </Link>
      ))}
    </nav>
  );
}
