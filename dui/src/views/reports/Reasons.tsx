import { Link } from 'wouter';
import { Panel } from '../../parts/Panel';
import { say } from '../../words/language';
import { inWords } from '../../words/phases';
import type { Choice } from './choice';
import { sessionsHref } from './links';
import { ShareList } from './ShareList';
import type { Report } from './types';
import { WORDS } from './words';

/** Why sessions failed and what ended them, each leading to those sessions. */
export function Reasons({ choice, report }: { choice: Choice; report: Report }) {
  const words = say(WORDS);
  const failures = report.failures.map(({ failure, sessions }) => ({ word: failure, sessions }));
  const stops = report.stop_reasons.map(({ stop_reason, sessions }) => ({ word: stop_reason, sessions }));
  const sharesOf = (found: readonly { word: string; sessions: number }[], parameter: 'failure' | 'stop_reason') =>
    found.map(({ word, sessions }) => ({
      key: word,
      name: <Link href={sessionsHref(choice, report, { [parameter]: word })}>{sentence(inWords(word))}</Link>,
      sessions,
    }));
  return (
    <div className="console-column">
      <Panel title={words.failures}>
        {failures.length > 0 ? (
          <ShareList shares={sharesOf(failures, 'failure')} label={words.failures} />
        ) : (
          <p className="console-hint">{words.noFailures}</p>
        )}
      </Panel>
      <Panel title={words.stops}>
        {stops.length > 0 ? (
          <ShareList shares={sharesOf(stops, 'stop_reason')} label={words.stops} />
        ) : (
          <p className="console-hint">{words.noStops}</p>
        )}
      </Panel>
    </div>
  );
}

function sentence(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
