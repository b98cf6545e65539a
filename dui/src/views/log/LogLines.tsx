import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import { shortened, timeOfDay } from '../../format/units';
import type { LogView } from '../../state/logBuffer';
import type { LogLine } from '../../wire/types';

const ROW_PX = 26;
/** How near to its end the list counts as scrolled to the end. */
const NEAR_PX = 40;
/** A scroll within this time of a wheel, key or touch is one that a person made. */
const BY_HAND_MS = 1000;

interface LogLinesProps {
  view: LogView;
  following: boolean;
  onScrolledAway: () => void;
}

/** The lines in sight, out of any number. */
export function LogLines({ view, following, onScrolledAway }: LogLinesProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const lastTop = useRef(0);
  const touchedAt = useRef(-Infinity);
  const rows = useVirtualizer({
    count: view.lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => view.lines[index]?.id ?? index,
    overscan: 12,
  });

  useEffect(() => {
    if (following && view.lines.length > 0) rows.scrollToIndex(view.lines.length - 1, { align: 'end' });
  }, [following, rows, view]);

  const noticeScroll = () => {
    const element = scroller.current;
    if (!element) return;
    const movedUp = element.scrollTop < lastTop.current;
    lastTop.current = element.scrollTop;
    const distance = element.scrollHeight - element.scrollTop - element.clientHeight;
    // The list also scrolls by itself, when lines turn out higher than estimated.
    const byHand = performance.now() - touchedAt.current < BY_HAND_MS;
    if (following && byHand && movedUp && distance > NEAR_PX) onScrolledAway();
  };
  const noticeHand = () => {
    touchedAt.current = performance.now();
  };

  return (
    // The scrolling region takes the focus, so that arrow keys scroll it.
    <div
      ref={scroller}
      className="console-log"
      tabIndex={0}
      role="region"
      aria-label="Log lines"
      onScroll={noticeScroll}
      onWheel={noticeHand}
      onTouchMove={noticeHand}
      onPointerDown={noticeHand}
      onKeyDown={noticeHand}
    >
      <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
        {rows.getVirtualItems().map((item) => {
          const line = view.lines[item.index];
          return (
            line && (
              <div
                key={item.key}
                ref={rows.measureElement}
                data-index={item.index}
                className={`console-log-line console-log-${line.level.toLowerCase()}`}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <Line line={line} />
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}

function Line({ line }: { line: LogLine }) {
  return (
    <>
      <time dateTime={line.at} title={line.at}>
        {timeOfDay(line.at)}
      </time>
      <span className="console-log-level">{line.level.toLowerCase()}</span>
      <span className="console-log-service">{line.service}</span>
      <span className="console-log-text">
        {line.text}
        {line.session_id && (
          <span className="console-log-session" title={line.session_id}>
            {shortened(line.session_id, 6, 4)}
          </span>
        )}
      </span>
    </>
  );
}
