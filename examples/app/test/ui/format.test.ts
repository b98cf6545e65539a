import { describe, expect, it } from 'vitest';
import {
  decimalOf, ends, exactAmount, exactPrice, fromNow, kilowattHours, readAmount, shortAmount,
} from '../../src/ui/format';
import { hashOf, readRoute } from '../../src/ui/route';
import { ETH, TOKEN } from './fakeApp';

const CENTS = { address: '0x01', symbol: 'EURC', decimals: 2 };

describe('amounts', () => {
  it('keep every digit, beyond what a float can', () => {
    const value = 123_456_789n * ETH + 1n;
    expect(decimalOf(value, 18)).toBe('123456789.000000000000000001');
    expect(exactAmount(value, TOKEN)).toBe('123,456,789.000000000000000001 ETH');
    expect(readAmount('123456789.000000000000000001', TOKEN)).toBe(value);
  });

  it('are short at a glance, and never nothing where there is something', () => {
    expect(shortAmount(5n * ETH, TOKEN)).toBe('5.00 ETH');
    expect(shortAmount(123_456n * ETH / 100_000n, TOKEN)).toBe('1.2346 ETH');
    expect(shortAmount(1_234_567n, TOKEN)).toBe('0.00000000000123 ETH');
    expect(shortAmount(0n, TOKEN)).toBe('0.00 ETH');
    expect(shortAmount(-150n, CENTS)).toBe('-1.50 EURC');
  });

  it('are read as people write them, and refused where a digit would be lost', () => {
    expect(readAmount(' 2,5 ', TOKEN)).toBe(25n * ETH / 10n);
    expect(readAmount('2.50', CENTS)).toBe(250n);
    for (const text of ['', '-1', '1e3', '1.2.3', 'x']) expect(readAmount(text, TOKEN)).toBeUndefined();
    expect(readAmount('0.001', CENTS)).toBeUndefined();
  });

  it('of a tariff may be parts of the smallest unit', () => {
    expect(exactPrice('400000000000000000', TOKEN)).toBe('0.4 ETH');
    expect(exactPrice('39.5', CENTS)).toBe('0.395 EURC');
  });
});

describe('other figures', () => {
  it('have their units and places', () => {
    expect(kilowattHours(1_234)).toBe('1.23');
    const now = new Date('2026-01-01T12:00:00Z');
    expect(fromNow(new Date('2026-01-01T14:00:00Z'), now)).toBe('in 2 hours');
    expect(ends('0x0123456789abcdef0123456789', 8, 4)).toBe('0x012345…6789');
  });
});

describe('routes', () => {
  it('come back as they were', () => {
    const did = `did:ethr:0x7a69:0x${'ab'.repeat(20)}`;
    for (const route of [
      { at: 'start' }, { at: 'settings' }, { at: 'scan' }, { at: 'session', id: '0x12' },
      { at: 'station', did, connector: 2 }, { at: 'deposit', did, connector: 1 },
    ] as const) {
      expect(readRoute(hashOf(route))).toEqual(route);
    }
  });

  it('lead to the start where they make no sense', () => {
    for (const hash of ['', '#/nowhere', '#/session/', '#/station/%E0%A4%A']) {
      expect(readRoute(hash)).toEqual({ at: 'start' });
    }
  });
});
