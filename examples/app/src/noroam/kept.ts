import type { Hex } from 'viem';
import { gatedRefund, signPayout, voucherPayout } from './safe';
import type { Offer } from './offer';
import type { Usage } from './price';
import type { Keys } from './requests';
import type { StationDocument } from './resolve';
import type { SignedBody } from './signed';

/** All that a session needs to survive; JSON. The keys and the DID alone are enough to go on. */
export interface Kept {
  did: string;
  sessionId: Hex;
  keys: Keys;
  quote?: SignedBody;
  /** Milliseconds since 1970. */
  askedAt?: number;
  /** Hash of the deposit's transaction, or `sending`. */
  paid?: string;
  /** The most that was signed for. */
  voucher?: string;
  /** The last usage that could be true. */
  usage?: Usage;
  /** As it was verified, in case it can't be any more: a deposit must not depend on that. */
  station?: StationDocument;
  /** A payout that the station left to the driver. */
  released?: { spent: string; signature: Hex };
}

/** The voucher at what was signed for last, signed again: a signature is the same each time. */
export function voucherOf(offer: Offer, keys: Keys, spent: bigint): Promise<Hex> {
  return signPayout(offer.channel, voucherPayout(spent), keys.privateKey);
}

export function refundOf(offer: Offer, keys: Keys): Promise<Hex> {
  return signPayout(offer.channel, gatedRefund(offer.refundOpensAt), keys.privateKey);
}
