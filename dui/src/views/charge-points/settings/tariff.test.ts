import { describe, expect, it } from 'vitest';
import { inSmallestUnit, inTokens, priceLines, sumOf } from './tariff';

describe('prices', () => {
  it('are written in whole tokens, and read back exactly', () => {
    expect(inTokens('250000000000000000', 18)).toBe('0.25');
    expect(inTokens('3', 6)).toBe('0.000003');
    expect(inTokens('12.5', 2)).toBe('0.125');
    for (const price of ['0', '1', '250000000000000000', '123456789012345678901', '12.5']) {
      expect(inSmallestUnit(inTokens(price, 18), 18)).toBe(price);
    }
  });

  it('take a comma, and nothing else', () => {
    expect(inSmallestUnit('0,45', 6)).toBe('450000');
    expect(inSmallestUnit(' 2 ', 0)).toBe('2');
    for (const text of ['', '-1', '1e3', '1.', '.5', '1.000,5', 'x']) expect(inSmallestUnit(text, 6)).toBeNull();
  });
});

describe('the price of an example', () => {
  const session = { energyWh: 20_000, minutes: 60, idleMinutes: 15 };

  it('adds energy, fee, time, idling and tax up, each rounded down', () => {
    const tariff = {
      per_kwh: '400000',
      per_session: '500000',
      per_minute: '1000.5',
      idle_per_minute: '100000',
      idle_grace_minutes: 10,
      tax_percent: '19',
    };
    const lines = priceLines(tariff, session);
    expect(lines.map(({ item, amount }) => [item, amount])).toEqual([
      ['energy', '8000000'],
      ['session', '500000'],
      ['time', '60030'],
      ['idle', '500000'],
      ['tax', '1721405'],
    ]);
    expect(sumOf(lines)).toBe(10_781_435n);
  });

  it('is raised to the minimum, or cut to the maximum', () => {
    expect(sumOf(priceLines({ per_kwh: '1', minimum: '500' }, session))).toBe(500n);
    expect(sumOf(priceLines({ per_kwh: '100', maximum: '900' }, session))).toBe(900n);
    expect(sumOf(priceLines({ per_kwh: '1', minimum: '500', per_session: '9' }, { ...session, energyWh: 0 }))).toBe(0n);
  });

  it('takes the prices of a window where it has its own', () => {
    const tariff = { per_kwh: '100', per_minute: '2', windows: [{ start: '22:00', end: '06:00', per_kwh: '50' }] };
    expect(sumOf(priceLines(tariff, session))).toBe(2120n);
    expect(sumOf(priceLines(tariff, session, 0))).toBe(1120n);
  });
});
