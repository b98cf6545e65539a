import { expect, test } from 'vitest';
import {
  CHANNEL,
  DEPOSIT,
  OFFER,
  PROVIDER,
  PROVIDER_KEY,
  SESSION_KEY,
  TARIFF,
} from '../../test/fixtures';
import type { Offer } from './offer';
import { checkReceipt, receiptView, type Own } from './receipt';
import { signBody } from './signed';

const SPENT = 2_000_000_000_000_000_000n / 5n;
const LINE = {
  item: 'energy',
  quantity: 1000,
  unit: 'Wh',
  price: TARIFF.per_kwh,
  amount: String(SPENT),
};
const HONEST = {
  type: 'ServiceDelivered',
  session_id: CHANNEL.sessionId,
  meter_start_wh: 5,
  meter_stop_wh: 1005,
  energy_wh: 1000,
  tariff: TARIFF,
  price_lines: [LINE],
  chain_id: 31337,
  token: CHANNEL.token,
  wallet: CHANNEL.wallet,
  provider: PROVIDER,
  refund_account: CHANNEL.refundAccount,
  deposit: String(DEPOSIT),
  spent: String(SPENT),
  refund: String(DEPOSIT - SPENT),
  transaction_hash: `0x${'44'.repeat(32)}`,
};
const OWN: Own = { offer: OFFER as Offer, signed: SPENT };

async function wrong(
  changes = {},
  own: Own | undefined = OWN,
  key = PROVIDER_KEY,
): Promise<string[]> {
  const receipt = receiptView({ ...(await signBody({ ...HONEST, ...changes }, key)) });
  const checks = receipt ? await checkReceipt(receipt, PROVIDER, own) : [];
  return checks.filter(({ ok }) => !ok).map(({ name }) => name);
}

test('an honest receipt passes every check', async () => {
  expect(await wrong()).toEqual([]);
  expect(await wrong({}, undefined)).toEqual([]);
});

test.each<[string, Record<string, unknown>]>([
  ['price_lines', { price_lines: [{ ...LINE, amount: String(SPENT - 1n) }] }],
  ['price_lines', { price_lines: [] }],
  ['sum', { refund: '0' }],
  ['spent', { spent: String(SPENT + 1n), refund: String(DEPOSIT - SPENT - 1n) }],
  ['energy', { energy_wh: 999 }],
  ['session', { wallet: PROVIDER }],
  ['session', { refund_account: PROVIDER }],
  ['tariff', { tariff: { ...TARIFF, per_minute: '0.1' } }],
])('a receipt with a wrong %s is found', async (name, changes) => {
  expect(await wrong(changes)).toContain(name);
});

test('a receipt of somebody else, or for more than was signed, is found', async () => {
  expect(await wrong({}, OWN, SESSION_KEY)).toEqual(['signature']);
  expect(await wrong({}, { ...OWN, signed: SPENT - 1n })).toEqual(['signed_for']);
});

test('a session in which nothing started has no lines', async () => {
  const nothing = { meter_start_wh: null, meter_stop_wh: null, energy_wh: 0, price_lines: [] };
  expect(await wrong({ ...nothing, spent: '0', refund: String(DEPOSIT) })).toEqual([]);
});

test('what is no receipt gives no view', () => {
  expect(receiptView({ type: 'ServiceDelivered', payload: '[]', signature: '0x' })).toBeNull();
});
