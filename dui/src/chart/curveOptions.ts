import type UPlot from 'uplot';
import type { Axis, Options, Series } from 'uplot';
import { numberFormat } from '../format/locale';
import { say } from '../words/language';
import { WORDS } from './words';

export const CURVE_HEIGHT = 220;

/** The colours of the curve, from the page's theme: uPlot draws on a canvas, where no CSS reaches. */
interface CurveColors {
  power: string;
  powerFill: string;
  energy: string;
  text: string;
  grid: string;
}

export function curveColors(element: Element): CurveColors {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(`--curve-${name}`).trim();
  return {
    power: color('power'),
    powerFill: color('power-fill'),
    energy: color('energy'),
    text: color('text'),
    grid: color('grid'),
  };
}

/** How much time is shown before and after a reading that is the only one. */
const AROUND_ONE_S = 30;
/** A line needs two readings: the first alone is a dot. */
const DOTS: Series.Points = { show: (plot) => plot.data[0].length === 1, size: 7 };

/** How the curve is drawn: power as an area at the left scale, energy as a line at the right one. */
export function curveOptions(width: number, colors: CurveColors, font: string): Options {
  const axis: Axis = {
    stroke: colors.text,
    font: `12px ${font}`,
    grid: { stroke: colors.grid, width: 1 },
    ticks: { show: false },
  };
  const words = say(WORDS);
  const format = numberFormat({ minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const ticks = numberFormat({ maximumFractionDigits: 3 });
  const value: Series.Value = (_plot, raw) => (raw == null ? '–' : format.format(raw));
  const values: Axis.Values = (_plot, splits) => splits.map((split) => ticks.format(split));
  return {
    width,
    height: CURVE_HEIGHT,
    legend: { live: true },
    hooks: { ready: [showNewest], setData: [showNewest], setCursor: [showNewest] },
    cursor: { drag: { x: false, y: false }, points: { size: 7 } },
    scales: {
      x: { range: timeRange },
      kW: { range: (_plot, _min, max) => [0, nice(max)] },
      kWh: { range: (_plot, _min, max) => [0, nice(max)] },
    },
    axes: [
      { ...axis, grid: { show: false }, space: 80, size: 34, values: '{HH}:{mm}:{ss}' },
      { ...axis, scale: 'kW', size: 44, values },
      { ...axis, scale: 'kWh', side: 1, size: 52, values, grid: { show: false } },
    ],
    series: [
      { label: words.at, value: '{HH}:{mm}:{ss}' },
      { label: words.power, scale: 'kW', stroke: colors.power, fill: colors.powerFill, width: 2, points: DOTS, value },
      { label: words.energy, scale: 'kWh', stroke: colors.energy, width: 2, dash: [6, 4], points: DOTS, value },
    ],
  };
}

/** The time that is shown: that of the readings; uPlot itself would give a single one a whole day. */
function timeRange(plot: UPlot, min: number, max: number): [number, number] {
  const [only, ...more] = plot.data[0];
  return only !== undefined && more.length === 0 ? [only - AROUND_ONE_S, only + AROUND_ONE_S] : [min, max];
}

/** While no pointer is over the curve, its legend tells the newest reading. */
function showNewest(plot: UPlot): void {
  const last = plot.data[0].length - 1;
  if ((plot.cursor.left ?? -1) < 0 && last >= 0 && plot.legend.idx !== last) plot.setLegend({ idx: last }, false);
}

/** The top of a scale: a little above the highest value, so that a flat curve does not stick to the edge. */
function nice(max: number | null): number {
  return max && max > 0 ? max * 1.1 : 1;
}
