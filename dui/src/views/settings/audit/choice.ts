import type { Query } from '../../../http/client';

const TEXTS = ['who', 'action', 'charge_point_id', 'session_id'] as const;
export const DAYS = ['from', 'to'] as const;
export type ChoiceField = (typeof TEXTS)[number] | (typeof DAYS)[number];

/** What the API is asked for by what stands in the address; days are whole days of the viewer's zone. */
export function auditQuery(search: URLSearchParams): Query {
  const query: Record<string, string> = {};
  for (const name of TEXTS) {
    const text = search.get(name)?.trim();
    if (text) query[name] = text;
  }
  for (const name of DAYS) {
    const moment = startOf(search.get(name), name === 'to' ? 1 : 0);
    if (moment) query[name] = moment;
  }
  return query;
}

function startOf(day: string | null, plus: number): string | null {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day ?? '');
  if (!found) return null;
  const [year, month, date] = found.slice(1).map(Number) as [number, number, number];
  return new Date(year, month - 1, date + plus).toISOString();
}
