import { newServerKey } from '../../test/keys';
import { sign, privateKeyToAddress } from 'viem/accounts';
import type { Hex } from 'viem';
import { hexToBytes, sha256, stringToBytes, stringToHex } from 'viem/utils';
import { describe, expect, test } from 'vitest';
import { PROVIDER, PROVIDER_KEY, SESSION_KEY, TARIFF } from '../../test/fixtures';
import { fits, readAnnouncement } from './announcement';
import { toBase64Url } from './base64url';
import { checkCredential, type Subject } from './credential';
import { instant, MINUTE } from './instant';
import { readDocument, type StationDocument } from './resolve';

const AT = new Date('2026-01-01T12:00:00Z');
const AUTHORITY = `did:ethr:0x7a69:${privateKeyToAddress(PROVIDER_KEY)}`;
const SUBJECT: Subject = {
  id: 'did:ethr:0x7a69:0x90F79bf6EB2c4f870365E785982E1f101E93b906',
  chargePointId: 'CP1',
  account: '0x90F79bf6EB2c4f870365E785982E1f101E93b906',
  ed25519: `0x${'1a'.repeat(32)}`,
  x25519: `0x${'2b'.repeat(32)}`,
};
const CLAIMS = {
  issuer: AUTHORITY,
  validFrom: '2026-01-01T12:04:00Z',
  validUntil: '2026-01-02T00:00:00Z',
  credentialSubject: { ...SUBJECT, ed25519: '1a'.repeat(32), x25519: '2b'.repeat(32) },
};

const encoded = (value: object) => toBase64Url(stringToBytes(JSON.stringify(value)));

async function verdict(claims = {}, header = {}, key = PROVIDER_KEY): Promise<unknown> {
  const head = encoded({ alg: 'ES256K', typ: 'vc+jwt', ...header });
  const signed = `${head}.${encoded({ ...CLAIMS, ...claims })}`;
  const { r, s } = await sign({ hash: sha256(stringToBytes(signed)), privateKey: key });
  const pair = hexToBytes(`${r}${s.slice(2)}` as `0x${string}`);
  return checkCredential(`${signed}.${toBase64Url(pair)}`, SUBJECT, [AUTHORITY], AT);
}

describe('a credential', () => {
  test('of a known authority is believed', async () => {
    const validUntil = new Date(CLAIMS.validUntil);
    expect(await verdict()).toEqual({ authority: AUTHORITY, validUntil });
  });

  test.each<[string, object, object?]>([
    ['authority', { issuer: `did:ethr:0x7a69:${SUBJECT.account}` }],
    ['not valid now', { validFrom: '2026-01-01T12:06:00Z' }],
    ['not valid now', { validUntil: '2026-01-01T12:00:00Z' }],
    ['not valid now', { validUntil: 'for ever' }],
    ['account', { credentialSubject: { ...CLAIMS.credentialSubject, account: PROVIDER } }],
    ['ed25519', { credentialSubject: { ...CLAIMS.credentialSubject, ed25519: '1b'.repeat(32) } }],
    ['charge point', { credentialSubject: { ...CLAIMS.credentialSubject, chargePointId: 'CP2' } }],
    ['header', {}, { alg: 'none' }],
    ['header', {}, { crit: [] }],
  ])('is refused for its %s', async (reason, claims, header) => {
    expect(await verdict(claims, header)).toContain(reason);
  });

  test('is refused if somebody else signed it, or it is none', async () => {
    expect(await verdict({}, {}, SESSION_KEY)).toContain('not signed');
    expect(await checkCredential('a.b', SUBJECT, [AUTHORITY], AT)).toContain('no JWT');
    expect(await checkCredential('a.b.%', SUBJECT, [AUTHORITY], AT)).toContain('header');
  });
});

describe('a document', () => {
  async function read(changes: object) {
    const { publicKey, peerId } = await newServerKey();
    const attributes = new Map<string, unknown>([
      ['did/pub/Ed25519/veriKey/hex', publicKey],
      ['did/pub/X25519/enc/hex', SUBJECT.x25519],
      ['did/svc/p2p', { multiaddrs: [`/ip4/1.2.3.4/tcp/1/p2p/${peerId}`] }],
      ['did/svc/payment', { account: `eip155:31337:${SUBJECT.account}` }],
      ['did/svc/metadata', { ...METADATA, ...changes }],
    ]);
    const hex = (value: unknown) =>
      typeof value === 'string' ? (value as Hex) : stringToHex(JSON.stringify(value));
    return readDocument(
      SUBJECT.id,
      new Map([...attributes].map(([name, value]) => [name, [hex(value)]])),
      31337,
    );
  }
  const METADATA = {
    charge_point_id: 'CP1',
    name: 'Here',
    maximum_power_w: 22000,
    plug_types: ['Type 2'],
    connectors: 2,
    tariff: TARIFF,
  };

  test('is read', async () => {
    expect((await read({})).connectors).toBe(2);
  });

  test.each<[object, string]>([
    [{ connectors: 1e9 }, 'connectors'],
    [{ connectors: 'two' }, 'connectors'],
    [{ maximum_power_w: 0 }, 'power'],
    [{ plug_types: [{}] }, 'plugs'],
    [{ tariff: {} }, 'tariff'],
  ])('that nobody could show is refused: %j', async (changes, reason) => {
    await expect(read(changes)).rejects.toThrow(reason);
  });
});

describe('an announcement', () => {
  const NOW = instant('2026-01-01T12:00:00Z');

  async function announced(changes = {}, tamper = (text: string) => text) {
    const { publicKey, signText } = await newServerKey();
    const said = {
      did: SUBJECT.id,
      charge_point_id: 'CP1',
      ed25519: publicKey,
      multiaddrs: ['/ip4/1.2.3.4/tcp/1'],
      name: 'Here',
      maximum_power_w: 22000,
      plug_types: ['Type 2'],
      tariff: TARIFF,
      connectors: [{ connector_id: 1, availability: 'free' }],
      at: '2026-01-01T11:59:00Z',
      expires_at: '2026-01-01T12:05:00Z',
      ...changes,
    };
    const payload = JSON.stringify(said);
    const signature = await signText(`noroam-announcement-v1\n${payload}`);
    return readAnnouncement(JSON.stringify({ payload: tamper(payload), signature }), NOW);
  }

  test('that is signed and holds is read, and shown where it fits', async () => {
    const said = (await announced())!;
    const station = {
      did: SUBJECT.id,
      ed25519: said.ed25519,
      chargePointId: 'CP1',
      name: 'Here',
      maximumPowerW: 22000,
      plugTypes: ['Type 2'],
      tariff: TARIFF,
      multiaddrs: ['/ip4/1.2.3.4/tcp/1'],
    } as StationDocument;
    expect(fits(said, station)).toBe(true);
    expect(fits({ ...said, name: 'There' }, station)).toBe(false);
    expect(fits({ ...said, tariff: { ...TARIFF, per_kwh: '1' } }, station)).toBe(false);
  });

  test('that is altered, old, of the future or for too long is not', async () => {
    expect(await announced({}, (text) => text.replace('Here', 'Gone'))).toBeNull();
    expect(await announced({ expires_at: '2026-01-01T12:00:00Z' })).toBeNull();
    expect(await announced({ at: '2026-01-01T12:02:01Z' })).toBeNull();
    expect(await announced({ expires_at: '2026-01-01T12:09:01Z' })).toBeNull();
    expect(await announced({ at: 'now' })).toBeNull();
    expect(await announced({ connectors: [null] })).toBeNull();
    expect(await announced({ token: 5 })).toBeNull();
    expect(await readAnnouncement('x'.repeat(16_385), NOW + MINUTE)).toBeNull();
  });
});
