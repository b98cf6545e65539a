import { expect, test } from 'vitest';
import { CHANNEL, DEPOSIT, OFFER, PROVIDER_KEY, SESSION_KEY } from '../../test/fixtures';
import { SECOND } from './instant';
import type { Offer } from './offer';
import { signPayout, voucherPayout } from './safe';
import { checkProposal } from './settlement';
import { signBody } from './signed';

const NOW = 1_700_000_000n * SECOND;
const OFFERED = { ...OFFER, signed: { type: '', payload: '', signature: '0x' } } as Offer;
const BOUNDS = { powerW: 22000, speed: 1, askedAt: NOW - 3600n * SECOND };
const SPENT = 400_000_000_000_000_000n * 5n;
const HONEST = {
  type: 'SettlementProposed',
  session_id: CHANNEL.sessionId,
  meter_start_wh: 100,
  meter_stop_wh: 5100,
  energy_wh: 5000,
  deposit: String(DEPOSIT),
  spent: String(SPENT),
  refund: String(DEPOSIT - SPENT),
};
const BEFORE = {
  started_at: '1970-01-01T00:00:00Z',
  until: '1970-01-01T00:00:00Z',
  read_at: '1970-01-01T00:00:00Z',
  meter_start_wh: 100,
  meter_wh: 2100,
  energy: ['2000'],
};

async function judged(changes: Record<string, unknown> = {}, signer = PROVIDER_KEY) {
  const safe_signature = await signPayout(CHANNEL, voucherPayout(SPENT), PROVIDER_KEY);
  const body = await signBody({ ...HONEST, safe_signature, ...changes }, signer);
  return checkProposal({ ...body }, OFFERED, BEFORE, BOUNDS, NOW);
}

test('an honest proposal is taken', async () => {
  expect(await judged()).toMatchObject({ spent: SPENT, deposit: DEPOSIT, energyWh: 5000 });
});

const DEAR = { spent: String(SPENT - 1n), refund: String(DEPOSIT - SPENT + 1n) };

test.each([
  ['another session', { session_id: `0x${'33'.repeat(32)}` }, 'another session'],
  ['other energy', { energy_wh: 6000 }, 'difference of the readings'],
  ['another start', { meter_start_wh: 0, energy_wh: 5100 }, 'start has changed'],
  ['energy gone back', { meter_stop_wh: 1100, energy_wh: 1000 }, 'gone back'],
  ['a smaller deposit', { deposit: '1' }, 'less than what was locked'],
  ['amounts that do not add up', { refund: String(DEPOSIT) }, 'add up'],
  ['another price', DEAR, 'does not follow'],
  ['more than can have flowed', { meter_stop_wh: 90_100, energy_wh: 90_000 }, 'can have flowed'],
  ['no amount', { spent: 'all' }, 'can’t be read'],
])('a proposal with %s is refused', async (_, changes, reason) => {
  const said = String(await judged(changes)).replace("'", '’');
  expect(said).toContain(reason);
});

test('a proposal of somebody else, or without the station’s payout, is refused', async () => {
  expect(await judged({}, SESSION_KEY)).toContain('not signed by the station');
  const safe_signature = await signPayout(CHANNEL, voucherPayout(SPENT), SESSION_KEY);
  expect(await judged({ safe_signature })).toContain('payout is not signed');
});
