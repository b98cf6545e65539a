/** What decides whether a voucher is due; amounts in smallest units, times in milliseconds. */
export interface VoucherState {
  price: bigint;
  voucher: bigint;
  deposit: bigint;
  exposureStep: bigint;
  sinceLastMs: number;
  intervalMs: number;
}

/** True where the app owes a voucher at the price now. */
export function isDue(state: VoucherState): boolean {
  const { price, voucher, deposit, exposureStep, sinceLastMs, intervalMs } = state;
  if (price <= voucher) return false;
  return price - voucher >= exposureStep || sinceLastMs >= intervalMs || price >= deposit;
}
