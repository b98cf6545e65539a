import { sha256, stringToBytes } from 'viem/utils';
import { MINUTE, type Instant } from './instant';
import { Rational } from './rational';
import type { Tariff } from './types';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const QUARTER = 15n * MINUTE;
/** No session is longer; a made-up one would take for ever to split. */
const LONGEST_DAYS = 400n;

export interface Window {
  /** Days of the week (0 is Sunday) on which it begins. */
  days: Set<number>;
  /** Minutes of the day. */
  start: number;
  end: number;
  perKwh: string;
  perMinute: string;
}

/** A tariff with its defaults filled in. */
export interface Terms {
  perKwh: string;
  perSession: string;
  perMinute: string;
  idlePerMinute: string;
  idleGraceMinutes: number;
  minimum: bigint;
  maximum: bigint | null;
  taxPercent: string;
  windows: Window[];
  timezone: string;
}

/** The prices of each slot: 0 is the tariff itself, i the i-th window. */
export function slotPrices(terms: Terms): { perKwh: string; perMinute: string }[] {
  return [{ perKwh: terms.perKwh, perMinute: terms.perMinute }, ...terms.windows];
}

/** True where the price follows from the energy alone. */
export function energyAlone(terms: Terms): boolean {
  const timed = [terms.perMinute, terms.idlePerMinute].some((p) => Rational.parse(p).num > 0n);
  return !timed && terms.windows.length === 0;
}

/** Reads a tariff. Raises RangeError where it can't be understood. */
export function readTariff(tariff: Tariff): Terms {
  const perKwh = decimal(tariff.per_kwh);
  const perMinute = decimal(tariff.per_minute ?? '0');
  const timezone = String(tariff.timezone ?? 'UTC');
  clockOf(timezone);
  const windows = (tariff.windows ?? []) as Record<string, unknown>[];
  if (windows.length > 16) throw new RangeError('too many windows');
  return {
    perKwh,
    perMinute,
    perSession: decimal(tariff.per_session ?? '0'),
    idlePerMinute: decimal(tariff.idle_per_minute ?? '0'),
    idleGraceMinutes: Number(tariff.idle_grace_minutes ?? 0),
    minimum: BigInt(String(tariff.minimum ?? '0')),
    maximum: tariff.maximum == null ? null : BigInt(String(tariff.maximum)),
    taxPercent: decimal(tariff.tax_percent ?? '0'),
    windows: windows.map((window) => readWindow(window, perKwh, perMinute)),
    timezone,
  };
}

function readWindow(window: Record<string, unknown>, perKwh: string, perMinute: string): Window {
  const days = (window.days ?? DAYS) as string[];
  return {
    days: new Set(days.map((day) => DAYS.indexOf(day))),
    start: minuteOfDay(window.start),
    end: minuteOfDay(window.end),
    perKwh: decimal(window.per_kwh ?? perKwh),
    perMinute: decimal(window.per_minute ?? perMinute),
  };
}

function decimal(text: unknown): string {
  Rational.parse(String(text));
  return String(text);
}

function minuteOfDay(text: unknown): number {
  const [, hours, minutes] = /^(\d\d):(\d\d)$/.exec(String(text)) ?? [];
  if (!hours || !minutes) throw new RangeError('not a time of day');
  return Number(hours) * 60 + Number(minutes);
}

/** `tariff_hash` of a quote: SHA-256 of the tariff's canonical JSON. */
export function tariffHash(tariff: Tariff): string {
  return sha256(stringToBytes(canonical(withoutDefaults(tariff))));
}

const DEFAULTS: Record<string, unknown> = {
  per_minute: '0',
  idle_per_minute: '0',
  idle_grace_minutes: 0,
  minimum: '0',
  maximum: null,
  tax_percent: '0',
  windows: [],
  timezone: 'UTC',
};

function withoutDefaults(tariff: Tariff): Record<string, unknown> {
  const kept = Object.entries(tariff).filter(
    ([name, value]) => !(name in DEFAULTS) || canonical(value) !== canonical(DEFAULTS[name]),
  );
  return Object.fromEntries(kept);
}

/** JSON with its names sorted at every level, and no spaces. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, part]) => `${JSON.stringify(name)}:${canonical(part)}`).join(',')}}`;
}

/** Microseconds of each slot between two moments. */
export function timeBySlot(terms: Terms, from: Instant, to: Instant): bigint[] {
  const times = [0n, ...terms.windows.map(() => 0n)];
  if (to - from > LONGEST_DAYS * 1440n * MINUTE) throw new RangeError('too long a time');
  if (terms.windows.length === 0) return [to > from ? to - from : 0n];
  const edges = terms.windows.flatMap((window) => [window.start % 1440, window.end % 1440, 0]);
  for (let at = from; at < to;) {
    const local = localMinute(terms.timezone, at);
    const quarter = (at / QUARTER + 1n) * QUARTER;
    const ahead = edges.map((edge) => (edge - local.minute + 1440) % 1440 || 1440);
    const edge = (at / MINUTE + BigInt(Math.min(...ahead))) * MINUTE;
    const next = [quarter, edge, to].reduce((a, b) => (a < b ? a : b));
    times[slotAt(terms, local)]! += next - at;
    at = next;
  }
  return times;
}

interface LocalMinute {
  minute: number;
  day: number;
}

function slotAt(terms: Terms, { minute, day }: LocalMinute): number {
  const yesterday = (day + 6) % 7;
  const found = terms.windows.findIndex(({ days, start, end }) => {
    if (start < end) return days.has(day) && minute >= start && minute < end;
    return (days.has(day) && minute >= start) || (days.has(yesterday) && minute < end);
  });
  return found + 1;
}

function localMinute(timezone: string, at: Instant): LocalMinute {
  const offset = offsetMinutes(timezone, at / QUARTER);
  const minutes = Number(at / MINUTE) + offset;
  const day = Math.floor(minutes / 1440);
  return { minute: minutes - day * 1440, day: (day + 4) % 7 };
}

const clocks = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

function clockOf(timezone: string): Intl.DateTimeFormat {
  let clock = clocks.get(timezone);
  if (!clock) {
    const digits = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric' } as const;
    const options = { ...digits, minute: 'numeric', hourCycle: 'h23', timeZone: timezone } as const;
    clock = new Intl.DateTimeFormat('en-US', options);
    clocks.set(timezone, clock);
  }
  return clock;
}

/** How far the clock is ahead of UTC; clocks change at whole quarters of an hour only. */
function offsetMinutes(timezone: string, quarter: bigint): number {
  const key = `${timezone} ${quarter}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  const moment = Number(quarter) * 900_000;
  const parts = Object.fromEntries(
    clockOf(timezone)
      .formatToParts(moment)
      .map(({ type, value }) => [type, Number(value)]),
  ) as Record<'year' | 'month' | 'day' | 'hour' | 'minute', number>;
  const local = Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute);
  const offset = (local - moment) / 60_000;
  if (offsets.size > 10_000) offsets.clear();
  offsets.set(key, offset);
  return offset;
}
