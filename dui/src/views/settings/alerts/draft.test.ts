import { describe, expect, it } from 'vitest';
import { DEFAULTS, draftOf, settingsOf } from './draft';

const ETHER = '1000000000000000000';

describe('thresholds of alerts', () => {
  it('come back as they were', () => {
    const settings = { ...DEFAULTS, offline_seconds: 0, gas_balance_below: `5${ETHER.slice(1)}`, muted: ['dispute' as const] };
    expect(settingsOf(draftOf(settings, 18), 18)).toEqual({ settings, wrong: [] });
  });

  it('take an empty balance for none, and a comma for a point', () => {
    const draft = { ...draftOf(DEFAULTS, 18), station_balance_below: '0,5', gas_balance_below: ' ' };
    const { settings } = settingsOf(draft, 18);
    expect([settings.station_balance_below, settings.gas_balance_below]).toEqual(['500000000000000000', null]);
  });

  it('name each field that means nothing', () => {
    const draft = { ...draftOf(DEFAULTS, 2), clear_seconds: '86401', hysteresis_percent: '1.5', gas_balance_below: '0.001' };
    expect(settingsOf(draft, 2).wrong).toEqual(['clear_seconds', 'hysteresis_percent', 'gas_balance_below']);
  });
});
