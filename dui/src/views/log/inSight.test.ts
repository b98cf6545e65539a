import { describe, expect, it } from 'vitest';
import { inSight } from './inSight';

describe('the rows in sight', () => {
  it('are those at the place, and some beside', () => {
    expect(inSight(2800, 280, 28, 100_000)).toEqual({ first: 90, last: 120 });
  });

  it('end with the list', () => {
    expect(inSight(0, 600, 28, 5)).toEqual({ first: 0, last: 5 });
    expect(inSight(0, 600, 28, 0)).toEqual({ first: 0, last: 0 });
  });

  it('are the last ones when the list became shorter', () => {
    expect(inSight(999_999, 280, 28, 20)).toEqual({ first: 9, last: 20 });
  });
});
