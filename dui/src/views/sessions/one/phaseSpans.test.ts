import { describe, expect, it } from 'vitest';
import type { Step } from '../types';
import { phaseSpans } from './phaseSpans';

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 14, 12, 0, seconds)).toISOString();

describe('phaseSpans', () => {
  it('gives each phase its length, and the last one none', () => {
    const timeline: Step[] = [
      { phase: 'verifying', at: at(0) },
      { phase: 'charging', at: at(10) },
      { phase: 'settled', at: at(1010) },
    ];
    const spans = phaseSpans(timeline, at(1010));
    expect(spans.map(({ ms }) => ms)).toEqual([10_000, 1_000_000, null]);
    expect(spans[0]?.share).toBeGreaterThan(0.015);
    expect(spans[2]?.share).toBe(0);
    expect(spans.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  });

  it('shows what happened at once, and clocks that were set back', () => {
    const spans = phaseSpans([{ phase: 'verifying', at: at(10) }, { phase: 'charging', at: at(5) }, { phase: 'settled', at: at(5) }], at(5));
    expect(spans.map(({ ms }) => ms)).toEqual([0, 0, null]);
    expect(spans[0]?.share).toBeCloseTo(0.5);
  });

  it('knows a session of one phase and of none', () => {
    expect(phaseSpans([{ phase: 'rejected', at: at(0) }], at(3))).toEqual([{ phase: 'rejected', at: at(0), ms: 3_000, share: 1 }]);
    expect(phaseSpans([], at(0))).toEqual([]);
  });
});
