import { describe, expect, it } from 'vitest';
import { setLocale } from './locale';
import { duration, kilowattHours, kilowatts, plainKilowattHours, shortened, timeOfDay } from './units';

describe('units', () => {
  it('writes whole kilowatt-hours so that nobody takes them for thousands', () => {
    setLocale('de-DE');
    expect([20_000, 12_345, 1_234_500].map(plainKilowattHours)).toEqual(['20', '12,345', '1.234,5']);
    setLocale(undefined);
  });

  it('tells no reading from a reading of zero', () => {
    expect(kilowatts(null)).toBeNull();
    expect(kilowatts(0)).toBe('0.0');
    expect(kilowatts(11040)).toBe('11.0');
    expect(kilowattHours(12345)).toBe('12.345');
  });

  it('shortens only what is long', () => {
    expect(shortened('0x1234')).toBe('0x1234');
    expect(shortened('0x1234567890abcdef1234567890abcdef12345678')).toBe('0x123456…345678');
  });

  it('writes how long something takes', () => {
    expect(duration(12_400)).toBe('12 s');
    expect(duration(200_000)).toBe('3 min 20 s');
    expect(duration(3_725_000)).toBe('1 h 02 min');
    expect(duration(-5)).toBe('0 s');
    expect(duration(47 * 3_600_000)).toBe('47 h 00 min');
    expect(duration(76 * 3_600_000 + 59_000)).toBe('3 d 04 h');
  });

  it('leaves alone what is no moment', () => {
    expect(timeOfDay('soon')).toBe('soon');
    expect(timeOfDay(null)).toBe('');
    expect(timeOfDay('2026-03-01T10:20:30.000Z')).toMatch(/^\d\d:\d\d:\d\d$/);
  });
});
