import { generateKeyPair } from '@libp2p/crypto/keys';
import { peerIdFromPublicKey } from '@libp2p/peer-id';
import type { Hex } from 'viem';
import { bytesToHex, stringToBytes } from 'viem/utils';

/** A new Ed25519 key, as a P2P server has one. */
export async function newServerKey(): Promise<{
  publicKey: Hex;
  peerId: string;
  signText(text: string): Promise<Hex>;
}> {
  const key = await generateKeyPair('Ed25519');
  return {
    publicKey: bytesToHex(key.publicKey.raw),
    peerId: peerIdFromPublicKey(key.publicKey).toString(),
    signText: async (text) => bytesToHex(await key.sign(stringToBytes(text))),
  };
}
