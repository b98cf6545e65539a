import type { Hex } from 'viem';
import type { Offer } from './offer';
import { price, type Usage } from './price';
import { signedPayout, voucherPayout } from './safe';
import { readSigned, type Content } from './signed';
import { toldUsage, whyImpossible, type Bounds, type Told } from './usage';
import type { Instant } from './instant';

/** A proposal of the station that is right. */
export interface Proposal {
  spent: bigint;
  deposit: bigint;
  energyWh: number;
  usage: Usage;
  released: boolean;
  signature: Hex;
}

/** Checks a proposal; gives it, or why the app does not agree. */
export async function checkProposal(
  body: Content,
  offer: Offer,
  before: Usage | null,
  bounds: Bounds,
  now: Instant,
): Promise<Proposal | string> {
  const said = await readSigned(body, offer.channel.provider);
  if (!said) return 'the proposal is not signed by the station';
  if (said.session_id !== offer.channel.sessionId) return 'the proposal is of another session';
  try {
    return await checkContent(said, offer, before, bounds, now);
  } catch (error) {
    return `the proposal can't be read: ${String(error)}`; // RangeError, TypeError or SyntaxError.
  }
}

async function checkContent(
  said: Content,
  offer: Offer,
  before: Usage | null,
  bounds: Bounds,
  now: Instant,
): Promise<Proposal | string> {
  const [start, stop] = [Number(said.meter_start_wh), Number(said.meter_stop_wh)];
  const energyWh = Number(said.energy_wh);
  const [deposit, spent, refund] = [said.deposit, said.spent, said.refund].map((amount) =>
    BigInt(amount as string),
  ) as [bigint, bigint, bigint];
  const usage = toldUsage(offer.terms, said as unknown as Told, stop);
  if (energyWh !== stop - start) return 'the energy is not the difference of the readings';
  if (usage.meter_start_wh !== start || usage.meter_wh !== stop)
    return 'the usage has other readings';
  const impossible = whyImpossible(offer.terms, usage, before, bounds, now);
  if (impossible) return impossible;
  if (deposit < offer.deposit) return 'the deposit is less than what was locked';
  if (spent + refund !== deposit) return 'the amounts do not add up to the deposit';
  if (spent !== price(offer.terms, usage, deposit))
    return 'the price does not follow from the usage';
  const signature = said.safe_signature as Hex;
  const { channel } = offer;
  if (!(await signedPayout(channel, voucherPayout(spent), signature, channel.provider))) {
    return 'the payout is not signed by the station';
  }
  return { spent, deposit, energyWh, usage, released: said.released === true, signature };
}
