import { describe, expect, it } from 'vitest';
import { addDays, around, before, dayIn, daysIn, isDay, stepped } from './period';

describe('days', () => {
  it('are told from what only looks like one', () => {
    expect(isDay('2024-02-29')).toBe(true);
    for (const text of [null, '', '2026-02-29', '2026-13-01', '2026-1-1', '0000-01-01']) expect(isDay(text)).toBe(false);
  });

  it('go on over months, and over the days on which clocks change', () => {
    expect(addDays('2026-02-28', 1)).toBe('2026-03-01');
    expect(daysIn({ first: '2026-03-28', last: '2026-03-30' })).toBe(3);
    expect(dayIn('Europe/Berlin', new Date('2026-11-30T23:30:00Z'))).toBe('2026-12-01');
    expect(dayIn('Mars/Olympus', new Date('2026-11-30T23:30:00Z'))).toBe('2026-11-30');
  });

  it('are in a week from Monday, a month and a year', () => {
    expect(around('week', '2026-11-01')).toEqual({ first: '2026-10-26', last: '2026-11-01' });
    expect(around('month', '2024-02-10')).toEqual({ first: '2024-02-01', last: '2024-02-29' });
    expect(around('year', '2026-11-27')).toEqual({ first: '2026-01-01', last: '2026-12-31' });
  });
});

describe('a range', () => {
  it('has one of its kind on both sides', () => {
    const march = around('month', '2026-03-15');
    expect(stepped('month', march, -1)).toEqual(around('month', '2026-02-01'));
    expect(stepped('month', march, 1)).toEqual(around('month', '2026-04-01'));
    expect(stepped('custom', { first: '2026-11-10', last: '2026-11-12' }, -1)).toEqual({ first: '2026-11-07', last: '2026-11-09' });
    expect(stepped('day', { first: '2026-11-10', last: '2026-11-10' }, 1)).toEqual({ first: '2026-11-11', last: '2026-11-11' });
  });

  it('is compared with no more days than it has by now', () => {
    const november = around('month', '2026-11-01');
    expect(before('month', november, '2026-12-05')).toEqual(around('month', '2026-10-01'));
    expect(before('month', november, '2026-11-27')).toEqual({ first: '2026-10-01', last: '2026-10-27' });
    expect(before('month', around('month', '2026-03-01'), '2026-03-30')).toEqual(around('month', '2026-02-01'));
  });
});
