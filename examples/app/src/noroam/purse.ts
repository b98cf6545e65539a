import { voucherOf, type Kept } from './kept';
import type { Offer } from './offer';
import type { Content } from './signed';
import { isDue } from './voucher';

/** What the app has signed for, and when it has to sign for more. */
export class Purse {
  private sentAt = Date.now();

  constructor(
    private readonly kept: Kept,
    private readonly offer: Offer,
  ) {}

  get spent(): bigint {
    return BigInt(this.kept.voucher ?? '0');
  }

  /** Milliseconds until a voucher is due at this price: 0 now, null if nothing is owed. */
  dueIn(price: bigint): number | null {
    const { deposit, exposureStep, voucherIntervalS } = this.offer;
    const intervalMs = voucherIntervalS * 1000;
    const sinceLastMs = Date.now() - this.sentAt;
    const voucher = this.spent;
    if (isDue({ price, voucher, deposit, exposureStep, sinceLastMs, intervalMs })) return 0;
    return price > voucher ? Math.max(intervalMs - sinceLastMs, 1) : null;
  }

  /** The request that carries the voucher; `type` is also SettlementApproved. */
  async request(type: 'VoucherReceived' | 'SettlementApproved'): Promise<Content> {
    this.sentAt = Date.now();
    const spent = this.spent;
    const safe_signature = await voucherOf(this.offer, this.kept.keys, spent);
    return { type, spent: String(spent), safe_signature };
  }
}
