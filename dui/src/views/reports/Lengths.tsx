import { Panel } from '../../parts/Panel';
import { say } from '../../words/language';
import { lengthName } from './names';
import { ShareList } from './ShareList';
import type { Report } from './types';
import { WORDS } from './words';

/** How long sessions take, from start to stop; classes at both ends that have none are left out. */
export function Lengths({ report }: { report: Report }) {
  const words = say(WORDS);
  const has = report.lengths.map(({ sessions }) => sessions > 0);
  const shown = report.lengths.slice(has.indexOf(true) < 0 ? has.length : has.indexOf(true), has.lastIndexOf(true) + 1);
  const shares = shown.map((each) => ({ key: String(each.from_minutes), name: lengthName(each), sessions: each.sessions }));
  return (
    <Panel title={words.lengthsTitle}>
      {shares.length > 0 ? <ShareList shares={shares} label={words.lengthsTitle} /> : <p className="console-hint">{words.noLengths}</p>}
    </Panel>
  );
}
