import { describe, expect, it } from 'vitest';
import { labelStride, roundTicks } from './scale';

describe('a scale', () => {
  it('has round numbers up to what is on it', () => {
    expect(roundTicks(97)).toEqual([0, 25, 50, 75, 100]);
    expect(roundTicks(0.0072)).toEqual([0, 0.002, 0.004, 0.006, 0.008]);
    expect(roundTicks(100)).toEqual([0, 25, 50, 75, 100]);
    expect(roundTicks(2, 4, true)).toEqual([0, 1, 2]);
    expect(roundTicks(0)).toEqual([0, 1]);
  });

  it('leaves out labels that would touch', () => {
    expect(labelStride(30, 1200, 40)).toBe(1);
    expect(labelStride(30, 300, 40)).toBe(4);
    expect(labelStride(30, 0, 40)).toBeGreaterThan(30);
  });
});
