import { useState } from 'react';
import { useWidth } from './useWidth';
import './heat.css';

export interface HeatCell {
  readonly key: string;
  readonly row: number;
  readonly column: number;
  /** From 0 to the highest step. */
  readonly value: number;
  /** What stands in it where there is room: a number of few digits. */
  readonly short: string;
  /** All that it says: "Monday, 07:00–08:00: 12 %". */
  readonly said: string;
}

interface HeatMapProps {
  label: string;
  rows: readonly string[];
  columns: readonly string[];
  cells: readonly HeatCell[];
  /** The upper ends of the steps, nothing first, and how each is called; up to six. */
  steps: readonly { readonly most: number; readonly name: string }[];
}

const TONES = 5;
const LEFT = 36;
const TOP = 18;
const GAP = 2;
const ROW = 30;
const ROOM_FOR_NUMBERS = 26;
const ROOM_FOR_LABEL = 28;

/** Numbers in rows and columns as colours, in steps that a legend tells; in wide cells as numbers, too. */
export function HeatMap({ label, rows, columns, cells, steps }: HeatMapProps) {
  const [holder, width] = useWidth<HTMLDivElement>();
  const [pointed, point] = useState<string | null>(null);
  const cell = (width - LEFT) / columns.length;
  const height = TOP + rows.length * ROW;
  return (
    <figure className="console-heat">
      <div ref={holder} style={{ minHeight: height }}>
        {width > 0 && (
          <svg role="img" aria-label={label} viewBox={`0 0 ${width} ${height}`} width={width} height={height} onPointerLeave={() => point(null)}>
            <Labels rows={rows} columns={columns} cell={cell} />
            {cells.map(({ key, row, column, value, short, said }) => {
              const [x, y] = [LEFT + column * cell, TOP + row * ROW];
              const tone = toneOf(stepOf(value, steps), steps.length);
              return (
                <g key={key} className={`console-heat-cell console-heat-${tone}`} onPointerEnter={() => point(said)}>
                  <rect x={x} y={y} width={Math.max(cell - GAP, 1)} height={ROW - GAP} rx="3" />
                  {cell >= ROOM_FOR_NUMBERS && value > 0 && (
                    <text x={x + (cell - GAP) / 2} y={y + ROW / 2 + 3} textAnchor="middle">
                      {short}
                    </text>
                  )}
                </g>
              );
            })}
          </svg>
        )}
      </div>
      <figcaption>
        <ul className="console-heat-legend">
          {steps.map(({ name }, place) => (
            <li key={name}>
              <i className={`console-heat-key console-heat-${toneOf(place, steps.length)}`} /> {name}
            </li>
          ))}
        </ul>
        <span className="console-heat-said" aria-hidden="true">
          {pointed}
        </span>
      </figcaption>
    </figure>
  );
}

function Labels({ rows, columns, cell }: { rows: readonly string[]; columns: readonly string[]; cell: number }) {
  const stride = cell >= ROOM_FOR_LABEL ? 1 : cell * 3 >= ROOM_FOR_LABEL ? 3 : 6;
  return (
    <g aria-hidden="true" className="console-heat-labels">
      {rows.map((name, row) => (
        <text key={name} x="0" y={TOP + row * ROW + ROW / 2 + 3}>
          {name}
        </text>
      ))}
      {columns.map(
        (name, column) =>
          column % stride === 0 && (
            <text key={name} x={LEFT + column * cell + (cell - GAP) / 2} y="11" textAnchor="middle">
              {name}
            </text>
          ),
      )}
    </g>
  );
}

function stepOf(value: number, steps: HeatMapProps['steps']): number {
  const found = steps.findIndex(({ most }) => value <= most);
  return found < 0 ? steps.length - 1 : found;
}

/** The colour of a step: 0 for the first, and the full one for the last. */
function toneOf(step: number, steps: number): number {
  if (step === 0) return 0;
  return steps <= 2 ? TONES : Math.round(1 + ((step - 1) * (TONES - 1)) / (steps - 2));
}
