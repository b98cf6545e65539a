import type { CurvePoint } from '../wire/types';

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
  const last = points.at(-1);
  if (!last) return 'No readings yet.';
  const peak = Math.max(0, ...points.map((point) => point.power_w ?? 0));
  return (
    `Power and energy over time: ${points.length} readings, ` +
    `peak ${(peak / 1000).toFixed(1)} kW, ${(last.energy_wh / 1000).toFixed(3)} kWh so far.`
  );
}
