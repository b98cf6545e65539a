import { describe, expect, it } from 'vitest';
import { curveColumns, curveSummary } from './curveData';

describe('the curve', () => {
  const points = [
    { t: 1_000, power_w: null, energy_wh: 0 },
    { t: 2_500, power_w: 11_040, energy_wh: 1_234 },
  ];

  it('keeps a missing power apart from a power of zero', () => {
    expect(curveColumns(points)).toEqual([
      [1, 2.5],
      [null, 11.04],
      [0, 1.234],
    ]);
  });

  it('is said in a sentence', () => {
    expect(curveSummary(points)).toContain('peak 11.0 kW, 1.234 kWh');
    expect(curveSummary([])).toBe('No readings yet.');
  });
});
