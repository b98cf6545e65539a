import { count, kilowattHours, kilowatts } from '../format/units';
import type { CurvePoint } from '../wire/types';
import { say } from '../words/language';
import { WORDS } from './words';

/** Columns as uPlot draws them: seconds since 1970, kilowatts, kilowatt-hours. */
export type CurveColumns = [number[], (number | null)[], number[]];

export function curveColumns(points: readonly CurvePoint[]): CurveColumns {
  return [
    points.map((point) => point.t / 1000),
    points.map((point) => (point.power_w == null ? null : point.power_w / 1000)),
    points.map((point) => point.energy_wh / 1000),
  ];
}

/** Say the curve in one sentence, for who can't see it. */
export function curveSummary(points: readonly CurvePoint[]): string {
  const words = say(WORDS);
  const last = points.at(-1);
  if (!last) return words.none;
  const peak = points.reduce((most, { power_w }) => Math.max(most, power_w ?? 0), 0);
  return words.summary(count(points.length), kilowatts(peak) ?? '', kilowattHours(last.energy_wh) ?? '');
}
