import type { Address, Hex } from 'viem';
import { hexToBigInt, slice } from 'viem/utils';
import { sameAddress } from './hex';
import { priceLines, sum, type Usage } from './price';
import type { Chain, Log } from './rpc';
import { gatedRefund, payoutDigest, voucherPayout, type Channel } from './safe';
import { parseObject, readSigned, type Content } from './signed';
import { canonical, readTariff } from './tariff';
import { toldUsage, type Told } from './usage';
import type { Offer } from './offer';
import type { PriceLine, ReceiptCheck, ReceiptView, Tariff } from './types';

const PAID = '0xef53713ee4f072f79f4d516084e3f4d15f2cde709d2091235b37ae719c272dd6';
const EXECUTED = '0x442e715f626346e8c54381002da614f62bee8d27386535b2521ec8540898556e';

/** What the app knows of a session of its own. */
export interface Own {
  offer: Offer;
  /** The most that the app has signed for. */
  signed: bigint;
}

/** Reads a receipt as it came; null where it can't be read. */
export function receiptView(body: Content): ReceiptView | null {
  const payload = parseObject(String(body.payload));
  if (!payload || !Array.isArray(payload.price_lines)) return null;
  try {
    return {
      payload,
      signature: String(body.signature),
      raw: String(body.payload),
      energyWh: Number(payload.energy_wh),
      spent: BigInt(String(payload.spent)),
      refund: BigInt(String(payload.refund)),
      priceLines: (payload.price_lines as Record<string, unknown>[]).map((line) => ({
        ...line,
        kind: String(line.item),
        amount: BigInt(String(line.amount)),
      })),
      transactionHash: String(payload.transaction_hash),
    };
  } catch {
    return null; // An amount that is no number.
  }
}

/** Checks a receipt against itself and, of an own session, what the app knows. */
export async function checkReceipt(
  receipt: ReceiptView,
  provider: Address,
  own?: Own,
): Promise<ReceiptCheck[]> {
  const { payload: said, spent, refund, energyWh } = receipt;
  const body: Content = {
    type: 'ServiceDelivered',
    payload: receipt.raw,
    signature: receipt.signature,
  };
  const signed = (await readSigned(body, provider)) !== null;
  const lines = expectedLines(receipt);
  const cost = typeof lines === 'string' ? -1n : sum(lines);
  const checks: [string, boolean, string?][] = [
    ['signature', signed && sameAddress(String(said.provider), provider), 'not the station’s'],
    [
      'price_lines',
      typeof lines !== 'string' && sameLines(lines, receipt.priceLines),
      typeof lines === 'string' ? lines : 'not what follows from the tariff and the usage',
    ],
    ['sum', spent + refund === BigInt(String(said.deposit)), 'not the deposit'],
    ['spent', spent <= cost, 'more than the energy costs'],
    ['energy', energyWh === usedWh(receipt), 'not what the meter showed'],
  ];
  if (own) checks.push(...checkOwn(receipt, own));
  return checks.map(([name, ok, detail]) => (ok || !detail ? { name, ok } : { name, ok, detail }));
}

function checkOwn({ payload: said, spent }: ReceiptView, own: Own): [string, boolean, string?][] {
  const { channel, tariff } = own.offer;
  const isOwn =
    said.session_id === channel.sessionId &&
    sameAddress(String(said.wallet), channel.wallet) &&
    sameAddress(String(said.token), channel.token) &&
    said.chain_id === channel.chainId &&
    sameAddress(String(said.refund_account), channel.refundAccount);
  return [
    ['session', isOwn, 'not of this session'],
    ['tariff', canonical(said.tariff) === canonical(tariff), 'not the quoted one'],
    ['signed_for', spent <= own.signed, 'more than the app signed for'],
  ];
}

/** Checks that the chain shows the payout. Raises NoroamError `chain_unreachable`. */
export async function checkPayout(
  receipt: ReceiptView,
  chain: Chain,
  own?: Own,
): Promise<ReceiptCheck> {
  const name = 'chain';
  const logs = await chain.logsOf(receipt.transactionHash);
  if (!logs) return { name, ok: false, detail: 'the transaction is not there' };
  const channel = channelOf(receipt);
  const found = logs.some(
    (log, index) => pays(log, channel.wallet, receipt) && executes(logs[index + 1]),
  );
  return found ? { name, ok: true } : { name, ok: false, detail: 'it shows no such payout' };

  function executes(log: Log | undefined): boolean {
    if (log?.topics[0] !== EXECUTED || !sameAddress(log.address, channel.wallet)) return false;
    const payouts = [voucherPayout(receipt.spent)];
    if (own && receipt.spent === 0n) payouts.push(gatedRefund(own.offer.refundOpensAt));
    if (!own && receipt.spent === 0n) return true; // When its refund opened stands in the quote.
    return payouts.some((payout) => log.topics[1] === payoutDigest(channel, payout));
  }
}

function pays(log: Log, wallet: Address, receipt: ReceiptView): boolean {
  if (log.topics[0] !== PAID || !sameAddress(log.address, wallet) || log.data.length !== 130)
    return false;
  const [spent, refund] = [slice(log.data, 0, 32), slice(log.data, 32, 64)].map((w) =>
    hexToBigInt(w),
  );
  return spent === receipt.spent && refund === receipt.refund;
}

function channelOf({ payload: said }: ReceiptView): Channel {
  return {
    chainId: Number(said.chain_id),
    wallet: said.wallet as Address,
    token: said.token as Address,
    provider: said.provider as Address,
    refundAccount: said.refund_account as Address,
    sessionKey: said.provider as Address, // It takes no part in a digest.
    sessionId: said.session_id as Hex,
  };
}

function usedWh({ payload: said }: ReceiptView): number {
  const usage = said.usage as Usage | null | undefined;
  if (usage) return usage.meter_wh - usage.meter_start_wh;
  if (said.meter_start_wh == null) return 0;
  return Number(said.meter_stop_wh) - Number(said.meter_start_wh);
}

/** The lines that follow from tariff and usage, or why there are none. */
function expectedLines({ payload: said }: ReceiptView): PriceLine[] | string {
  const told = said as Told;
  if (!told.usage && told.meter_start_wh == null) return [];
  try {
    const terms = readTariff(said.tariff as Tariff);
    return priceLines(terms, toldUsage(terms, told, Number(said.meter_stop_wh)));
  } catch (error) {
    return `can't be computed: ${String(error)}`; // RangeError or TypeError.
  }
}

function sameLines(expected: PriceLine[], found: PriceLine[]): boolean {
  const text = ({ item, quantity, unit, price, amount, window }: PriceLine) =>
    [item, quantity, unit, price, amount, window ?? ''].map(String).join(' ');
  return expected.map(text).join('\n') === found.map(text).join('\n');
}
