import { expect, test } from 'vitest';
import { inForce, parseLabel } from './did';
import { FrameReader, frameOf } from './frames';
import { routesOf } from './node';
import { newReplyKey, openSealed, seal } from './seal';
import { isDue } from './voucher';

const DID = 'did:ethr:0x7a69:0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC';

test('a label names a station and a connector', () => {
  expect(parseLabel(DID)).toEqual({ did: DID, connectorId: 1 });
  expect(parseLabel(` ${DID}?connector=12\n`)).toEqual({ did: DID, connectorId: 12 });
});

test.each([
  '',
  'https://example.org',
  'did:ethr:0x1:0x12',
  `${DID}?connector=0`,
  `${DID}?connector=x`,
])('another text is no label: %s', (text) => expect(() => parseLabel(text)).toThrow('label'));

test('of what was said of one name and value the last counts, until it ends', () => {
  const change = (name: string, value: `0x${string}`, validTo: bigint) => ({
    name,
    value,
    validTo,
  });
  const changes = [
    change('a', '0x01', 100n),
    null,
    change('a', '0x02', 100n),
    change('a', '0x01', 9n),
    change('b', '0x03', 10n),
  ];
  expect([...inForce(changes, 10n)]).toEqual([['a', ['0x02']]]);
});

test('frames come out whole, however they were cut', () => {
  const bytes = [...frameOf('{"a":1}'), ...frameOf('{"ä":2}')];
  const reader = new FrameReader();
  const frames = bytes.flatMap((byte) => reader.feed(Uint8Array.of(byte)));
  expect(frames).toEqual(['{"a":1}', '{"ä":2}']);
});

test('an empty or endless frame is refused', () => {
  expect(() => new FrameReader().feed(Uint8Array.of(0, 0, 0, 0))).toThrow(RangeError);
  expect(() => new FrameReader().feed(Uint8Array.of(0, 1, 0, 1))).toThrow(RangeError);
  expect(() => frameOf('x'.repeat(65_537))).toThrow(RangeError);
});

test('direct ways come before hubs', () => {
  const [direct, hub] = [
    '/ip4/1.2.3.4/tcp/1/ws/p2p/12D3KooWAbc',
    '/dns4/h/tcp/443/wss/p2p/12D3KooWHub',
  ];
  expect(routesOf([`${hub}/p2p-circuit/p2p/12D3KooWAbc`, direct])).toEqual([
    { addresses: [direct] },
    { addresses: [hub], hub: '12D3KooWHub' },
  ]);
});

const ENVELOPE = { id: 'one', charge_point_id: 'CP1', at: '', body: { type: 'StopRequested' } };

test('what is sealed opens with its key alone, and only under its own cover', async () => {
  const [key, other] = [await newReplyKey(), await newReplyKey()];
  const sealed = await seal(ENVELOPE, key.name, '2026-01-01T00:00:00Z');
  expect(sealed.body).toMatchObject({ type: 'Sealed', holds: 'StopRequested' });
  expect(await openSealed(sealed, [other, key])).toEqual(ENVELOPE);
  expect(await openSealed(sealed, [other])).toBeNull();
  expect(await openSealed({ ...sealed, id: 'two' }, [key])).toBeNull();
  expect(await openSealed({ ...sealed, charge_point_id: 'CP2' }, [key])).toBeNull();
  const body = { ...sealed.body, holds: 'VoucherReceived' };
  expect(await openSealed({ ...sealed, body }, [key])).toBeNull();
});

const OWED = { voucher: 10n, deposit: 100n, exposureStep: 20n, sinceLastMs: 0, intervalMs: 60_000 };

test.each([
  ['at a step', { price: 30n }, true],
  ['before a step', { price: 29n }, false],
  ['when the time has come', { price: 11n, sinceLastMs: 60_000 }, true],
  ['with nothing owed', { price: 10n, sinceLastMs: 90_000 }, false],
  ['when the deposit is used up', { price: 100n, voucher: 99n }, true],
])('a voucher is due or not %s', (_, changes, due) => {
  expect(isDue({ ...OWED, ...changes })).toBe(due);
});
