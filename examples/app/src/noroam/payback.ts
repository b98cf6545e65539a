import type { Hex } from 'viem';
import { PAYOUT } from './contracts';
import type { Kept } from './kept';
import type { Offer } from './offer';
import type { Chain } from './rpc';
import * as safe from './safe';
import { NoroamError, type Wallet } from './types';

/** Executes what was left to the driver, else the gated refund. Raises NoroamError. */
export async function takeBack(
  chain: Chain,
  offer: Offer,
  kept: Kept,
  wallet?: Wallet,
): Promise<string> {
  if (kept.released) {
    const payout = safe.voucherPayout(BigInt(kept.released.spent));
    return execute(chain, offer, kept, payout, kept.released.signature, wallet);
  }
  if ((await chain.time()) < BigInt(offer.refundOpensAt)) {
    const opens = new Date(offer.refundOpensAt * 1000).toISOString();
    throw new NoroamError('too_early', `The refund opens at ${opens}.`, 'refund_later');
  }
  const payout = safe.gatedRefund(offer.refundOpensAt);
  return execute(chain, offer, kept, payout, offer.refundSignature, wallet);
}

/** Gives back what came after the payout. Raises NoroamError. */
export async function sweep(
  chain: Chain,
  offer: Offer,
  kept: Kept,
  wallet?: Wallet,
): Promise<string> {
  if ((await chain.balance(offer.channel.token, offer.channel.wallet)) === 0n) {
    throw new NoroamError('nothing_there', 'Nothing came after the payout.', 'none');
  }
  return execute(chain, offer, kept, safe.SWEEP, offer.sweepSignature, wallet);
}

async function execute(
  chain: Chain,
  offer: Offer,
  kept: Kept,
  payout: safe.Payout,
  provider: Hex,
  wallet: Wallet | undefined,
): Promise<string> {
  if (!wallet?.call) throw new NoroamError('no_wallet', 'A wallet has to pay the gas.', 'retry');
  await chain.checkContracts();
  const { channel } = offer;
  const own = await safe.signPayout(channel, payout, kept.keys.privateKey);
  const execution = safe.executeCall(channel, payout, own, provider);
  const isDeployed = (await chain.code(channel.wallet)) !== '0x';
  if (isDeployed) return wallet.call(channel.wallet, execution);
  return wallet.call(PAYOUT, safe.deployAndExecuteCall(channel, execution));
}
