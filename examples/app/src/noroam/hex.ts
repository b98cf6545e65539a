import type { Hex } from 'viem';
import { bytesToHex } from 'viem/utils';

export function sameAddress(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** 32 fresh random bytes. */
export function randomWord(): Hex {
  return bytesToHex(crypto.getRandomValues(new Uint8Array(32)));
}
