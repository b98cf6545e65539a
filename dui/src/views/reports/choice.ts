/** What a report is about, as it stands in the address. */

import type { Query } from '../../http/client';
import { daysIn, isDay, type Kind, KINDS, type Range } from './period';
import type { By } from './types';

export const MEASURES = ['energy', 'revenue', 'sessions', 'gas'] as const;
export const GROUPS = ['charge_point', 'connector', 'consumer'] as const;
export const WARMTHS = ['used', 'energy'] as const;
export const BYS: readonly By[] = ['day', 'week', 'month', 'year'];

export type Measure = (typeof MEASURES)[number];
export type Group = (typeof GROUPS)[number];
/** What the hours of the week are coloured by. */
export type Warmth = (typeof WARMTHS)[number];

export interface Choice {
  readonly kind: Kind;
  /** Null: the days that the API takes by itself, which are the last ones. */
  readonly range: Range | null;
  /** Null: what suits the range. */
  readonly by: By | null;
  readonly chargePointId: string;
  readonly connectorId: string;
  /** A token key; "": all of them. */
  readonly token: string;
  readonly zone: string;
  readonly measure: Measure;
  readonly group: Group;
  readonly warmth: Warmth;
  readonly compares: boolean;
}

export const RECENT_DAYS = 30;
const MOST_BARS = 400;
const DAYS_OF: Readonly<Record<By, number>> = { day: 1, week: 7, month: 30, year: 365 };
const LONGEST: readonly (readonly [By, number])[] = [
  ['day', 62],
  ['week', 190],
  ['month', 1_830],
];

export function choiceOf(search: URLSearchParams): Choice {
  const [first, last] = [search.get('first_day'), search.get('last_day')];
  const range = isDay(first) && isDay(last) && first <= last ? { first, last } : null;
  const kind = oneOf(KINDS, search.get('period'), 'custom');
  return {
    kind: range && kind !== 'recent' ? kind : range ? 'custom' : 'recent',
    range,
    by: BYS.find((by) => by === search.get('by')) ?? null,
    chargePointId: search.get('charge_point_id') ?? '',
    connectorId: search.get('connector_id') ?? '',
    token: search.get('token') ?? '',
    zone: search.get('zone') ?? '',
    measure: oneOf(MEASURES, search.get('show'), 'energy'),
    group: oneOf(GROUPS, search.get('group'), 'charge_point'),
    warmth: oneOf(WARMTHS, search.get('heat'), 'used'),
    compares: search.get('compare') === 'true',
  };
}

/** The choice as an address has it; what is usual is left out. */
export function searchOf(choice: Choice): Record<string, string> {
  const usual = <T extends string>(value: T, meant: T) => (value === meant ? '' : value);
  const all = {
    period: usual(choice.kind, 'recent'),
    ...daysOf(choice.range),
    by: choice.by ?? '',
    charge_point_id: choice.chargePointId,
    connector_id: choice.connectorId,
    token: choice.token,
    zone: choice.zone,
    show: usual(choice.measure, 'energy'),
    group: usual(choice.group, 'charge_point'),
    heat: usual(choice.warmth, 'used'),
    compare: choice.compares ? 'true' : '',
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value));
}

/** The days, zone, charge point and connector, as the API takes them; of another range where one is given. */
export function scopeOf(choice: Choice, range: Range | null = choice.range): Query {
  return {
    ...daysOf(range),
    zone: choice.zone,
    charge_point_id: choice.chargePointId,
    connector_id: choice.connectorId,
  };
}

/** By what the bars of a choice are put together; never so that there would be too many of them. */
export function byOf(choice: Choice): By {
  const days = choice.range ? daysIn(choice.range) : RECENT_DAYS;
  if (choice.by && days / DAYS_OF[choice.by] <= MOST_BARS) return choice.by;
  return LONGEST.find(([, most]) => days <= most)?.[0] ?? 'year';
}

function daysOf(range: Range | null): { first_day?: string; last_day?: string } {
  return range ? { first_day: range.first, last_day: range.last } : {};
}

function oneOf<T extends string>(all: readonly T[], text: string | null, usual: T): T {
  return all.find((each) => each === text) ?? usual;
}
