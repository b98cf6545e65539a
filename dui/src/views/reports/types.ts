/** Reports as the API serves them: energy in Wh, money in the token's smallest unit, `_s` in seconds. */

import type { Moment, Money } from '../../wire/types';
import type { Day } from './period';

export type By = 'day' | 'week' | 'month' | 'year';

/** Sums over sessions; tests without money count only in `private`. */
export interface Sums {
  readonly sessions: number;
  readonly private: number;
  readonly settled: number;
  readonly refunded: number;
  readonly rejected: number;
  readonly energy_wh: number;
  readonly unbilled_wh: number;
  readonly charging_s: number;
  readonly idle_s: number;
  readonly gas_used: number;
  /** By chain id, in the chain's own token. */
  readonly gas_fees: Readonly<Record<string, Money>>;
  /** By "<chain id>:<token>"; `spent` is the revenue. */
  readonly tokens: Readonly<Record<string, { readonly spent: Money }>>;
}

export interface PeriodSums extends Sums {
  readonly period: string;
  readonly first_day: Day;
  readonly last_day: Day;
}

export interface StationSums extends Sums {
  readonly charge_point_id: string;
  readonly name: string | null;
  readonly is_registered: boolean;
  readonly earns_nothing: boolean;
}

export interface ConnectorSums extends Sums {
  readonly charge_point_id: string;
  readonly connector_id: number;
}

export interface LengthCount {
  readonly from_minutes: number;
  readonly to_minutes: number | null;
  readonly sessions: number;
}

/** An hour of the week in the zone; weekday 1 is Monday. */
export interface HourOfWeek {
  readonly weekday: number;
  readonly hour: number;
  readonly used_s: number;
  readonly available_s: number;
  readonly energy_wh: number;
}

/** The days that a report is about, both included, by the clocks of `zone`. */
export interface Reported {
  readonly zone: string;
  readonly first_day: Day;
  readonly last_day: Day;
}

export interface Report extends Reported {
  readonly by: By;
  readonly total: Sums;
  readonly periods: readonly PeriodSums[];
  readonly charge_points: readonly StationSums[];
  readonly connectors: readonly ConnectorSums[];
  readonly failures: readonly { readonly failure: string; readonly sessions: number }[];
  readonly stop_reasons: readonly { readonly stop_reason: string; readonly sessions: number }[];
  readonly lengths: readonly LengthCount[];
  readonly heat: readonly HourOfWeek[];
}

export interface ConsumerSums extends Sums {
  readonly consumer_did: string;
}

export interface ConsumerReport extends Reported {
  /** How many drivers there are. */
  readonly consumers: number;
  readonly items: readonly ConsumerSums[];
  /** Those behind the limit. */
  readonly others: { readonly sessions: number; readonly energy_wh: number };
  readonly unknown: { readonly sessions: number; readonly energy_wh: number };
}

export interface StationUptime {
  readonly charge_point_id: string;
  readonly name: string | null;
  readonly known_since: Moment | null;
  readonly known_s: number;
  readonly connected_s: number;
  readonly faulted_s: number;
  readonly unavailable_s: number;
  readonly faults: number;
  readonly disconnects: number;
}

export interface UptimeReport extends Reported {
  readonly charge_points: readonly StationUptime[];
}
