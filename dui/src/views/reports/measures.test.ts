import { describe, expect, it } from 'vitest';
import type { Token } from '../../format/amount';
import { growth, measured, purseOf, success, tokensOf, unitOf } from './measures';
import type { Sums } from './types';

const USD = '1:0xaa';
const find = (_chain: unknown, token: string | null | undefined): Token =>
  token === '0xaa' ? { decimals: 6, symbol: 'USDx' } : { decimals: 18, symbol: 'ETH' };
const sums = {
  sessions: 4,
  settled: 3,
  energy_wh: 12_345,
  gas_fees: { '1': '2000000000000000' },
  tokens: { '1:0x0': { spent: '1500000000000000000' }, [USD]: { spent: '2500000' } },
} as unknown as Sums;

describe('measures', () => {
  it('are in the chosen token, each by its own decimals', () => {
    const purse = purseOf(sums, USD, find);
    expect(measured('revenue', sums, purse)).toEqual({ value: 2.5, said: '2.5 USDx' });
    expect(measured('gas', sums, purse)).toEqual({ value: 0.002, said: '0.002 ETH' });
    expect([unitOf('energy', purse), unitOf('revenue', purse), unitOf('sessions', purse)]).toEqual(['kWh', 'USDx', '']);
    expect(measured('energy', sums, purse)).toEqual({ value: 12.345, said: '12.345 kWh' });
  });

  it('take the first token where the chosen one was not earned', () => {
    expect(purseOf(sums, '5:0xbb', find).key).toBe('1:0x0');
    expect(measured('revenue', { ...sums, tokens: {} }, purseOf(sums, '', find))).toEqual({ value: 0, said: '0 ETH' });
    expect(tokensOf(sums, '').map(([key]) => key)).toEqual(['1:0x0', USD]);
    expect(tokensOf(sums, USD)).toEqual([[USD, '2500000']]);
  });

  it('have no share of nothing', () => {
    expect(success(sums)).toBe(0.75);
    expect(success({ ...sums, sessions: 0 })).toBeNull();
    expect(growth(3, 2)).toBe(0.5);
    expect(growth(3, 0)).toBeNull();
  });
});
