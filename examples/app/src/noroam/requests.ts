import type { Address, Hex } from 'viem';
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts';
import type { Link, Posted } from './link';
import { newReplyKey, type ReplyKey } from './seal';
import { signBody, type Content } from './signed';
import { NoroamError } from './types';

const HOLDS_MS = 60_000;

/** The keys of one session, and the last nonce that was used. */
export interface Keys {
  privateKey: Hex;
  replyKey: ReplyKey;
  nonce: number;
}

export async function newKeys(): Promise<Keys> {
  return { privateKey: generatePrivateKey(), replyKey: await newReplyKey(), nonce: 0 };
}

export function addressOf(keys: Keys): Address {
  return privateKeyToAddress(keys.privateKey);
}

/** Signs a request with the next nonce, once it is kept, and sends it. Raises NoroamError. */
export async function post(
  link: Link,
  keys: Keys,
  did: string,
  fields: Content,
  keep?: () => Promise<void>,
): Promise<Posted> {
  keys.nonce += 1;
  const { type, ...more } = fields;
  const expires_at = new Date(Date.now() + HOLDS_MS).toISOString();
  const reply = link.over ? { reply_key: keys.replyKey.name } : {};
  const content = { type, provider_did: did, nonce: keys.nonce, expires_at, ...reply, ...more };
  await keep?.();
  const body = await signBody(content, keys.privateKey);
  if (link.over && !link.replyKeys.includes(keys.replyKey)) link.replyKeys.push(keys.replyKey);
  const { answer } = await link.post({ ...body }, expires_at);
  return { answer: answer.then(orRefused) };
}

/** The same, and gives the answer. Raises NoroamError. */
export async function ask(link: Link, keys: Keys, did: string, fields: Content): Promise<Content> {
  return (await post(link, keys, did, fields)).answer;
}

function orRefused(answer: Content): Content {
  if (answer.type === 'RequestRefused') throw refused(String(answer.reason));
  return answer;
}

const LATER = ['overloaded', 'too_many_requests', 'expired', 'replayed'];

function refused(reason: string): NoroamError {
  const advice = LATER.includes(reason) ? 'retry' : 'later';
  return new NoroamError(reason, `The station refused: ${reason.replaceAll('_', ' ')}.`, advice);
}
