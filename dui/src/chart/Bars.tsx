import { type KeyboardEvent, type ReactNode, useState } from 'react';
import { numberFormat } from '../format/locale';
import { labelStride, roundTicks } from './scale';
import { useWidth } from './useWidth';
import { type Catalogue, say } from '../words/language';
import './bars.css';

export interface Bar {
  readonly key: string;
  /** What stands below it. */
  readonly tick: string;
  readonly name: string;
  readonly value: number;
  /** The value with its unit. */
  readonly said: string;
  /** The same of the period before. */
  readonly before?: { readonly value: number; readonly said: string };
}

interface BarsProps {
  label: string;
  /** What the scale counts; "" for nothing but a number. */
  unit: string;
  bars: readonly Bar[];
  /** What stands behind the chosen bar's value, such as a way to more. */
  more?: (bar: Bar) => ReactNode;
}

const WORDS: Catalogue<{ choose: string; now: string; before: string; was: (said: string) => string }> = {
  en: { choose: 'Choose a bar to read it.', now: 'Now', before: 'Before', was: (said) => `before: ${said}` },
  de: { choose: 'Wählen Sie einen Balken, um ihn zu lesen.', now: 'Jetzt', before: 'Zuvor', was: (said) => `zuvor: ${said}` },
};

const HEIGHT = 240;
const TOP = 20;
const BOTTOM = 24;
const LEFT = 52;
const LABEL_ROOM = 56;
const MOST_WIDE = 56;
const AREA = HEIGHT - TOP - BOTTOM;

/** Bars side by side. One is chosen by pointer or arrow keys; what it stands for is said below. */
export function Bars({ label, unit, bars, more }: BarsProps) {
  const [holder, width] = useWidth<HTMLDivElement>();
  const [chosenKey, choose] = useState<string | null>(null);
  const chosen = bars.find(({ key }) => key === chosenKey);
  const hasBefore = bars.some(({ before }) => before);
  const words = say(WORDS);
  return (
    <figure className="console-bars">
      <div ref={holder}>
        {width > 0 && <Drawing {...{ label, unit, bars, width, choose }} chosen={chosen?.key ?? null} />}
      </div>
      <figcaption>
        <span className="console-bars-said">
          {chosen ? (
            <>
              {chosen.name}: <strong>{chosen.said}</strong>
              {chosen.before && <span className="console-hint">({words.was(chosen.before.said)})</span>} {more?.(chosen)}
            </>
          ) : (
            <span className="console-hint">{words.choose}</span>
          )}
        </span>
        {hasBefore && (
          <span className="console-bars-legend console-hint" aria-hidden="true">
            <i className="console-bars-key-now" /> {words.now} <i className="console-bars-key-before" /> {words.before}
          </span>
        )}
      </figcaption>
    </figure>
  );
}

interface DrawingProps extends BarsProps {
  width: number;
  chosen: string | null;
  choose: (key: string) => void;
}

function Drawing({ label, unit, bars, width, chosen, choose }: DrawingProps) {
  const most = Math.max(0, ...bars.map(({ value, before }) => Math.max(value, before?.value ?? 0)));
  const ticks = roundTicks(most, 4, unit === '');
  const top = ticks.at(-1) ?? 1;
  const slot = (width - LEFT) / Math.max(bars.length, 1);
  return (
    <svg viewBox={`0 0 ${width} ${HEIGHT}`} width={width} height={HEIGHT}>
      <Scale ticks={ticks} unit={unit} width={width} />
      <g role="listbox" aria-label={label} aria-orientation="horizontal" onKeyDown={(event) => moved(event, bars.length)}>
        {bars.map((bar, place) => (
          <OneBar
            key={bar.key}
            bar={bar}
            slot={{ x: LEFT + place * slot, width: slot, top }}
            isChosen={bar.key === chosen}
            isReached={chosen === null ? place === 0 : bar.key === chosen}
            onChoose={() => choose(bar.key)}
          />
        ))}
      </g>
      <Ticks bars={bars} slot={slot} />
    </svg>
  );
}

interface OneBarProps {
  bar: Bar;
  slot: { x: number; width: number; top: number };
  isChosen: boolean;
  /** The one that the tabulator key leads to. */
  isReached: boolean;
  onChoose: () => void;
}

function OneBar({ bar, slot, isChosen, isReached, onChoose }: OneBarProps) {
  const wide = Math.max(1, Math.min(slot.width * 0.72, MOST_WIDE));
  const middle = slot.x + slot.width / 2;
  const height = Math.max(bar.value > 0 ? 1 : 0, (bar.value / slot.top) * AREA);
  const before = bar.before && bar.before.value > 0 ? TOP + AREA - (bar.before.value / slot.top) * AREA : undefined;
  const said = bar.before ? `${bar.said} (${say(WORDS).was(bar.before.said)})` : bar.said;
  return (
    <g
      role="option"
      aria-label={`${bar.name}: ${said}`}
      aria-selected={isChosen}
      tabIndex={isReached ? 0 : -1}
      className="console-bars-bar"
      onFocus={onChoose}
      onPointerEnter={onChoose}
      onClick={onChoose}
    >
      <rect className="console-bars-slot" x={slot.x} y={TOP - 8} width={slot.width} height={AREA + 8} rx="4" />
      <rect className="console-bars-value" x={middle - wide / 2} y={TOP + AREA - height} width={wide} height={height} rx={Math.min(3, wide / 4)} />
      {before !== undefined && (
        <>
          <line className="console-bars-halo" x1={middle - slot.width * 0.44} x2={middle + slot.width * 0.44} y1={before} y2={before} />
          <line className="console-bars-before" x1={middle - slot.width * 0.44} x2={middle + slot.width * 0.44} y1={before} y2={before} />
        </>
      )}
    </g>
  );
}

function Scale({ ticks, unit, width }: { ticks: readonly number[]; unit: string; width: number }) {
  const top = ticks.at(-1) ?? 1;
  const written = numberFormat({ maximumSignificantDigits: 4, notation: top >= 100_000 ? 'compact' : 'standard' });
  return (
    <g aria-hidden="true" className="console-bars-scale">
      {unit && (
        <text x="0" y="11">
          {unit}
        </text>
      )}
      {ticks.map((tick) => {
        const y = TOP + AREA - (tick / top) * AREA;
        return (
          <g key={tick}>
            <line x1={LEFT} x2={width} y1={y} y2={y} />
            <text x={LEFT - 8} y={y + 4} textAnchor="end">
              {written.format(tick)}
            </text>
          </g>
        );
      })}
    </g>
  );
}

function Ticks({ bars, slot }: { bars: readonly Bar[]; slot: number }) {
  const stride = labelStride(bars.length, slot * bars.length, LABEL_ROOM);
  return (
    <g aria-hidden="true" className="console-bars-scale">
      {bars.map(
        ({ key, tick }, place) =>
          place % stride === 0 && (
            <text key={key} x={LEFT + (place + 0.5) * slot} y={HEIGHT - 6} textAnchor="middle">
              {tick}
            </text>
          ),
      )}
    </g>
  );
}

/** Go to another bar with the arrow keys, Home and End; the focus chooses it. */
function moved(event: KeyboardEvent<SVGGElement>, count: number): void {
  const all = [...event.currentTarget.children] as SVGGElement[];
  const now = all.findIndex((each) => each === document.activeElement);
  const next = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: count - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  all[Math.min(Math.max(next, 0), count - 1)]?.focus();
}
