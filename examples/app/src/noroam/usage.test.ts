import { expect, test } from 'vitest';
import { instant, SECOND } from './instant';
import type { Usage } from './price';
import { readTariff } from './tariff';
import { whyImpossible, type Bounds } from './usage';

const TERMS = readTariff({
  per_kwh: '10',
  per_session: '0',
  timezone: 'Europe/Berlin',
  windows: [{ start: '22:00', end: '06:00', per_kwh: '5' }],
});
const NOW = instant('2026-01-10T21:30:00Z');
const BOUNDS: Bounds = { powerW: 6000, speed: 1, askedAt: instant('2026-01-10T20:00:00Z') };
const FIRST: Usage = {
  started_at: '2026-01-10T20:00:00Z',
  until: '2026-01-10T20:30:00Z',
  read_at: '2026-01-10T20:30:00Z',
  meter_start_wh: 100,
  meter_wh: 3100,
  energy: ['3000', '0'],
};
/** Half an hour before ten in the evening in Berlin, and half an hour after. */
const SECOND_ONE: Usage = {
  ...FIRST,
  until: '2026-01-10T21:30:00Z',
  read_at: '2026-01-10T21:30:00Z',
  meter_wh: 9100,
  energy: ['6000', '3000'],
};

function why(usage: Usage, before: Usage | null = FIRST, bounds = BOUNDS): string | null {
  return whyImpossible(TERMS, usage, before, bounds, NOW);
}

test('usage that can be true is taken', () => {
  expect(why(FIRST, null)).toBeNull();
  expect(why(SECOND_ONE)).toBeNull();
});

test.each<[string, Partial<Usage>]>([
  ['energy that is not the meter’s', { meter_wh: 9101 }],
  ['slots of another tariff', { energy: ['9000'] }],
  ['another reading at the start', { meter_start_wh: 0, energy: ['6100', '3000'] }],
  ['a slot that goes back', { energy: ['2900', '6100'] }],
  ['a slot with more than its time allows', { energy: ['6100', '2900'] }],
  ['a start before the app asked', { started_at: '2026-01-10T19:59:00Z' }],
  ['an end in the future', { until: '2026-01-10T21:31:00Z' }],
  ['an end before the start', { until: '2026-01-10T19:59:55Z' }],
  ['a car that was full before', { idle: [['2026-01-10T19:00:00Z', '2026-01-10T20:10:00Z']] }],
  ['numbers that are none', { energy: ['much', '3000'] }],
])('%s is refused', (_, changes) => {
  expect(why({ ...SECOND_ONE, ...changes })).not.toBeNull();
});

test('what flowed is bounded by the app’s own clock and the car', () => {
  const late = { ...BOUNDS, askedAt: NOW - 600n * SECOND };
  expect(why(SECOND_ONE, FIRST, late)).toContain('can have flowed');
  expect(why(SECOND_ONE, FIRST, { ...BOUNDS, powerW: 5000 })).toContain('can have flowed');
  expect(why(SECOND_ONE, FIRST, { ...BOUNDS, powerW: 600, speed: 10 })).toBeNull();
});
