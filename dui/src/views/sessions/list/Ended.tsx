import { HistoryIcon, SearchIcon } from '@patternfly/react-icons';
import { useEffect, useRef } from 'react';
import { count } from '../../../format/units';
import { EmptyView } from '../../../parts/EmptyView';
import { Loading } from '../../../parts/Loading';
import { Panel } from '../../../parts/Panel';
import { ProblemView } from '../../../parts/ProblemView';
import { Button } from '../../../patternfly';
import { say } from '../../../words/language';
import type { Choice } from '../choice';
import type { EndedPage } from '../types';
import { WORDS } from '../words';
import { EndedTable } from './EndedTable';
import { type Place, useEnded } from './useEnded';

interface EndedProps {
  choice: Choice;
  cursor: string | null;
  /** The pages that were gone through to this one. */
  newer: readonly string[];
  onShow: (cursor: string | null, newer: readonly string[]) => void;
  onClear: () => void;
}

/** The sessions that ended, page by page. */
export function Ended(props: EndedProps) {
  const words = say(WORDS);
  const { cursor, newer } = props;
  const { data, error, refetch, isPlaceholderData: isOnItsWay } = useEnded(props.choice, { cursor, newer });
  const top = useTopOnChange(props.cursor);
  return (
    <div ref={top} className="console-sessions-ended" aria-busy={isOnItsWay}>
      <Panel title={words.list}>
        {error && <ProblemView problem={error} onRetry={() => void refetch()} />}
        {!data && !error && <Loading />}
        {data && data.items.length > 0 && <EndedTable items={data.items} />}
        {data?.items.length === 0 && <Nothing {...props} page={data} />}
        {data && <Pages page={data} place={isOnItsWay ? data.place : { cursor, newer }} isOnItsWay={isOnItsWay} onShow={props.onShow} />}
      </Panel>
    </div>
  );
}

function Nothing({ choice, cursor, onClear, page }: EndedProps & { page: EndedPage }) {
  const words = say(WORDS);
  if (page.next_cursor) return <p className="console-hint">{words.lookedAt}</p>;
  if (Object.keys(choice).length === 0 && !cursor) {
    return (
      <EmptyView icon={HistoryIcon} title={words.none} level="h3">
        {words.noneAdvice}
      </EmptyView>
    );
  }
  return (
    <EmptyView icon={SearchIcon} title={words.noMatch} level="h3">
      <p>{words.noMatchAdvice}</p>
      <Button variant="link" onClick={onClear}>
        {words.filters.clear}
      </Button>
    </EmptyView>
  );
}

interface PagesProps {
  page: EndedPage;
  place: Place;
  isOnItsWay: boolean;
  onShow: EndedProps['onShow'];
}

function Pages({ page, place: { cursor, newer }, isOnItsWay, onShow }: PagesProps) {
  const words = say(WORDS);
  const { next_cursor: older } = page;
  if (!cursor && !older) return null;
  const name = cursor && newer.length === 0 ? words.somewhere : words.page(count(newer.length + 1));
  return (
    <nav className="console-sessions-pages" aria-label={words.pages}>
      <Button variant="link" isAriaDisabled={!cursor || isOnItsWay} onClick={() => onShow(null, [])}>
        {words.newest}
      </Button>
      <Button variant="secondary" isAriaDisabled={newer.length === 0 || isOnItsWay} onClick={() => onShow(newer.at(-1) || null, newer.slice(0, -1))}>
        {words.newer}
      </Button>
      <span role="status">{name}</span>
      <Button variant="secondary" isAriaDisabled={!older || isOnItsWay} onClick={() => onShow(older, [...newer, cursor ?? ''])}>
        {page.items.length === 0 ? words.lookOn : words.older}
      </Button>
    </nav>
  );
}

/** Shows the list from its top when another page is gone to. */
function useTopOnChange(cursor: string | null) {
  const top = useRef<HTMLDivElement>(null);
  const shown = useRef(cursor);
  useEffect(() => {
    if (shown.current !== cursor) top.current?.scrollIntoView({ block: 'start' });
    shown.current = cursor;
  }, [cursor]);
  return top;
}
