import { describe, expect, it } from 'vitest';
import { depositFor, energyFor, furtherTerms, roundUp } from '../../src/ui/tariff';
import { ETH, TOKEN } from './fakeApp';

const PLAIN = { per_kwh: '400000000000000000', per_session: '0' };

describe('what a deposit buys', () => {
  it('is exact where energy is all', () => {
    expect(energyFor(5n * ETH, PLAIN)).toEqual({ wh: 12_500, about: false });
  });

  it('leaves the fee and the tax aside', () => {
    const tariff = { ...PLAIN, per_session: String(ETH), tax_percent: '19' };
    expect(energyFor(595n * ETH / 100n, tariff)).toEqual({ wh: 10_000, about: false });
    expect(energyFor(ETH, tariff).wh).toBe(0);
  });

  it('is about right where time counts, and endless where energy is free', () => {
    expect(energyFor(ETH, { ...PLAIN, per_minute: '1' }).about).toBe(true);
    expect(energyFor(ETH, { ...PLAIN, per_kwh: '0' }).wh).toBe(Number.POSITIVE_INFINITY);
  });

  it('covers what it was made for', () => {
    for (const tariff of [PLAIN, { per_kwh: '39.5', per_session: '12.25', tax_percent: '7.7' }]) {
      expect(energyFor(depositFor(10_000, tariff), tariff).wh).toBeGreaterThanOrEqual(10_000);
    }
    expect(depositFor(10_000, PLAIN)).toBe(4n * ETH);
    expect(roundUp(1_234n)).toBe(1_300n);
    expect(roundUp(7n)).toBe(7n);
  });
});

describe('a tariff in words', () => {
  it('says nothing more where energy is all', () => {
    expect(furtherTerms(PLAIN, TOKEN)).toEqual([]);
  });

  it('says each further term', () => {
    const said = furtherTerms({
      ...PLAIN, per_session: String(ETH), idle_per_minute: String(ETH / 100n), idle_grace_minutes: 10,
      maximum: String(20n * ETH), tax_percent: '19', timezone: 'Europe/Berlin',
      windows: [{ start: '22:00', end: '06:00', days: ['sat', 'sun'], per_kwh: String(ETH / 5n) }],
    }, TOKEN);
    expect(said).toEqual([
      '1 ETH once per session',
      '0.01 ETH per minute while the car is full, after 10 minutes',
      '0.2 ETH per kWh from 22:00 to 06:00 on Sat, Sun (Europe/Berlin)',
      'At most 20 ETH per session',
      'Plus 19 % tax',
    ]);
  });
});
