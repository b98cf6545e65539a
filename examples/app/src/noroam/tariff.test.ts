import { expect, test } from 'vitest';
import { instant, MINUTE } from './instant';
import { price, priceLines, usageOfEnergy } from './price';
import { Rational } from './rational';
import { readTariff, timeBySlot } from './tariff';

const minutes = (timezone: string, from: string, to: string) => {
  const windows = [{ start: '22:00', end: '06:00', days: ['sat'] }];
  const terms = readTariff({ per_kwh: '1', per_session: '0', timezone, windows });
  return timeBySlot(terms, instant(from), instant(to)).map((time) => Number(time / MINUTE));
};

test('a window that goes over midnight belongs to the day on which it begins', () => {
  expect(minutes('UTC', '2026-01-10T21:00:00Z', '2026-01-11T07:00:00Z')).toEqual([120, 480]);
  expect(minutes('UTC', '2026-01-11T21:00:00Z', '2026-01-12T07:00:00Z')).toEqual([600, 0]);
});

test('a night on which the clock changes has an hour more or less', () => {
  // The clock of Berlin goes from 2 to 3 on Sunday 29 March 2026, back on 25 October.
  expect(minutes('Europe/Berlin', '2026-03-28T20:00:00Z', '2026-03-29T06:00:00Z')).toEqual([
    180, 420,
  ]);
  expect(minutes('Europe/Berlin', '2026-10-24T20:00:00Z', '2026-10-25T06:00:00Z')).toEqual([
    60, 540,
  ]);
});

test('each line is rounded down, and the price ends at the deposit', () => {
  const terms = readTariff({ per_kwh: '0.4', per_session: '2.9', tax_percent: '19' });
  const usage = usageOfEnergy(terms, 0, 9999);
  expect(priceLines(terms, usage).map(({ amount }) => amount)).toEqual([3n, 2n, 0n]);
  expect(price(terms, usage, 100n)).toBe(5n);
  expect(price(terms, usage, 4n)).toBe(4n);
});

test('where nothing flowed neither fee nor minimum is due', () => {
  const terms = readTariff({ per_kwh: '1', per_session: '5', minimum: '10' });
  expect(price(terms, usageOfEnergy(terms, 7, 7), 100n)).toBe(0n);
});

test('a tariff that counts time needs a usage', () => {
  const terms = readTariff({ per_kwh: '1', per_session: '0', per_minute: '1' });
  expect(() => usageOfEnergy(terms, 0, 1)).toThrow(RangeError);
});

test.each([
  { per_kwh: '1e3', per_session: '0' },
  { per_kwh: '-1', per_session: '0' },
  { per_kwh: '1', per_session: '0', timezone: 'Middle/Earth', windows: [] },
])('what is no tariff is refused: %j', (tariff) => {
  expect(() => readTariff(tariff)).toThrow(RangeError);
});

test('fractions are exact', () => {
  expect(Rational.parse('3601/3').times(new Rational(3n)).floor()).toBe(3601n);
  expect(Rational.parse('0.1').plus(Rational.parse('0.2')).compare(Rational.parse('0.3'))).toBe(0);
  expect(new Rational(-1n, 2n).floor()).toBe(-1n);
});
