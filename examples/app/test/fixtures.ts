import type { Hex } from 'viem';
import { privateKeyToAddress } from 'viem/accounts';
import { toSeconds, type Instant } from '../src/noroam/instant';
import type { Offer } from '../src/noroam/offer';
import {
  gatedRefund,
  sessionId,
  signPayout,
  SWEEP,
  walletAddress,
  type Channel,
} from '../src/noroam/safe';
import { signBody, type SignedBody } from '../src/noroam/signed';
import { readTariff, tariffHash } from '../src/noroam/tariff';
import type { Tariff } from '../src/noroam/types';

/** For unit tests: a station's key and a session's, both known to everybody. */
export const PROVIDER_KEY: Hex = `0x${'b1'.repeat(32)}`;
export const SESSION_KEY: Hex = `0x${'a7'.repeat(32)}`;
export const PROVIDER = privateKeyToAddress(PROVIDER_KEY);
const ID = sessionId(`0x${'11'.repeat(32)}`, `0x${'22'.repeat(32)}`);
const OWN = privateKeyToAddress(SESSION_KEY);

export const CHANNEL: Channel = {
  chainId: 31337,
  wallet: walletAddress(ID, OWN, PROVIDER),
  token: '0x0000000000000000000000000000000000000000',
  provider: PROVIDER,
  refundAccount: '0x90F79bf6EB2c4f870365E785982E1f101E93b906',
  sessionKey: OWN,
  sessionId: ID,
};
export const TARIFF: Tariff = { per_kwh: '400000000000000000', per_session: '0' };
export const DEPOSIT = 2n * 10n ** 18n;

/** A quote as an honest station makes it, with what a test changes of it. */
export async function quoteOf(
  at: Instant,
  changes: Record<string, unknown> = {},
): Promise<SignedBody> {
  const opensAt = toSeconds(at) + 3600;
  const content = {
    type: 'QuoteOffered',
    provider_did: 'did:ethr:0x7a69:' + PROVIDER,
    charge_point_id: 'CP1',
    connector_id: 1,
    session_id: CHANNEL.sessionId,
    consumer_nonce: `0x${'11'.repeat(32)}`,
    provider_nonce: `0x${'22'.repeat(32)}`,
    session_key: OWN,
    refund_account: CHANNEL.refundAccount,
    provider: PROVIDER,
    chain_id: 31337,
    token: CHANNEL.token,
    wallet: CHANNEL.wallet,
    tariff: TARIFF,
    tariff_hash: tariffHash(TARIFF),
    deposit: String(DEPOSIT),
    minimum_deposit: '1',
    maximum_power_w: 22000,
    exposure_step: '1000',
    voucher_interval_s: 60,
    ends_by: toSeconds(at) + 1800,
    refund_opens_at: opensAt,
    refund_signature: await signPayout(CHANNEL, gatedRefund(opensAt), PROVIDER_KEY),
    sweep_signature: await signPayout(CHANNEL, SWEEP, PROVIDER_KEY),
    expires_at: new Date(toSeconds(at) * 1000 + 60_000).toISOString(),
    ...changes,
  };
  return signBody(content, PROVIDER_KEY);
}

export const OFFER: Omit<Offer, 'signed'> = {
  connectorId: 1,
  tariff: TARIFF,
  terms: readTariff(TARIFF),
  channel: CHANNEL,
  deposit: DEPOSIT,
  minimumDeposit: 1n,
  maximumPowerW: 22000,
  exposureStep: 1000n,
  voucherIntervalS: 60,
  expiresAt: 0n,
  refundOpensAt: 1_800_000_000,
  refundSignature: '0x',
  sweepSignature: '0x',
};
