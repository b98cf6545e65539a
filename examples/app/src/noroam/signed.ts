import type { Address, Hex } from 'viem';
import { hashMessage } from 'viem/utils';
import { sign } from 'viem/accounts';
import { sameAddress } from './hex';
import { signerOf } from './safe';

/** A body whose content is signed as it is, byte for byte (EIP-191). */
export interface SignedBody {
  type: string;
  payload: string;
  signature: Hex;
}

/** Content of a body, as read from JSON. */
export type Content = Record<string, unknown> & { type: string };

export async function signBody(content: Content, privateKey: Hex): Promise<SignedBody> {
  const payload = JSON.stringify(content);
  const signature = await sign({ hash: hashMessage(payload), privateKey, to: 'hex' });
  return { type: content.type, payload, signature };
}

/** The content of a body signed by the account; null where it is not, or is of another type. */
export async function readSigned(body: Content, account: Address): Promise<Content | null> {
  const { payload, signature } = body;
  if (typeof payload !== 'string' || typeof signature !== 'string') return null;
  const signer = await signerOf(hashMessage(payload), signature as Hex);
  if (!sameAddress(signer, account)) return null;
  const content = parseObject(payload);
  return content?.type === body.type ? (content as Content) : null;
}

/** A JSON object, or null. */
export function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null; // Not JSON.
  }
}
