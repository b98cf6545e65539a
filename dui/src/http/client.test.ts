import { afterEach, expect, test, vi } from 'vitest';
import { askTagged } from './client';

afterEach(() => vi.unstubAllGlobals());

test('an answer tells its entity tag, and a change may send it back', async () => {
  const asked: RequestInit[] = [];
  vi.stubGlobal('fetch', (_url: string, init: RequestInit) => {
    asked.push(init);
    return Promise.resolve(new Response('{"name":"Yard"}', { headers: { ETag: '"a1"' } }));
  });
  const { value, tag } = await askTagged<{ name: string }>('GET', '/charge-points/CP-1/config');
  await askTagged('PATCH', '/charge-points/CP-1/config', { body: value, headers: { 'If-Match': tag ?? '' } });
  expect(value).toEqual({ name: 'Yard' });
  expect(asked[1]?.headers).toMatchObject({ 'If-Match': '"a1"', 'X-Noroam-Console': '1' });
});
