/** Prices as a person writes them, and what they come to; exact, by BigInt. Pure. */

import type { PriceLine } from '../../../wire/types';
import type { TariffTold } from '../types';

const PLACES = 18;
const ONE = 10n ** BigInt(PLACES);
const PPM = 1_000_000n;

/** Write a price of the smallest unit (it may have a fraction) in whole tokens: "0.25". */
export function inTokens(price: string, decimals: number): string {
  const [whole = '0', fraction = ''] = price.split('.');
  const digits = whole.padStart(decimals + 1, '0');
  const point = digits.length - decimals;
  const rest = (digits.slice(point) + fraction).replace(/0+$/, '');
  const before = digits.slice(0, point).replace(/^0+(?=\d)/, '');
  return rest ? `${before}.${rest}` : before;
}

/** Read whole tokens, with a point or a comma, as a price of the smallest unit; null: that is none. */
export function inSmallestUnit(text: string, decimals: number): string | null {
  const found = /^(\d+)(?:[.,](\d+))?$/.exec(text.trim());
  if (!found) return null;
  const fraction = (found[2] ?? '').padEnd(decimals, '0');
  if (fraction.length > decimals + PLACES) return null;
  const whole = `${found[1]}${fraction.slice(0, decimals)}`.replace(/^0+(?=\d)/, '');
  const rest = fraction.slice(decimals).replace(/0+$/, '');
  return rest ? `${whole}.${rest}` : whole;
}

/** A session to show a price by: whole watt-hours, and minutes. */
export interface Example {
  readonly energyWh: number;
  readonly minutes: number;
  readonly idleMinutes: number;
}

interface Prices {
  readonly per_kwh: string;
  readonly per_minute: string;
}

/** What a session costs line by line, all of it at the tariff's own prices or in one of its windows. */
export function priceLines(tariff: TariffTold, example: Example, window?: number): PriceLine[] {
  const prices = pricesOf(tariff, window);
  const lines = [
    line('energy', example.energyWh, 'Wh', prices.per_kwh, part(prices.per_kwh, BigInt(example.energyWh), 1000n)),
    ...(example.energyWh > 0 && isSome(tariff.per_session)
      ? [line('session', 1, 'session', tariff.per_session, part(tariff.per_session, 1n, 1n))]
      : []),
    ...(isSome(prices.per_minute) && example.minutes > 0 ? [timed('time', prices.per_minute, example.minutes)] : []),
    ...idle(tariff, example),
  ];
  const bounded = [...lines, ...bounds(tariff, sumOf(lines), example.energyWh > 0)];
  return [...bounded, ...tax(tariff, sumOf(bounded))];
}

/** What lines come to, in the smallest unit. */
export function sumOf(lines: readonly PriceLine[]): bigint {
  return lines.reduce((sum, { amount }) => sum + BigInt(amount), 0n);
}

function pricesOf(tariff: TariffTold, window?: number): Prices {
  const own = window === undefined ? undefined : tariff.windows?.[window];
  return { per_kwh: own?.per_kwh ?? tariff.per_kwh, per_minute: own?.per_minute ?? tariff.per_minute ?? '0' };
}

function idle(tariff: TariffTold, example: Example): PriceLine[] {
  const beyond = example.idleMinutes - (tariff.idle_grace_minutes ?? 0);
  return example.energyWh > 0 && isSome(tariff.idle_per_minute) && beyond > 0 ? [timed('idle', tariff.idle_per_minute, beyond)] : [];
}

function bounds(tariff: TariffTold, net: bigint, hasFlowed: boolean): PriceLine[] {
  const least = BigInt(tariff.minimum ?? '0');
  if (hasFlowed && net < least) return [line('minimum', 1, 'session', String(least), least - net)];
  const most = tariff.maximum == null ? null : BigInt(tariff.maximum);
  return most !== null && net > most ? [line('maximum', 1, 'session', String(most), most - net)] : [];
}

function tax(tariff: TariffTold, net: bigint): PriceLine[] {
  if (net === 0n || !isSome(tariff.tax_percent)) return [];
  const rate = scaled(tariff.tax_percent) / (ONE / 10_000n);
  return [line('tax', Number(rate), 'ppm', String(net), (net * rate) / PPM)];
}

function timed(item: string, price: string, minutes: number): PriceLine {
  return line(item, minutes * 60, 's', price, part(price, BigInt(minutes), 1n));
}

function line(item: string, quantity: number, unit: string, price: string, amount: bigint): PriceLine {
  return { item, quantity, unit, price, amount: String(amount) };
}

/** A price times a quantity by `per`, rounded down once. */
function part(price: string, quantity: bigint, per: bigint): bigint {
  return (scaled(price) * quantity) / (ONE * per);
}

function scaled(price: string): bigint {
  const [whole = '0', fraction = ''] = price.split('.');
  return BigInt(whole) * ONE + BigInt(fraction.slice(0, PLACES).padEnd(PLACES, '0'));
}

function isSome(price: string | null | undefined): price is string {
  return price != null && /[1-9]/.test(price);
}
