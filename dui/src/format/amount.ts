/** Amounts of a token: decimal strings of its smallest unit, computed with BigInt, never as numbers. */

import { separators } from './locale';

const NATIVE_DECIMALS = 18;
const SHOWN_DECIMALS = 6;

const SYMBOLS: Record<number, string> = {
  1: 'ETH',
  100: 'xDAI',
  137: 'POL',
  3338: 'PEAQ',
  31337: 'ETH',
  11155111: 'ETH',
};

/** How a token is counted and called. */
export interface Token {
  readonly decimals: number;
  readonly symbol: string;
}

/** The chain's own token. */
export function nativeToken(chainId: number | null | undefined): Token {
  return { decimals: NATIVE_DECIMALS, symbol: tokenSymbol(chainId) };
}

interface Quoted {
  token?: string | null;
  token_decimals?: number | null;
  token_symbol?: string | null;
}

/** The token that a session is quoted in; the chain's own where no quote says another. */
export function quotedToken(quoted: Quoted, chainId: number | null | undefined): Token {
  const native = nativeToken(chainId);
  const symbol = quoted.token_symbol || (isNative(quoted.token) ? native.symbol : 'tokens');
  return { decimals: quoted.token_decimals ?? native.decimals, symbol };
}

/** Whether an address stands for the chain's own token; so does none. */
export function isNative(token: string | null | undefined): boolean {
  return !token || /^0x0{40}$/.test(token);
}

/** The name of a chain's native token; of a chain that we do not know, just "tokens". */
export function tokenSymbol(chainId: number | null | undefined): string {
  return (chainId != null && SYMBOLS[chainId]) || 'tokens';
}

/** Read a decimal string; anything else counts as nothing. */
export function toAmount(money: string | null | undefined): bigint {
  return money != null && /^[0-9]+$/.test(money) ? BigInt(money) : 0n;
}

/** Write an amount in whole tokens, exactly, without trailing zeros: "1.5". */
export function exactAmount(money: string | null | undefined, decimals = NATIVE_DECIMALS): string {
  const [whole, fraction] = split(toAmount(money), decimals);
  const digits = fraction.replace(/0+$/, '');
  return digits ? `${whole}.${digits}` : whole;
}

/** Write an amount for reading: rounded down to six decimals, whole tokens grouped. */
export function shownAmount(money: string | null | undefined, decimals = NATIVE_DECIMALS): string {
  const amount = toAmount(money);
  const [whole, fraction] = split(amount, decimals);
  const digits = fraction.slice(0, SHOWN_DECIMALS).replace(/0+$/, '');
  const { decimal, group } = separators();
  if (amount > 0n && whole === '0' && digits === '') return `<0${decimal}${'0'.repeat(SHOWN_DECIMALS - 1)}1`;
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, group);
  return digits ? `${grouped}${decimal}${digits}` : grouped;
}

/** How much of `whole` a part is, in percent with one decimal, 0 to 100. */
export function percentOf(part: string | null | undefined, whole: string | null | undefined): number {
  const total = toAmount(whole);
  if (total === 0n) return 0;
  const permille = Number((toAmount(part) * 1000n) / total);
  return Math.min(permille, 1000) / 10;
}

function split(amount: bigint, decimals: number): [string, string] {
  const text = amount.toString().padStart(decimals + 1, '0');
  const point = text.length - decimals;
  return [text.slice(0, point), text.slice(point)];
}
