import type { ActiveAlert, Moment } from '../wire/types';

/** Answer of `GET /alerts`; `evaluated_at`: when a Session Manager looked last. */
export interface Alerts {
  items: ActiveAlert[];
  evaluated_at: Moment | null;
}
