/** Days of a calendar and what they make, without clocks: whose day it is says the report's zone. */

/** "2026-11-30" */
export type Day = string;

/** Days from the first to the last, both included. */
export interface Range {
  readonly first: Day;
  readonly last: Day;
}

export const KINDS = ['recent', 'day', 'week', 'month', 'year', 'custom'] as const;

/** `recent`: up to today; `custom`: any days. */
export type Kind = (typeof KINDS)[number];

const DAY_MS = 86_400_000;
const DAYS_OF_WEEK = 7;

/** The beginning of a day, as if it were in UTC. */
export function dateOf(day: Day): Date {
  return new Date(`${day}T00:00:00Z`);
}

export function isDay(text: string | null): text is Day {
  if (!text || !/^[12]\d{3}-\d\d-\d\d$/.test(text)) return false;
  const date = dateOf(text);
  return !Number.isNaN(date.getTime()) && dayOfDate(date) === text;
}

export function addDays(day: Day, days: number): Day {
  return dayOfDate(new Date(dateOf(day).getTime() + days * DAY_MS));
}

export function daysIn({ first, last }: Range): number {
  return (dateOf(last).getTime() - dateOf(first).getTime()) / DAY_MS + 1;
}

/** The day that it is at a moment in a zone (IANA); of one that the browser does not know, by UTC. */
export function dayIn(zone: string, moment: Date): Day {
  try {
    return new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(moment);
  } catch (error) {
    if (error instanceof RangeError) return dayOfDate(moment);
    throw error;
  }
}

/** The week (from Monday), month or year that a day is in; the day alone for all else. */
export function around(kind: Kind, day: Day): Range {
  const date = dateOf(day);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  if (kind === 'week') {
    const monday = addDays(day, -((date.getUTCDay() + DAYS_OF_WEEK - 1) % DAYS_OF_WEEK));
    return { first: monday, last: addDays(monday, DAYS_OF_WEEK - 1) };
  }
  if (kind === 'month') return { first: utc(year, month, 1), last: utc(year, month + 1, 0) };
  if (kind === 'year') return { first: utc(year, 0, 1), last: utc(year, 11, 31) };
  return { first: day, last: day };
}

/** The range of the same kind right before (-1) or behind (1) one; of any days, as many of them. */
export function stepped(kind: Kind, range: Range, direction: -1 | 1): Range {
  const beside = direction < 0 ? addDays(range.first, -1) : addDays(range.last, 1);
  if (kind === 'week' || kind === 'month' || kind === 'year') return around(kind, beside);
  const days = daysIn(range) * direction;
  return { first: addDays(range.first, days), last: addDays(range.last, days) };
}

/** What a range is compared with: the one before; of one that is not over, as many days of it. */
export function before(kind: Kind, range: Range, today: Day): Range {
  const whole = stepped(kind, range, -1);
  if (range.last <= today || range.first > today) return whole;
  const last = addDays(whole.first, daysIn({ first: range.first, last: today }) - 1);
  return { first: whole.first, last: last < whole.last ? last : whole.last };
}

function utc(year: number, month: number, day: number): Day {
  return dayOfDate(new Date(Date.UTC(year, month, day)));
}

function dayOfDate(date: Date): Day {
  return date.toISOString().slice(0, 10);
}
