import { expect, test } from 'vitest';
import { CHANNEL, DEPOSIT, PROVIDER, quoteOf } from '../../test/fixtures';
import { instant, toSeconds } from './instant';
import { checkOffer, readOffer, type Asked, type ChainFacts } from './offer';
import type { StationDocument } from './resolve';

const AT = instant('2026-01-01T12:00:00Z');
const STATION = {
  did: `did:ethr:0x7a69:${PROVIDER}`,
  chargePointId: 'CP1',
  provider: PROVIDER,
} as StationDocument;
const ASKED: Asked = {
  connectorId: 1,
  consumerNonce: `0x${'11'.repeat(32)}`,
  sessionKey: CHANNEL.sessionKey,
  refundAccount: CHANNEL.refundAccount,
  token: CHANNEL.token,
  deposit: DEPOSIT,
  maximumPowerW: 22000,
};
const FACTS: ChainFacts = { time: BigInt(toSeconds(AT)), decimals: 18, isUnused: true };
const DAY = 24 * 3600;

async function taken(changes = {}, asked = {}, facts = {}): Promise<bigint> {
  const body = await quoteOf(AT, changes);
  const offer = await readOffer({ ...body }, STATION, 31337, CHANNEL.sessionKey);
  checkOffer(offer, { ...ASKED, ...asked }, { ...FACTS, ...facts }, AT, DAY);
  return offer.deposit;
}

test('an honest quote is taken', async () => {
  expect(await taken()).toBe(DEPOSIT);
});

const OTHER = '0x90F79bf6EB2c4f870365E785982E1f101E93b907';

test.each<[string, Record<string, unknown>]>([
  ['provider', { provider: OTHER }],
  ['provider_did', { provider_did: `did:ethr:0x1:${PROVIDER}` }],
  ['charge_point_id', { charge_point_id: 'CP2' }],
  ['session_key', { session_key: OTHER }],
  ['session_id', { provider_nonce: `0x${'23'.repeat(32)}` }],
  ['wallet', { wallet: OTHER }],
  ['tariff_hash', { tariff: { per_kwh: '500000000000000000', per_session: '0' } }],
  ['chain_id', { chain_id: 1 }],
  ['refund_signature', { refund_opens_at: toSeconds(AT) + 3601 }],
  ['sweep_signature', { sweep_signature: `0x${'11'.repeat(64)}1b` }],
  ['expires_at', { expires_at: '2026-01-01T12:00:00Z' }],
  ['ends_by', { ends_by: toSeconds(AT) }],
  ['refund_opens_at', { ends_by: toSeconds(AT) + 3601 }],
  ['maximum_power_w', { maximum_power_w: 22001 }],
  ['minimum_deposit', { minimum_deposit: String(DEPOSIT + 1n) }],
  ['exposure_limit', { exposure_limit: '999' }],
  ['token_decimals', { token_decimals: 6 }],
  ['can’t be read', { deposit: 'much' }],
])('a quote with a wrong %s is refused', async (name, changes) => {
  const failure = await taken(changes).then(String, (error: Error) => error.message);
  expect(failure.replace("'", '’')).toContain(name);
});

test.each<[string, Partial<Asked>, Partial<ChainFacts>]>([
  ['connector_id', { connectorId: 2 }, {}],
  ['consumer_nonce', { consumerNonce: `0x${'12'.repeat(32)}` }, {}],
  ['refund_account', { refundAccount: OTHER }, {}],
  ['token', { token: OTHER }, {}],
  ['deposit', { deposit: 1n }, {}],
  ['wallet is unused', {}, { isUnused: false }],
  ['ends_by', {}, { time: FACTS.time + 1800n }],
])(
  'a quote that does not fit what was asked, or the chain, is refused: %s',
  async (name, asked, facts) => {
    await expect(taken({}, asked, facts)).rejects.toThrow(name);
  },
);

test('a deposit is not locked for longer than the app accepts', async () => {
  const offer = await readOffer({ ...(await quoteOf(AT)) }, STATION, 31337, CHANNEL.sessionKey);
  expect(() => checkOffer(offer, ASKED, FACTS, AT, 3599)).toThrow('refund_opens_at');
  expect(() => checkOffer(offer, ASKED, FACTS, AT, 3600)).not.toThrow();
});
