import { describe, expect, it } from 'vitest';
import { exactAmount, percentOf, quotedToken, shownAmount, toAmount, tokenSymbol } from './amount';

describe('amounts', () => {
  it('writes every digit where it must be exact', () => {
    expect(exactAmount('1500000000000000000')).toBe('1.5');
    expect(exactAmount('1')).toBe('0.000000000000000001');
    expect(exactAmount('0')).toBe('0');
    expect(exactAmount('115792089237316195423570985008687907853269984665640564039457584007913129639935')).toBe(
      '115792089237316195423570985008687907853269984665640564039457.584007913129639935',
    );
  });

  it('rounds down for reading, and never shows something as nothing', () => {
    expect(shownAmount('1999999999999999999')).toBe('1.999999');
    expect(shownAmount('1234000000000000000000')).toBe('1,234');
    expect(shownAmount('999')).toBe('<0.000001');
    expect(shownAmount('0')).toBe('0');
  });

  it('counts each token by its own decimals', () => {
    expect(exactAmount('1500000', 6)).toBe('1.5');
    expect(exactAmount('1500000', 0)).toBe('1500000');
    expect(shownAmount('12', 2)).toBe('0.12');
    expect(shownAmount('1234567', 0)).toBe('1,234,567');
  });

  it('calls a token by what its quote says, and only the chain’s own by the chain', () => {
    const native = '0x' + '0'.repeat(40);
    const other = '0x' + '12'.repeat(20);
    expect(quotedToken({ token: other, token_decimals: 6, token_symbol: 'USDx' }, 31337)).toEqual({ decimals: 6, symbol: 'USDx' });
    expect(quotedToken({ token: other, token_decimals: 2, token_symbol: '' }, 31337)).toEqual({ decimals: 2, symbol: 'tokens' });
    expect(quotedToken({ token: native, token_decimals: 18, token_symbol: '' }, 31337).symbol).toBe('ETH');
    expect(quotedToken({}, 31337)).toEqual({ decimals: 18, symbol: 'ETH' });
  });

  it('takes what is no amount for nothing', () => {
    for (const money of [null, undefined, '', '-1', '1.5', '1e18']) expect(toAmount(money)).toBe(0n);
  });

  it('gives a share that stays between 0 and 100', () => {
    expect(percentOf('250', '1000')).toBe(25);
    expect(percentOf('1', '3')).toBe(33.3);
    expect(percentOf('5', '0')).toBe(0);
    expect(percentOf('2000', '1000')).toBe(100);
  });

  it('names the token of chains that it knows', () => {
    expect(tokenSymbol(31337)).toBe('ETH');
    expect(tokenSymbol(424242)).toBe('tokens');
    expect(tokenSymbol(null)).toBe('tokens');
  });
});
