import { Link } from 'wouter';
import { say } from '../words/language';
import { type View, VIEWS } from './views';
import { WORDS } from './words';

/** The way to each view. */
export function Navigation({ present }: { present: View | null }) {
  const words = say(WORDS);
  return (
    <nav id="navigation" className="console-navigation" aria-label={words.navigation}>
      <ul>
        {VIEWS.map((view) => (
          <li key={view.path}>
            <Link href={view.path} aria-current={view === present ? 'page' : undefined}>
              <view.icon />
              <span>{words.views[view.name]}</span>
            </Link>
          </li>
        ))}
      </ul>
      <a href="/api/" className="console-navigation-api">
        {words.apiPage}
      </a>
    </nav>
  );
}
