/** Days, periods and hours as a person reads them. */

import { timeFormat } from '../../format/locale';
import { say } from '../../words/language';
import { dateOf, type Day, type Kind, type Range } from './period';
import type { By, LengthCount, PeriodSums } from './types';
import { WORDS } from './words';

const A_MONDAY = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;
const MINUTES_ONLY = 120;

export function dayName(day: Day): string {
  return calendar({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }, day);
}

export function rangeName({ first, last }: Range): string {
  if (first === last) return dayName(first);
  return timeFormat({ dateStyle: 'medium', timeZone: 'UTC' }).formatRange(dateOf(first), dateOf(last));
}

/** What a range of a kind is called: "November 2026". */
export function rangeTitle(kind: Kind, range: Range): string {
  if (kind === 'month') return calendar({ month: 'long', year: 'numeric' }, range.first);
  if (kind === 'year') return calendar({ year: 'numeric' }, range.first);
  return rangeName(range);
}

/** What stands below the bar of a period. */
export function periodTick(by: By, { period, first_day }: PeriodSums): string {
  if (by === 'day') return calendar({ day: 'numeric', month: 'short' }, first_day);
  if (by === 'week') return say(WORDS).week(weekOf(period));
  if (by === 'month') return calendar({ month: 'short', year: '2-digit' }, first_day);
  return period;
}

export function periodName(by: By, { period, first_day, last_day }: PeriodSums): string {
  if (by === 'day') return dayName(first_day);
  const days = rangeName({ first: first_day, last: last_day });
  if (by === 'week') return `${say(WORDS).week(weekOf(period))}, ${days}`;
  return by === 'month' ? calendar({ month: 'long', year: 'numeric' }, first_day) : period;
}

/** The name of a weekday; 1 is Monday. */
export function weekdayName(weekday: number, width: 'short' | 'long' = 'short'): string {
  return timeFormat({ weekday: width, timeZone: 'UTC' }).format(new Date(A_MONDAY + (weekday - 1) * DAY_MS));
}

/** "07:00–08:00" */
export function hourName(hour: number): string {
  const two = (value: number) => `${String(value).padStart(2, '0')}:00`;
  return `${two(hour)}–${two(hour + 1)}`;
}

/** How long sessions of a class took: minutes while they are few, then hours. */
export function lengthName({ from_minutes: from, to_minutes: to }: LengthCount): string {
  const words = say(WORDS).lengths;
  const isLong = to === null || to > MINUTES_ONLY;
  const [begin, end] = isLong ? [from / 60, to && to / 60] : [from, to];
  const unit = isLong ? words.hours : words.minutes;
  if (end === null) return words.atLeast(begin, unit);
  return begin === 0 ? words.below(end, unit) : `${begin}–${end} ${unit}`;
}

function weekOf(period: string): number {
  return Number(period.split('W')[1]);
}

function calendar(options: Intl.DateTimeFormatOptions, day: Day): string {
  return timeFormat({ ...options, timeZone: 'UTC' }).format(dateOf(day));
}
