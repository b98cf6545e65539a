/** The HTTP API as the page asks it: with the session's cookie, JSON in and out. */

import { Problem, problemOf } from './problem';

const BASE = '/api/v1';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

let onSignedOut: () => void = () => undefined;

/** Tell what to do when the server does not know us any more. */
export function whenSignedOut(call: () => void): void {
  onSignedOut = call;
}

/** The address of a resource; parameters that are null, undefined or empty are left out. */
export function address(path: string, query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value != null && value !== '');
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return `${BASE}${path}${text && `?${text}`}`;
}

/** An answer, and its entity tag: `If-Match` with it changes only what nobody else changed since. */
export interface Tagged<T> {
  readonly value: T;
  readonly tag: string | null;
}

interface Asked {
  query?: Query;
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
}

/** Ask and give the answer's JSON (null: it has none). Throws Problem. */
export async function ask<T>(method: Method, path: string, query?: Query, body?: unknown, signal?: AbortSignal): Promise<T> {
  return (await askTagged<T>(method, path, { query, body, signal })).value;
}

/** Ask as `ask` does, and give the answer's entity tag, too. Throws Problem. */
export async function askTagged<T>(method: Method, path: string, asked: Asked = {}): Promise<Tagged<T>> {
  const response = await sent(method, address(path, asked.query), asked);
  const text = await response.text();
  if (response.ok) return { value: (text ? JSON.parse(text) : null) as T, tag: response.headers.get('ETag') };
  if (response.status === 401 && path !== '/me' && path !== '/sign-in') onSignedOut();
  throw problemOf(response, text);
}

/** Put values into a path, each made safe: `path\`/charge-points/${id}\``. */
export function path(parts: TemplateStringsArray, ...values: (string | number)[]): string {
  return parts.reduce((text, part, place) => text + encodeURIComponent(values[place - 1] ?? '') + part);
}

async function sent(method: Method, url: string, { body, headers: more, signal }: Asked): Promise<Response> {
  const headers: Record<string, string> = { ...more, Accept: 'application/json', 'X-Noroam-Console': '1' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const content = body === undefined ? undefined : JSON.stringify(body);
  try {
    return await fetch(url, { method, headers, body: content, signal, credentials: 'same-origin' });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem(0, '', '');
  }
}
