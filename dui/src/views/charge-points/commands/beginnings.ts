/** What the forms of operations begin with, where the API's examples are not of use. */

import type { Operation } from './operations';

const MINUTE_MS = 60_000;
const LEFT_OUT = new Set(['location', 'remoteLocation', 'idTag', 'key', 'value', 'vendorId', 'messageId', 'data', 'transactionId']);
const LARGE = /^-----BEGIN|^0{32,}|^AAAA$/;
const HOLDS_FOR = 60 * MINUTE_MS;

/** The example without its placeholders, with moments that lie ahead, and over it what is given. */
export function beginningOf(operation: Operation, given: Readonly<Record<string, unknown>> = {}, now = new Date()): unknown {
  const example = isObject(operation.example) ? operation.example : {};
  const kept = operation.name === 'ClearChargingProfile' ? {} : (cleaned(example, now) as Record<string, unknown>);
  return { ...kept, ...numbers(kept, now), ...given };
}

function cleaned(value: unknown, now: Date): unknown {
  if (Array.isArray(value)) return value.map((item) => (typeof item === 'string' ? null : cleaned(item, now))).filter((item) => item !== null);
  if (!isObject(value)) return value;
  const parts = Object.entries(value).map(([name, part]) => {
    if (LEFT_OUT.has(name) || (typeof part === 'string' && LARGE.test(part))) return [name, undefined];
    if (typeof part === 'string' && part.startsWith('2099-')) return [name, ahead(name, now)];
    return [name, cleaned(part, now)];
  });
  return Object.fromEntries(parts);
}

function ahead(name: string, now: Date): string {
  return new Date(now.getTime() + (name === 'expiryDate' ? HOLDS_FOR : 0)).toISOString();
}

/** Numbers that only have to be new. */
function numbers(example: Record<string, unknown>, now: Date): Record<string, number> {
  const fresh = Math.floor(now.getTime() / 1000) % 1_000_000_000;
  return Object.fromEntries(['reservationId', 'requestId', 'listVersion'].filter((name) => name in example).map((name) => [name, fresh]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
