import type { Address, Hex } from 'viem';
import { hexToBigInt, hexToNumber, keccak256, numberToHex } from 'viem/utils';
import { CODE_HASHES, NATIVE } from './contracts';
import { NoroamError, type Token } from './types';

export interface Log {
  address: Address;
  topics: Hex[];
  data: Hex;
}

/** A node of the chain, over JSON-RPC. Every call raises NoroamError `chain_unreachable`. */
export class Chain {
  private number = 0;
  private readonly tokens = new Map<string, Promise<Token>>();

  constructor(
    private readonly url: string,
    readonly chainId: number,
  ) {}

  /** Makes sure that this is the right chain. */
  async check(): Promise<void> {
    const found = hexToNumber(await this.rpc<Hex>('eth_chainId'));
    if (found !== this.chainId) throw unreachable(`the node is of chain ${found}`);
  }

  async rpc<T>(method: string, ...params: unknown[]): Promise<T> {
    this.number += 1;
    const body = JSON.stringify({ jsonrpc: '2.0', id: this.number, method, params });
    let answer: { result?: T; error?: { message: string } };
    try {
      const headers = { 'content-type': 'application/json' };
      const signal = AbortSignal.timeout(15_000);
      const response = await fetch(this.url, { method: 'POST', headers, body, signal });
      answer = (await response.json()) as typeof answer;
    } catch (error) {
      throw unreachable(String(error)); // No network, no HTTP, or no JSON: all the same to us.
    }
    if (answer.error || answer.result === undefined) {
      throw unreachable(`${method}: ${answer.error?.message ?? 'no result'}`);
    }
    return answer.result;
  }

  call(to: Address, data: Hex): Promise<Hex> {
    return this.rpc<Hex>('eth_call', { to, data }, 'latest');
  }

  logs(address: Address, block: bigint, topics: (Hex | null)[]): Promise<Log[]> {
    const number = numberToHex(block);
    return this.rpc<Log[]>('eth_getLogs', { address, topics, fromBlock: number, toBlock: number });
  }

  code(address: Address): Promise<Hex> {
    return this.rpc<Hex>('eth_getCode', address, 'latest');
  }

  /** Time of the newest block, in seconds since 1970. */
  async time(): Promise<bigint> {
    const block = await this.rpc<{ timestamp: Hex }>('eth_getBlockByNumber', 'latest', false);
    return hexToBigInt(block.timestamp);
  }

  async balance(token: string, account: string): Promise<bigint> {
    if (token === NATIVE)
      return hexToBigInt(await this.rpc<Hex>('eth_getBalance', account, 'latest'));
    const data: Hex = `0x70a08231${account.slice(2).toLowerCase().padStart(64, '0')}`;
    return hexToBigInt(await this.call(token as Address, data));
  }

  /** The logs of a transaction that succeeded; null where it is not there (yet) or failed. */
  async logsOf(transaction: string): Promise<Log[] | null> {
    const mined = await this.rpc<{ status: Hex; logs: Log[] } | null>(
      'eth_getTransactionReceipt',
      transaction,
    );
    return mined?.status === '0x1' ? mined.logs : null;
  }

  /** Makes sure that the contracts are the ones that the app knows. */
  async checkContracts(): Promise<void> {
    await Promise.all(
      Object.entries(CODE_HASHES).map(async ([address, hash]) => {
        if (keccak256(await this.code(address as Address)) !== hash) {
          const message = `the contract at ${address} is not the one that this app knows`;
          throw new NoroamError('untrusted', message, 'do_not_pay');
        }
      }),
    );
  }

  /** What a token's contract says of itself. */
  token(address: string): Promise<Token> {
    const key = address.toLowerCase();
    const known = this.tokens.get(key) ?? this.readToken(address);
    this.tokens.set(key, known);
    known.catch(() => this.tokens.delete(key));
    return known;
  }

  private async readToken(address: string): Promise<Token> {
    if (address === NATIVE) return { address, symbol: 'ETH', decimals: 18 };
    const [decimals, symbol] = await Promise.all([
      this.call(address as Address, '0x313ce567'),
      this.call(address as Address, '0x95d89b41'),
    ]);
    return { address, symbol: text(symbol), decimals: hexToNumber(decimals) };
  }
}

function unreachable(message: string): NoroamError {
  return new NoroamError('chain_unreachable', `The chain does not answer: ${message}`, 'retry');
}

/** A string as a contract returns it; in old tokens it is one word. */
function text(returned: Hex): string {
  const bytes = Uint8Array.from(returned.slice(2).match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const length = bytes.length >= 64 ? Number(hexToBigInt(`0x${returned.slice(66, 130)}`)) : 32;
  const held = bytes.length >= 64 ? bytes.slice(64, 64 + Math.min(length, 32)) : bytes.slice(0, 32);
  return new TextDecoder().decode(held).replace(/\0/g, '');
}
