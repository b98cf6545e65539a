import { useLocation, useSearchParams } from 'wouter';
import { useHistoryState } from 'wouter/use-browser-location';
import { Exports } from '../../../exports/Exports';
import { Button } from '../../../patternfly';
import { PageTitle } from '../../../parts/PageTitle';
import { say } from '../../../words/language';
import { type Choice, choiceOf, hrefOf, queryOf } from '../choice';
import { WORDS } from '../words';
import { Ended } from './Ended';
import { Filters } from './Filters';
import { Running } from './Running';
import { Sums } from './Sums';

interface Kept {
  /** The cursors of the pages that were gone through to this one; '' is the newest. */
  newer?: string[];
}

/** What runs, and all that ended: filters and place stand in the address. */
export function List() {
  const words = say(WORDS);
  const [search] = useSearchParams();
  const [, navigate] = useLocation();
  const newer = useHistoryState<Kept | null>()?.newer ?? [];
  const choice = choiceOf(search);
  const cursor = search.get('cursor');
  const choose = (chosen: Choice, replace = false) => navigate(hrefOf(chosen), { replace });
  const show = (place: string | null, passed: readonly string[]) => navigate(hrefOf(choice, place), { state: { newer: passed } });
  const find = (
    <Button variant="secondary" onClick={() => navigate('/sessions/find')}>
      {words.find}
    </Button>
  );
  return (
    <>
      <PageTitle actions={find}>{words.title}</PageTitle>
      <Running />
      <Filters choice={choice} onChange={choose} />
      <Sums choice={choice} actions={<Exports query={queryOf(choice)} label={`${words.export}: ${words.exportHint}`} />} />
      <Ended choice={choice} cursor={cursor} newer={newer} onShow={show} onClear={() => choose({})} />
    </>
  );
}
