/** OCPP-J frames as the message log keeps them: texts of JSON arrays. Pure. */

import type { Message } from '../types';

const PAYLOAD_OF_CALL = 3;
const PAYLOAD_OF_ANSWER = 2;

/** A frame with indents, for reading; one that was cut stays as it is. */
export function pretty(frame: string): string {
  try {
    return JSON.stringify(JSON.parse(frame), null, 2);
  } catch {
    return frame;
  }
}

/** The payload of a request or an answer; null where it can't be read. */
export function payloadOf(frame: string | null): unknown {
  if (!frame) return null;
  try {
    const parts: unknown = JSON.parse(frame);
    if (!Array.isArray(parts)) return null;
    return parts[parts[0] === 2 ? PAYLOAD_OF_CALL : PAYLOAD_OF_ANSWER] ?? null;
  } catch {
    return null;
  }
}

/** What a message is about in short: the first few plain values of its request. */
export function gist(message: Message): string {
  const payload = payloadOf(message.request);
  if (typeof payload !== 'object' || payload === null) return '';
  const plain = Object.entries(payload).filter(([, value]) => typeof value !== 'object');
  return plain.slice(0, 3).map(([name, value]) => `${name} ${String(value)}`).join(' · ');
}

/** What became of a request of ours after nobody waited for its answer any more; null: nothing yet. */
export function lateAnswer(messages: readonly Message[], operation: string, askedAt: number): Message | null {
  const own = messages.find(
    ({ action, direction, at }) => action === operation && direction === 'sent' && Date.parse(at) >= askedAt,
  );
  if (!own) return null;
  if (own.answer) return own;
  return messages.findLast(({ outcome, at }) => outcome === 'stray' && Date.parse(at) >= Date.parse(own.at)) ?? null;
}
