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

/** Ask and give the answer's JSON (null: it has none). Throws Problem. */
export async function ask<T>(method: Method, path: string, query?: Query, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await sent(method, address(path, query), body, signal);
  const text = await response.text();
  if (response.ok) return (text ? JSON.parse(text) : null) as T;
  if (response.status === 401 && path !== '/me' && path !== '/sign-in') onSignedOut();
  throw problemOf(response, text);
}

/** Put values into a path, each made safe: `path\`/charge-points/${id}\``. */
export function path(parts: TemplateStringsArray, ...values: (string | number)[]): string {
  return parts.reduce((text, part, place) => text + encodeURIComponent(values[place - 1] ?? '') + part);
}

async function sent(method: Method, url: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json', 'X-Noroam-Console': '1' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const content = body === undefined ? undefined : JSON.stringify(body);
  try {
    return await fetch(url, { method, headers, body: content, signal, credentials: 'same-origin' });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem(0, '', '');
  }
}
