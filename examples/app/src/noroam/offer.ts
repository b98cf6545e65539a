import type { Address, Hex } from 'viem';
import { NATIVE } from './contracts';
import { sameAddress } from './hex';
import { instant, toSeconds, type Instant } from './instant';
import type { StationDocument } from './resolve';
import type { Chain } from './rpc';
import * as safe from './safe';
import { readSigned, type Content, type SignedBody } from './signed';
import { readTariff, tariffHash, type Terms } from './tariff';
import { NoroamError, type Tariff } from './types';

/** What the app asked to be quoted. */
export interface Asked {
  connectorId: number;
  consumerNonce: Hex;
  sessionKey: Address;
  refundAccount: Address;
  token: Address;
  deposit: bigint;
  /** What the station's document says: the most that flows. */
  maximumPowerW: number;
}

/** A quote that was checked. */
export interface Offer {
  signed: SignedBody;
  connectorId: number;
  tariff: Tariff;
  terms: Terms;
  channel: safe.Channel;
  deposit: bigint;
  minimumDeposit: bigint;
  maximumPowerW: number;
  exposureStep: bigint;
  voucherIntervalS: number;
  expiresAt: Instant;
  refundOpensAt: number;
  refundSignature: Hex;
  sweepSignature: Hex;
}

/** Reads a quote of the station and checks all that it says of itself. Raises `quote_invalid`. */
export async function readOffer(
  body: Content,
  station: StationDocument,
  chainId: number,
  sessionKey: Address,
): Promise<Offer> {
  const quote = await readSigned(body, station.provider);
  if (!quote || quote.type !== 'QuoteOffered') throw invalid('it is not signed by the station');
  const offer = understood(() => offerOf(body as unknown as SignedBody, quote));
  const { channel } = offer;
  const id = safe.sessionId(quote.consumer_nonce as Hex, quote.provider_nonce as Hex);
  const signed = (payout: safe.Payout, signature: Hex) =>
    safe.signedPayout(channel, payout, signature, station.provider);
  const wallet = safe.walletAddress(id, sessionKey, station.provider);
  require({
    provider: sameAddress(channel.provider, station.provider),
    provider_did: quote.provider_did === station.did,
    charge_point_id: quote.charge_point_id === station.chargePointId,
    session_key: sameAddress(channel.sessionKey, sessionKey),
    session_id: channel.sessionId === id,
    wallet: sameAddress(channel.wallet, wallet),
    tariff_hash: quote.tariff_hash === tariffHash(offer.tariff),
    chain_id: channel.chainId === chainId,
    refund_signature: await signed(safe.gatedRefund(offer.refundOpensAt), offer.refundSignature),
    sweep_signature: await signed(safe.SWEEP, offer.sweepSignature),
  });
  return offer;
}

/** What the chain says that a quote is checked against. */
export interface ChainFacts {
  /** Time of the newest block, in seconds since 1970. */
  time: bigint;
  decimals: number;
  isUnused: boolean;
}

/** Asks the chain; makes sure of the contracts, too. Raises NoroamError. */
export async function chainFacts(chain: Chain, { channel }: Offer): Promise<ChainFacts> {
  const [time, token, code, balance] = await Promise.all([
    chain.time(),
    chain.token(channel.token),
    chain.code(channel.wallet),
    chain.balance(channel.token, channel.wallet),
    chain.checkContracts(),
  ]);
  return { time, decimals: token.decimals, isUnused: code === '0x' && balance === 0n };
}

/** Checks that a quote is what was asked for, and fit to be paid. Raises `quote_invalid`. */
export function checkOffer(
  offer: Offer,
  asked: Asked,
  facts: ChainFacts,
  at: Instant,
  longestLockS: number,
): void {
  const quote = JSON.parse(offer.signed.payload) as Record<string, unknown>;
  const { channel, refundOpensAt, exposureStep } = offer;
  const limit = quote.exposure_limit == null ? exposureStep : BigInt(String(quote.exposure_limit));
  const [endsBy, latest] = [Number(quote.ends_by), Math.max(toSeconds(at), Number(facts.time))];
  require({
    connector_id: offer.connectorId === asked.connectorId,
    consumer_nonce: quote.consumer_nonce === asked.consumerNonce,
    refund_account: sameAddress(channel.refundAccount, asked.refundAccount),
    token: sameAddress(channel.token, asked.token),
    deposit: offer.deposit === asked.deposit,
    expires_at: offer.expiresAt > at,
    ends_by: endsBy > latest,
    refund_opens_at: refundOpensAt >= endsBy && refundOpensAt <= latest + longestLockS,
    maximum_power_w: offer.maximumPowerW <= asked.maximumPowerW,
    minimum_deposit: offer.deposit >= offer.minimumDeposit,
    exposure_limit: limit >= exposureStep,
    token_decimals: (quote.token_decimals ?? 18) === facts.decimals,
    'wallet is unused': facts.isUnused,
  });
}

function offerOf(signed: SignedBody, quote: Content): Offer {
  const tariff = quote.tariff as Tariff;
  return {
    signed,
    connectorId: Number(quote.connector_id),
    tariff,
    terms: readTariff(tariff),
    channel: {
      chainId: Number(quote.chain_id),
      wallet: quote.wallet as Address,
      token: sameAddress(String(quote.token), NATIVE) ? NATIVE : (quote.token as Address),
      provider: quote.provider as Address,
      refundAccount: quote.refund_account as Address,
      sessionKey: quote.session_key as Address,
      sessionId: quote.session_id as Hex,
    },
    deposit: BigInt(quote.deposit as string),
    minimumDeposit: BigInt(quote.minimum_deposit as string),
    maximumPowerW: Number(quote.maximum_power_w),
    exposureStep: BigInt(quote.exposure_step as string),
    voucherIntervalS: Number(quote.voucher_interval_s),
    expiresAt: instant(String(quote.expires_at)),
    refundOpensAt: Number(quote.refund_opens_at),
    refundSignature: quote.refund_signature as Hex,
    sweepSignature: quote.sweep_signature as Hex,
  };
}

function understood<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw invalid(`it can't be read: ${String(error)}`); // RangeError, TypeError or SyntaxError.
  }
}

function require(checks: Record<string, boolean>): void {
  const wrong = Object.entries(checks).filter(([, ok]) => !ok);
  if (wrong.length) throw invalid(wrong.map(([name]) => name).join(', '));
}

function invalid(reason: string): NoroamError {
  return new NoroamError(
    'quote_invalid',
    `The quote is not as it must be: ${reason}.`,
    'do_not_pay',
  );
}

/** The longest that a deposit may be locked, in seconds. */
export const LONGEST_LOCK_S = 48 * 3600;
