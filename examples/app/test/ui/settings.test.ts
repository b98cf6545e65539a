import { describe, expect, it } from 'vitest';
import { areSettings, EMPTY, newKey, readTyped, typedOf } from '../../src/ui/settings';
import { SETTINGS } from './fakeApp';

describe('the settings form', () => {
  it('gives back what was shown', () => {
    expect(readTyped(typedOf(SETTINGS), SETTINGS)).toEqual(SETTINGS);
  });

  it('names each field that is wrong', () => {
    const wrong = readTyped(
      { chainUrl: 'ws://x', chainId: '0', authorities: 'did:web:x', bootstrap: 'here', testWalletKey: '0x12' },
      EMPTY,
    );
    expect(areSettings(wrong)).toBe(false);
    expect(Object.keys(wrong).sort()).toEqual(['authorities', 'bootstrap', 'chainId', 'chainUrl', 'testWalletKey']);
  });

  it('makes keys of 32 bytes, each another one', () => {
    expect(newKey()).toMatch(/^0x[0-9a-f]{64}$/);
    expect(newKey()).not.toBe(newKey());
  });
});
