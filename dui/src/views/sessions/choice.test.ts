import { describe, expect, it } from 'vitest';
import { choiceOf, daysOf, ownZone, periodOf, queryOf, withDays } from './choice';

const NOW = new Date(2026, 2, 3, 0, 30);

describe('choice', () => {
  it('reads what the API knows out of the address, and nothing else', () => {
    const search = new URLSearchParams('outcome=settled&cursor=abc&failure=&search=%20CP-1%20');
    expect(choiceOf(search)).toEqual({ outcome: 'settled', search: 'CP-1' });
  });

  it('looks for no text that is too short', () => {
    expect(queryOf({ search: 'CP', outcome: 'settled' })).toEqual({ outcome: 'settled' });
    expect(queryOf({ search: 'CP-' })).toEqual({ search: 'CP-' });
  });

  it('knows the days of each preset across the ends of months', () => {
    expect(daysOf('today', NOW)).toEqual({ first_day: '2026-03-03', last_day: '2026-03-03' });
    expect(daysOf('days7', NOW)).toEqual({ first_day: '2026-02-25', last_day: '2026-03-03' });
    expect(daysOf('thisMonth', NOW)).toEqual({ first_day: '2026-03-01', last_day: '2026-03-03' });
    expect(daysOf('lastMonth', NOW)).toEqual({ first_day: '2026-02-01', last_day: '2026-02-28' });
    expect(daysOf('lastMonth', new Date(2026, 0, 31)).first_day).toBe('2025-12-01');
  });

  it('calls times by the preset that they are', () => {
    expect(periodOf({ outcome: 'settled' }, NOW)).toBe('');
    expect(periodOf(daysOf('lastMonth', NOW), NOW)).toBe('lastMonth');
    expect(periodOf({ first_day: '2026-02-02', last_day: '2026-02-28' }, NOW)).toBe('custom');
    expect(periodOf({ month: '2026-02' }, NOW)).toBe('custom');
  });

  it('tells times in one way only', () => {
    const before = { month: '2026-02', from: '2026-02-01T00:00:00Z', outcome: 'settled' };
    expect(withDays(before, { first_day: '2026-03-01' })).toEqual({ outcome: 'settled', first_day: '2026-03-01', zone: ownZone() });
    expect(withDays(before, null)).toEqual({ outcome: 'settled' });
  });
});
