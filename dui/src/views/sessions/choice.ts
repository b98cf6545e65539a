/** Which ended sessions are wanted: the address of the view has the API's own parameters. */

export const NAMES = [
  'search',
  'first_day',
  'last_day',
  'zone',
  'month',
  'from',
  'to',
  'charge_point_id',
  'connector_id',
  'outcome',
  'failure',
  'stop_reason',
  'token',
  'private',
  'consumer_did',
] as const;

export type Name = (typeof NAMES)[number];
export type Choice = Readonly<Partial<Record<Name, string>>>;

const OF_TIME: readonly Name[] = ['first_day', 'last_day', 'zone', 'month', 'from', 'to'];
const SELDOM: readonly Name[] = ['connector_id', 'stop_reason', 'token', 'private', 'consumer_did'];
const SHORTEST_SEARCH = 3;

export const PRESETS = ['today', 'days7', 'thisMonth', 'lastMonth'] as const;
export type Preset = (typeof PRESETS)[number];
/** Of which time the sessions are: all of it, a preset, or two days that somebody chose. */
export type Period = '' | Preset | 'custom';

export function choiceOf(search: URLSearchParams): Choice {
  const given = NAMES.map((name) => [name, search.get(name)?.trim() ?? ''] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== ''));
}

/** The choice as the API takes it: a text that is too short to look for is left out. */
export function queryOf(choice: Choice): Choice {
  const { search: _tooShort, ...others } = choice;
  return isTooShort(choice) ? others : choice;
}

/** Whether the text to look for is shorter than what the API looks for. */
export function isTooShort({ search = '' }: Choice): boolean {
  return search.length > 0 && search.length < SHORTEST_SEARCH;
}

/** The address of the list with a choice, and of one page of it. */
export function hrefOf(choice: Choice, cursor?: string | null): string {
  const query = new URLSearchParams({ ...choice, ...(cursor && { cursor }) }).toString();
  return query ? `/sessions?${query}` : '/sessions';
}

/** Whether something is chosen that is not shown without being asked for. */
export function choosesSeldom(choice: Choice): boolean {
  return SELDOM.some((name) => choice[name]);
}

/** Both days of a preset, by the calendar of `now`'s own zone. */
export function daysOf(preset: Preset, now: Date): { first_day: string; last_day: string } {
  const [year, month, day] = [now.getFullYear(), now.getMonth(), now.getDate()];
  const span = (first: Date, last: Date) => ({ first_day: dayOf(first), last_day: dayOf(last) });
  switch (preset) {
    case 'today':
      return span(now, now);
    case 'days7':
      return span(new Date(year, month, day - 6), now);
    case 'thisMonth':
      return span(new Date(year, month, 1), now);
    case 'lastMonth':
      return span(new Date(year, month - 1, 1), new Date(year, month, 0));
  }
}

/** What the choice's times are called. */
export function periodOf(choice: Choice, now: Date): Period {
  if (!OF_TIME.some((name) => choice[name])) return '';
  const isIt = (preset: Preset) => {
    const { first_day, last_day } = daysOf(preset, now);
    return choice.first_day === first_day && choice.last_day === last_day;
  };
  return PRESETS.find(isIt) ?? 'custom';
}

/** The same choice of other times; days are those of the viewer's zone. */
export function withDays(choice: Choice, days: Choice | null): Choice {
  const kept = NAMES.filter((name) => !OF_TIME.includes(name) && choice[name]);
  return { ...Object.fromEntries(kept.map((name) => [name, choice[name]])), ...(days && { ...days, zone: ownZone() }) };
}

export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function dayOf(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
