import { generateKeyPair } from '@libp2p/crypto/keys';
import type { Hex } from 'viem';
import { bytesToHex, stringToBytes } from 'viem/utils';

/** A new Ed25519 key, as a P2P server has one. */
export async function newServerKey(): Promise<{
  publicKey: Hex;
  signText(text: string): Promise<Hex>;
}> {
  const key = await generateKeyPair('Ed25519');
  return {
    publicKey: bytesToHex(key.publicKey.raw),
    signText: async (text) => bytesToHex(await key.sign(stringToBytes(text))),
  };
}
