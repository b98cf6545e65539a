/** Charging profiles as the API tells them: by our names or OCPP's, as they were stored. Pure. */

export interface HeldProfile {
  connector_id: number | null;
  profile: Record<string, unknown>;
}

export interface PlainProfile {
  readonly id: number;
  readonly purpose: string;
  readonly level: number;
  readonly unit: string;
  readonly periods: readonly { limit: number; start: number }[];
}

export function profileOf({ profile }: HeldProfile): PlainProfile {
  const schedule = objectAt(profile, 'charging_schedule', 'chargingSchedule');
  const periods = valueAt(schedule, 'charging_schedule_period', 'chargingSchedulePeriod');
  return {
    id: Number(valueAt(profile, 'charging_profile_id', 'chargingProfileId')),
    purpose: String(valueAt(profile, 'charging_profile_purpose', 'chargingProfilePurpose') ?? ''),
    level: Number(valueAt(profile, 'stack_level', 'stackLevel')),
    unit: String(valueAt(schedule, 'charging_rate_unit', 'chargingRateUnit') ?? ''),
    periods: (Array.isArray(periods) ? (periods as Record<string, unknown>[]) : []).map((period) => ({
      limit: Number(period.limit),
      start: Number(valueAt(period, 'start_period', 'startPeriod') ?? 0),
    })),
  };
}

function valueAt(part: Record<string, unknown>, ours: string, theirs: string): unknown {
  return part[ours] ?? part[theirs];
}

function objectAt(part: Record<string, unknown>, ours: string, theirs: string): Record<string, unknown> {
  const value = valueAt(part, ours, theirs);
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
