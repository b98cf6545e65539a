import type { Query } from '../../http/client';
import type { Choice } from './choice';
import type { Reported } from './types';

/** The sessions that a number counts, as the sessions view takes its choice; tests are left out. */
export function sessionsHref(choice: Choice, { zone, first_day, last_day }: Reported, more: Query = {}): string {
  return `/sessions${queryText({ ...whereOf(choice), first_day, last_day, zone, private: false, ...more })}`;
}

/** All sessions of a report, tests as well, as the exports take it. */
export function exportQuery(choice: Choice, { zone, first_day, last_day }: Reported): Query {
  const token = choice.token.split(':')[1];
  return { first_day, last_day, zone, ...whereOf(choice), token };
}

function whereOf({ chargePointId, connectorId }: Choice): Query {
  return { charge_point_id: chargePointId, connector_id: connectorId };
}

function queryText(query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value != null && value !== '');
  return `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()}`;
}
