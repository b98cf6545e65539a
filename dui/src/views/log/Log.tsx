import { useEffect, useState, useSyncExternalStore } from 'react';
import { EmptyView } from '../../parts/EmptyView';
import { PageTitle } from '../../parts/PageTitle';
import { Button } from '../../patternfly';
import { ListIcon } from '@patternfly/react-icons';
import { useLive } from '../../shell/live';
import { WORDS as SHELL } from '../../shell/words';
import { isOpen } from '../../state/logFilter';
import type { LogRow } from '../../state/logBuffer';
import { say } from '../../words/language';
import { Filters } from './Filters';
import { LogFiles } from './LogFiles';
import { LogLines } from './LogLines';
import { OlderLines } from './OlderLines';
import { SelectedLine } from './SelectedLine';
import { useLogFilter } from './useLogFilter';
import { WORDS } from './words';
import './log.css';

/** What all services say, as they say it. */
export default function Log() {
  const words = say(WORDS);
  const { log } = useLive();
  const view = useSyncExternalStore(log.subscribe, log.snapshot);
  const [filter, setFilter] = useLogFilter();
  const [isFollowing, follow] = useState(true);
  const [selected, select] = useState<LogRow | null>(null);
  useEffect(() => {
    // While a person writes, 100,000 lines are not searched for each letter.
    const wait = setTimeout(() => log.setFilter(filter), filter.text === log.filter.text ? 0 : 150);
    return () => clearTimeout(wait);
  }, [log, filter]);
  const isFiltered = !isOpen(filter);
  return (
    <>
      <PageTitle hint={words.hint} actions={<LogFiles filter={filter} />}>
        {say(SHELL).views.log}
      </PageTitle>
      <div className="console-log-view">
        <Filters filter={filter} onChange={setFilter} services={view.services} isFollowing={isFollowing} onFollow={follow} />
        {view.lines.length > 0 ? (
          <LogLines view={view} isFollowing={isFollowing} onFollow={follow} selected={selected} onSelect={select} />
        ) : (
          <EmptyView icon={ListIcon} title={isFiltered && view.total > 0 ? words.noMatch : words.empty}>
            <p>{isFiltered && view.total > 0 ? words.noMatchAdvice : words.emptyAdvice}</p>
            {isFiltered && (
              <Button variant="link" onClick={() => setFilter({ level: 'debug', text: '' })}>
                {words.clear}
              </Button>
            )}
          </EmptyView>
        )}
        <div className="console-log-foot">
          <p className="console-hint">
            {isFiltered ? words.matching(view.lines.length, view.total) : words.total(view.total)}
          </p>
          <OlderLines log={log} view={view} onLoad={() => follow(false)} />
        </div>
        {selected && !selected.isGap && <SelectedLine line={selected} />}
      </div>
    </>
  );
}
