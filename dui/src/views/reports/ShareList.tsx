import type { ReactNode } from 'react';
import { count, percent } from '../../format/units';
import { say } from '../../words/language';
import { WORDS } from './words';

export interface Share {
  readonly key: string;
  readonly name: ReactNode;
  readonly sessions: number;
}

/** How sessions are shared out, each part with its bar, number and share. */
export function ShareList({ shares, label }: { shares: readonly Share[]; label: string }) {
  const all = shares.reduce((sum, { sessions }) => sum + sessions, 0);
  const most = Math.max(1, ...shares.map(({ sessions }) => sessions));
  return (
    <ul className="console-reports-shares" aria-label={label}>
      {shares.map(({ key, name, sessions }) => (
        <li key={key}>
          <span>{name}</span>
          <span className="console-reports-number">{say(WORDS).share(count(sessions), percent(all ? sessions / all : 0))}</span>
          <svg aria-hidden="true" viewBox="0 0 100 1" preserveAspectRatio="none">
            <rect className="console-reports-track" width="100" height="1" />
            <rect className="console-reports-part" width={(sessions / most) * 100} height="1" />
          </svg>
        </li>
      ))}
    </ul>
  );
}
