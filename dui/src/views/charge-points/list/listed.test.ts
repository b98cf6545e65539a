import { describe, expect, it } from 'vitest';
import type { Station } from '../../../state/consoleStore';
import { isWanted, listedOf } from './listed';

const station = {
  id: 'CP-7',
  status: {
    name: 'Car park',
    connected: true,
    boot: { vendor: 'Alfen', model: 'Eve' },
    last_seen_at: null,
    connectors: [
      { connector_id: 1, status: 'Charging' },
      { connector_id: 2, status: 'Faulted' },
    ],
  },
  sessions: {
    1: { session_id: '0x1', phase: 'charging', power_w: 11_000 },
    2: { session_id: '0x2', phase: 'settled', power_w: 9_000 },
  },
} as unknown as Station;
const listed = listedOf(station, [
  { charge_point_id: 'CP-7', severity: 'critical' },
  { charge_point_id: 'CP-8', severity: 'warning' },
]);

describe('a charge point in the list', () => {
  it('tells what runs, and its own alerts', () => {
    expect(listed).toMatchObject({ powerW: 11_000, alerts: 1, isCritical: true, model: 'Alfen Eve' });
    expect(listedOf({ ...station, sessions: {} }, [])).toMatchObject({ powerW: null, alerts: 0 });
  });

  it('is found by its texts and by what it is doing', () => {
    for (const text of ['', 'cp-7', 'PARK', 'alfen eve']) expect(isWanted(listed, { text, status: '' })).toBe(true);
    for (const status of ['online', 'alerts', 'Faulted', 'Charging']) expect(isWanted(listed, { text: '', status })).toBe(true);
    for (const status of ['offline', 'Available']) expect(isWanted(listed, { text: '', status })).toBe(false);
    expect(isWanted(listed, { text: 'cp-8', status: 'Faulted' })).toBe(false);
  });
});
