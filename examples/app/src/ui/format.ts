/** Amounts, energy, power and times as a person reads them. Money stays exact: it is never a float. */
import type { Token } from '../noroam/types';
import { LOCALE } from './words';

/** The chain's own coin is the token at the zero address. */
export const NATIVE = '0x0000000000000000000000000000000000000000';

const WHOLE = numbers({ maximumFractionDigits: 0 });
const POINT = numbers({}).formatToParts(0.5).find(({ type }) => type === 'decimal')?.value ?? '.';
const SHORT = numbers({ minimumFractionDigits: 2, maximumFractionDigits: 4 });
const TINY = numbers({ maximumSignificantDigits: 3 });

/** A smallest-unit integer as a decimal string, without needless zeros. */
export function decimalOf(value: bigint, decimals: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, '0');
  const point = digits.length - decimals;
  const fraction = digits.slice(point).replace(/0+$/, '');
  return `${value < 0n ? '-' : ''}${digits.slice(0, point)}${fraction && `.${fraction}`}`;
}

/** To the last digit, as receipts need it. */
export function exactAmount(value: bigint, token: Token): string {
  return `${inExact(decimalOf(value, token.decimals))} ${token.symbol}`;
}

/** At a glance: two to four decimals, more for what would else read as nothing. */
export function shortAmount(value: bigint, token: Token): string {
  return `${shortNumber(value, token)} ${token.symbol}`;
}

export function shortNumber(value: bigint, token: Token): string {
  const cents = 10n ** BigInt(Math.max(0, token.decimals - 2));
  const tiny = value !== 0n && value > -cents && value < cents;
  return print(tiny ? TINY : SHORT, decimalOf(value, token.decimals));
}

/** What a person typed as a smallest-unit integer; undefined where it is no amount of this token. */
export function readAmount(text: string, token: Token): bigint | undefined {
  const found = /^\s*(\d{1,30})(?:[.,](\d{0,30}))?\s*$/.exec(text);
  if (!found) return undefined;
  const fraction = (found[2] ?? '').replace(/0+$/, '');
  if (fraction.length > token.decimals) return undefined;
  return BigInt(found[1] + fraction.padEnd(token.decimals, '0'));
}

/** A price of the tariff: a decimal number of smallest units, which may itself have a fraction. */
export function exactPrice(price: string, token: Token): string {
  const [whole = '0', fraction = ''] = price.split('.');
  const all = BigInt(whole + fraction);
  return `${inExact(decimalOf(all, token.decimals + fraction.length))} ${token.symbol}`;
}

export function kilowatts(watts: number): string {
  return numbers({ minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(watts / 1000);
}

export function kilowattHours(wh: number, places = 2): string {
  const places_ = { minimumFractionDigits: places, maximumFractionDigits: places };
  return numbers(places_).format(wh / 1000);
}

export function power(watts: number): string {
  return `${numbers({ maximumFractionDigits: 1 }).format(watts / 1000)} kW`;
}

export function energy(wh: number, places = 2): string {
  return `${kilowattHours(wh, places)} kWh`;
}

export function dateTime(date: Date): string {
  return new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'short' }).format(date);
}

export function clock(date: Date): string {
  return new Intl.DateTimeFormat(LOCALE, { timeStyle: 'short' }).format(date);
}

/** How far off a moment is: "in 2 hours", "5 minutes ago". */
export function fromNow(date: Date, now: Date): string {
  const seconds = Math.round((date.getTime() - now.getTime()) / 1000);
  const words = new Intl.RelativeTimeFormat(LOCALE, { numeric: 'auto' });
  for (const [unit, length] of UNITS) {
    if (Math.abs(seconds) >= length) return words.format(Math.round(seconds / length), unit);
  }
  return words.format(seconds, 'second');
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** The account of a did:ethr, which is what tells one from another; anything else as it is. */
export function accountOf(did: string): string {
  return did.startsWith('did:ethr:') ? (did.split(':').at(-1) ?? did) : did;
}

/** The ends of something long that people compare by eye: a DID, an address, a hash. */
export function ends(text: string, head = 10, tail = 6): string {
  return text.length <= head + tail + 1 ? text : `${text.slice(0, head)}…${text.slice(-tail)}`;
}

function numbers(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  return new Intl.NumberFormat(LOCALE, options);
}

/** All digits, of which Intl alone gives no more than twenty everywhere. */
function inExact(decimal: string): string {
  const [whole = '0', fraction] = decimal.split('.');
  return print(WHOLE, whole) + (fraction ? POINT + fraction : '');
}

/** Intl reads a decimal string exactly (ES2023); its types still ask for a number. */
function print(format: Intl.NumberFormat, decimal: string): string {
  return format.format(decimal as unknown as number);
}
