import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import { timeOfDay } from '../../format/units';
import type { LogRow, LogView } from '../../state/logBuffer';
import { say } from '../../words/language';
import { inSight } from './inSight';
import { WORDS } from './words';

/** How near to its end the list counts as scrolled to the end. */
const NEAR_PX = 8;
/** A scroll within this time of a wheel, key or touch is one that a person made. */
const BY_HAND_MS = 1000;

interface LogLinesProps {
  view: LogView;
  isFollowing: boolean;
  onFollow: (follows: boolean) => void;
  selected: LogRow | null;
  onSelect: (line: LogRow | null) => void;
}

/**
 * The lines in sight, out of any number, each in a row of the same height.
 *
 * So a new line costs the same with 100 and with 100,000 before it; what is too long for its row is
 * shown in full when it is selected.
 */
export function LogLines({ view, isFollowing, onFollow, selected, onSelect }: LogLinesProps) {
  const words = say(WORDS);
  const id = useId();
  const { lines, shifted, version } = view;
  const list = useRef<HTMLDivElement>(null);
  const touchedAt = useRef(-Infinity);
  const lastTop = useRef(0);
  const lastShifted = useRef(shifted);
  const [{ top, height, row }, setSight] = useState({ top: 0, height: 600, row: 28 });
  const { first, last } = inSight(top, height, row, lines.length);

  const look = () => {
    const element = list.current;
    if (!element) return;
    const row = parseFloat(getComputedStyle(element).getPropertyValue('--console-log-row')) || 28;
    setSight({ top: element.scrollTop, height: element.clientHeight, row });
  };
  useEffect(() => {
    const element = list.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    const element = list.current;
    const moved = shifted - lastShifted.current;
    lastShifted.current = shifted;
    if (!element) return;
    if (isFollowing) element.scrollTop = element.scrollHeight;
    else if (moved !== 0) element.scrollTop += moved * row;
  }, [isFollowing, version, shifted, row]);

  const noticeHand = () => {
    touchedAt.current = performance.now();
  };
  const noticeScroll = () => {
    const element = list.current;
    if (!element) return;
    const up = element.scrollTop < lastTop.current;
    lastTop.current = element.scrollTop;
    const isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight <= NEAR_PX;
    // The list also scrolls by itself, as lines come and go.
    const isByHand = performance.now() - touchedAt.current < BY_HAND_MS;
    if (isByHand && isFollowing && up && !isAtEnd) onFollow(false);
    if (isByHand && !isFollowing && !up && isAtEnd) onFollow(true);
    look();
  };
  const go = (index: number) => {
    const element = list.current;
    const line = lines[index];
    if (!element || !line) return;
    onFollow(index === lines.length - 1 && isFollowing);
    onSelect(line);
    if (index * row < element.scrollTop) element.scrollTop = index * row;
    const least = (index + 1) * row - element.clientHeight;
    if (element.scrollTop < least) element.scrollTop = least;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    noticeHand();
    const present = selected ? lines.indexOf(selected) : -1;
    const page = Math.max(1, Math.floor(height / row) - 1);
    const end = lines.length - 1;
    const by: Record<string, number> = { ArrowUp: -1, ArrowDown: 1, PageUp: -page, PageDown: page };
    const step = by[event.key];
    if (step !== undefined) go(Math.min(end, Math.max(0, (present < 0 ? last : present) + step)));
    else if (event.key === 'Home') go(0);
    else if (event.key === 'End') {
      onSelect(null);
      onFollow(true);
    } else if (event.key === 'Escape') onSelect(null);
    else return;
    event.preventDefault();
  };

  const shown = lines.slice(first, last);
  const active = selected ? shown.indexOf(selected) : -1;
  return (
    <div
      ref={list}
      className="console-log-list"
      tabIndex={0}
      role="listbox"
      aria-label={words.lines}
      aria-activedescendant={active < 0 ? undefined : `${id}-${first + active}`}
      onScroll={noticeScroll}
      onWheel={noticeHand}
      onTouchMove={noticeHand}
      onPointerDown={noticeHand}
      onKeyDown={onKeyDown}
    >
      <div role="presentation" style={{ height: lines.length * row }}>
        <div role="presentation" style={{ transform: `translateY(${first * row}px)` }}>
          {shown.map((line, place) => (
            <div
              key={line.id}
              id={`${id}-${first + place}`}
              role="option"
              aria-selected={line === selected}
              aria-setsize={lines.length}
              aria-posinset={first + place + 1}
              className={`console-log-row console-log-is-${line.isGap ? 'gap' : line.level.toLowerCase()}`}
              onClick={() => onSelect(line === selected ? null : line)}
            >
              {line.isGap ? words.gap : <Line line={line} />}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

function Line({ line }: { line: LogRow }) {
  return (
    <>
      <time dateTime={line.at}>{timeOfDay(line.at)}</time>
      <span className="console-log-mark">{line.level.toLowerCase()}</span>
      <span className="console-log-area">{line.service}</span>
      <span className="console-log-point">{line.charge_point_id}</span>
      <span className="console-log-said">{line.text}</span>
    </>
  );
}
