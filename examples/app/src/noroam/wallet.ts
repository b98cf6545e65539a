import type { Address, Hex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { concat, hexToBigInt, hexToNumber, numberToHex, padHex } from 'viem/utils';
import { NATIVE } from './contracts';
import { Chain } from './rpc';
import { NoroamError, type Token, type Wallet } from './types';

const MINED_MS = 60_000;
const POLL_MS = 250;
const PRIORITY_FEE = 1_000_000_000n;

/** A wallet with its key in memory: for a local chain, never for money. */
export function localTestWallet(chainUrl: string, chainId: number, privateKey: string): Wallet {
  const chain = new Chain(chainUrl, chainId);
  const account = privateKeyToAccount(privateKey as Hex);
  let before: Promise<unknown> = Promise.resolve();
  const send = async (to: string, value: bigint, data?: Hex) => {
    const call = { from: account.address, to: to as Address, value, ...(data ? { data } : {}) };
    // One after another: two that are prepared at once would take the same nonce.
    const sent = before.then(() => sentRaw(chain, call, (prepared) => account.signTransaction(prepared)));
    before = sent.catch(() => undefined);
    const hash = await sent;
    await mined(chain, hash);
    return hash;
  };
  return {
    address: account.address,
    balance: (token) => chain.balance(token.address, account.address),
    transfer: (token: Token, to, amount) => {
      if (token.address === NATIVE) return send(to, amount);
      return send(token.address, 0n, transferCall(to as Address, amount));
    },
    call: (to, data) => send(to, 0n, data as Hex),
  };
}

function transferCall(to: Address, amount: bigint): Hex {
  return concat(['0xa9059cbb', padHex(to), padHex(numberToHex(amount))]);
}

interface Call {
  from: Address;
  to: Address;
  value: bigint;
  data?: Hex;
}

interface Prepared extends Omit<Call, 'from'> {
  type: 'eip1559';
  chainId: number;
  nonce: number;
  gas: bigint;
  maxFeePerGas: bigint;
  maxPriorityFeePerGas: bigint;
}

async function sentRaw(
  chain: Chain,
  { from, ...call }: Call,
  sign: (prepared: Prepared) => Promise<Hex>,
): Promise<Hex> {
  const raw = await sign(
    await prepared(chain, from, call).catch((error: unknown) => {
      throw new NoroamError('not_sent', String(error), 'retry');
    }),
  );
  return chain.rpc<Hex>('eth_sendRawTransaction', raw);
}

async function prepared(chain: Chain, from: Address, call: Omit<Call, 'from'>): Promise<Prepared> {
  await chain.check();
  const value = numberToHex(call.value);
  const [nonce, gas, price] = await Promise.all([
    chain.rpc<Hex>('eth_getTransactionCount', from, 'pending'),
    chain.rpc<Hex>('eth_estimateGas', { from, ...call, value }),
    chain.rpc<Hex>('eth_gasPrice'),
  ]);
  return {
    ...call,
    type: 'eip1559',
    chainId: chain.chainId,
    nonce: hexToNumber(nonce),
    gas: (hexToBigInt(gas) * 12n) / 10n,
    maxFeePerGas: 2n * hexToBigInt(price) + PRIORITY_FEE,
    maxPriorityFeePerGas: PRIORITY_FEE,
  };
}

async function mined(chain: Chain, hash: Hex): Promise<void> {
  for (const deadline = Date.now() + MINED_MS; Date.now() < deadline;) {
    const found = await chain.rpc<{ status: Hex } | null>('eth_getTransactionReceipt', hash);
    if (found?.status === '0x1') return;
    if (found)
      throw new NoroamError('transaction_failed', 'The chain refused the transaction.', 'retry');
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new NoroamError('transaction_slow', `Not in a block yet: ${hash}`, 'later');
}
