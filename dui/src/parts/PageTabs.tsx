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
  useEffect(() => {
    if (row.current) reveal(row.current);
  }, [present]);
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

/** On a phone the row is wider than the screen. `scrollIntoView` would have the first Tab key begin here. */
function reveal(row: HTMLElement): void {
  const tab = row.querySelector('[aria-current=page]')?.getBoundingClientRect();
  if (!tab) return;
  const { left, right } = row.getBoundingClientRect();
  row.scrollLeft += Math.max(0, tab.right - right) - Math.max(0, left - tab.left);
}
