import type { Offer } from './offer';
import { checkPayout, checkReceipt, receiptView } from './receipt';
import type { Chain } from './rpc';
import type { Content } from './signed';
import type { ReceiptView } from './types';

const POLL_MS = 1000;

/** How a receipt is taken: once every check holds and the chain shows its payout. */
export interface Delivery {
  chain: Chain;
  offer: Offer;
  /** The most that the app has signed for. */
  signed: bigint;
  /** Called with why it is not to be believed (yet). */
  doubt(reason: string): void;
  isOver(): boolean;
}

/** Gives the receipt, or null: it is wrong, or nobody waits for it any more. */
export async function takeReceipt(body: Content, delivery: Delivery): Promise<ReceiptView | null> {
  const { chain, offer, signed } = delivery;
  const receipt = receiptView(body);
  const own = { offer, signed };
  const checks = receipt ? await checkReceipt(receipt, offer.channel.provider, own) : [];
  const wrong = checks.find((check) => !check.ok);
  if (!receipt || wrong) {
    delivery.doubt(wrong ? `${wrong.name}: ${wrong.detail}` : 'it can’t be read');
    return null;
  }
  while (!delivery.isOver()) {
    const shown = await checkPayout(receipt, chain, own).catch(() => null); // Asked again.
    if (shown?.ok) return receipt;
    if (shown?.detail) delivery.doubt(shown.detail);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return null;
}
