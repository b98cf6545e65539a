import { describe, expect, it } from 'vitest';
import { profileOf } from './profile';
import { progressOf } from './progress';

describe('the progress of what was asked for', () => {
  it('tells the step, also between those that are drawn', () => {
    expect(progressOf('firmware', 'requested')).toMatchObject({ at: 0, tone: 'info' });
    expect(progressOf('firmware', 'InstallRebooting')).toMatchObject({ at: 3, tone: 'info' });
    expect(progressOf('firmware', 'Installed')).toMatchObject({ at: 4, tone: 'success' });
    expect(progressOf('log', 'Uploaded')).toMatchObject({ at: 2, tone: 'success' });
  });

  it('tells a failure from being idle', () => {
    expect(progressOf('firmware', 'InstallationFailed')).toMatchObject({ at: null, tone: 'danger' });
    expect(progressOf('diagnostics', 'Idle')).toMatchObject({ at: null, tone: 'neutral' });
  });
});

describe('a charging profile', () => {
  it('is read by our names, and by those of OCPP', () => {
    const plain = { id: 3, purpose: 'TxDefaultProfile', level: 1, unit: 'A', periods: [{ limit: 16, start: 60 }] };
    const ours = {
      charging_profile_id: 3,
      charging_profile_purpose: 'TxDefaultProfile',
      stack_level: 1,
      charging_schedule: { charging_rate_unit: 'A', charging_schedule_period: [{ start_period: 60, limit: 16 }] },
    };
    const theirs = {
      chargingProfileId: 3,
      chargingProfilePurpose: 'TxDefaultProfile',
      stackLevel: 1,
      chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 60, limit: 16 }] },
    };
    for (const profile of [ours, theirs]) expect(profileOf({ connector_id: 1, profile })).toEqual(plain);
  });
});
