import { nativeToken, shownAmount, type Token } from '../../format/amount';
import { count, kilowattHours } from '../../format/units';
import { type FindToken, tokenOfKey } from '../../parts/tokens';
import type { Money } from '../../wire/types';
import type { Measure } from './choice';
import type { Sums } from './types';

/** Which money is shown where there is room for one: a token, and a chain's own for gas. */
export interface Purse {
  readonly key: string;
  readonly token: Token;
  readonly chain: string;
  readonly gas: Token;
}

/** A number to draw, and how it is said. */
export interface Measured {
  readonly value: number;
  readonly said: string;
}

/** The chosen token where there is any of it, else the first. */
export function purseOf(total: Sums, chosen: string, find: FindToken): Purse {
  const key = chosen in total.tokens ? chosen : (Object.keys(total.tokens)[0] ?? '');
  const chain = key.split(':')[0] || (Object.keys(total.gas_fees)[0] ?? '');
  return { key, token: tokenOfKey(key, find), chain, gas: nativeToken(Number(chain)) };
}

/** The tokens to show: the chosen one, else all. */
export function tokensOf(sums: Sums, chosen: string): [string, Money][] {
  const earned = Object.entries(sums.tokens).map(([key, { spent }]): [string, Money] => [key, spent]);
  return chosen ? earned.filter(([key]) => key === chosen) : earned;
}

export function measured(measure: Measure, sums: Sums, purse: Purse): Measured {
  switch (measure) {
    case 'energy':
      return { value: sums.energy_wh / 1000, said: `${kilowattHours(sums.energy_wh)} kWh` };
    case 'sessions':
      return { value: sums.sessions, said: count(sums.sessions) };
    case 'revenue':
      return amount(sums.tokens[purse.key]?.spent ?? '0', purse.token);
    case 'gas':
      return amount(sums.gas_fees[purse.chain] ?? '0', purse.gas);
  }
}

/** The unit of a measure; "" for what is counted. */
export function unitOf(measure: Measure, purse: Purse): string {
  return { energy: 'kWh', sessions: '', revenue: purse.token.symbol, gas: purse.gas.symbol }[measure];
}

/** How much more there is than before, as a share of before; null where there was nothing. */
export function growth(now: number, then: number): number | null {
  return then > 0 ? (now - then) / then : null;
}

/** The share of sessions that were paid for; null where there were none. */
export function success({ sessions, settled }: Sums): number | null {
  return sessions > 0 ? settled / sessions : null;
}

function amount(money: Money, token: Token): Measured {
  return { value: Number(money) / 10 ** token.decimals, said: `${shownAmount(money, token.decimals)} ${token.symbol}` };
}
