import { describe, expect, it } from 'vitest';
import { byOf, choiceOf, scopeOf, searchOf } from './choice';

const of = (text: string) => choiceOf(new URLSearchParams(text));

describe('a choice', () => {
  it('stands in the address, whole', () => {
    const text =
      'period=month&first_day=2026-11-01&last_day=2026-11-30&by=week&charge_point_id=CP-1&connector_id=2&token=1%3A0x0' +
      '&zone=Asia%2FTokyo&show=gas&group=connector&heat=energy&compare=true';
    expect(new URLSearchParams(searchOf(of(text))).toString()).toBe(text);
    expect(searchOf(of(''))).toEqual({});
  });

  it('takes what is no range for the last days', () => {
    for (const text of ['first_day=2026-11-01', 'first_day=2026-11-02&last_day=2026-11-01', 'period=month'])
      expect(of(text)).toMatchObject({ kind: 'recent', range: null });
    expect(of('first_day=2026-11-01&last_day=2026-11-02').kind).toBe('custom');
  });

  it('is what the API is asked', () => {
    expect(scopeOf(of('first_day=2026-11-01&last_day=2026-11-02&charge_point_id=CP-1&show=gas'))).toEqual({
      first_day: '2026-11-01',
      last_day: '2026-11-02',
      zone: '',
      charge_point_id: 'CP-1',
      connector_id: '',
    });
  });

  it('has bars that can be told apart', () => {
    expect(byOf(of(''))).toBe('day');
    expect(byOf(of('first_day=2026-01-01&last_day=2026-12-31'))).toBe('month');
    expect(byOf(of('first_day=2026-01-01&last_day=2026-12-31&by=day'))).toBe('day');
    expect(byOf(of('first_day=2017-01-01&last_day=2026-12-31&by=day'))).toBe('year');
  });
});
