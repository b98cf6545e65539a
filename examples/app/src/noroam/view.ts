import type { Kept } from './kept';
import type { Link } from './link';
import type { Offer } from './offer';
import type { ReceiptView, SessionView, Token } from './types';

/** A session of which nothing was heard yet. */
export function firstView(kept: Kept, offer: Offer, token: Token, phase: string): SessionView {
  return {
    sessionId: kept.sessionId,
    phase,
    connectorId: offer.connectorId,
    token,
    deposit: offer.deposit,
    powerW: 0,
    energyWh: 0,
    cost: 0n,
    remaining: offer.deposit,
    voucher: BigInt(kept.voucher ?? '0'),
    connected: false,
    curve: [],
    ...(kept.released ? { payoutLeft: true } : {}),
  };
}

export function connection(link: Link): Partial<SessionView> {
  return { connected: true, ...(link.over ? { over: link.over } : { over: undefined }) };
}

/** What a verified receipt says of the session. */
export function deliveredView(receipt: ReceiptView): Partial<SessionView> {
  const { spent, refund, energyWh, payload } = receipt;
  const stopReason = payload.stop_reason ? { stopReason: String(payload.stop_reason) } : {};
  const phase = String(payload.outcome);
  return { receipt, phase, cost: spent, remaining: refund, energyWh, ...stopReason };
}
