import { compactDecrypt, CompactEncrypt, decodeProtectedHeader, importJWK, type JWK } from 'jose';
import type { Hex } from 'viem';
import { bytesToHex, hexToBytes } from 'viem/utils';
import { fromBase64Url, toBase64Url } from './base64url';
import { parseObject, type Content } from './signed';

/** An envelope as it travels. */
export interface Envelope {
  id: string;
  charge_point_id: string;
  at: string;
  caused_by?: string | null;
  body: Content;
}

/** A key of X25519 that answers are sealed to; it can be kept as JSON. */
export interface ReplyKey {
  /** The public half, as requests name it. */
  name: Hex;
  secret: JWK;
}

const ALGORITHM = 'ECDH-ES';
const CURVE = { kty: 'OKP', crv: 'X25519' } as const;

export async function newReplyKey(): Promise<ReplyKey> {
  const pair = (await crypto.subtle.generateKey('X25519', true, ['deriveBits'])) as CryptoKeyPair;
  const { x = '', d = '' } = await crypto.subtle.exportKey('jwk', pair.privateKey);
  return { name: bytesToHex(fromBase64Url(x) ?? new Uint8Array()), secret: { ...CURVE, x, d } };
}

/** Puts an envelope into another one that only the key's owner can read. */
export async function seal(
  envelope: Envelope,
  publicKey: Hex,
  expiresAt?: string,
): Promise<Envelope> {
  const key = await importJWK({ ...CURVE, x: toBase64Url(hexToBytes(publicKey)) }, ALGORITHM);
  const jwe = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(envelope)))
    .setProtectedHeader({ alg: ALGORITHM, enc: 'A256GCM' })
    .encrypt(key);
  const { id, charge_point_id, at, caused_by, body } = envelope;
  const holds = body.type;
  const sealed = { type: 'Sealed', holds, jwe, ...(expiresAt ? { expires_at: expiresAt } : {}) };
  return { id, charge_point_id, at, ...(caused_by ? { caused_by } : {}), body: sealed };
}

/** What was sealed to one of the keys, or null: it is for another, or differs from its cover. */
export async function openSealed(cover: Envelope, keys: ReplyKey[]): Promise<Envelope | null> {
  const jwe = String(cover.body.jwe);
  for (const key of keys) {
    const text = await decrypted(jwe, key);
    const envelope = text === null ? null : (parseObject(text) as Envelope | null);
    if (!envelope) continue;
    const fits =
      envelope.id === cover.id &&
      envelope.charge_point_id === cover.charge_point_id &&
      envelope.body?.type === cover.body.holds;
    return fits ? envelope : null;
  }
  return null;
}

async function decrypted(jwe: string, key: ReplyKey): Promise<string | null> {
  try {
    const { alg, enc } = decodeProtectedHeader(jwe);
    if (alg !== ALGORITHM || enc !== 'A256GCM') return null;
    const { plaintext } = await compactDecrypt(jwe, await importJWK(key.secret, ALGORITHM));
    return new TextDecoder().decode(plaintext);
  } catch {
    return null; // Sealed to another key, or damaged.
  }
}
