import { describe, expect, it } from 'vitest';
import type { MeterValue, Sample } from '../types';
import { measured } from './samples';

const sample = (measurand: string, value: string, phase: string | null = null): Sample => ({ measurand, value, phase, unit: 'A' });
const value = (...samples: Sample[]): MeterValue => ({
  connector_id: 1,
  transaction_id: 1,
  sampled_at: null,
  received_at: '2026-03-01T10:00:00.000Z',
  samples,
});

describe('what was measured last', () => {
  it('is the newest value, by phases in their order', () => {
    const newest = value(sample('Current.Import', '15', 'L2'), sample('Current.Import', '16', 'L1'), sample('Current.Import', '2', 'N'));
    expect(measured([value(sample('Voltage', '230')), newest, value(sample('Current.Import', '9'))], 'Current.Import')).toEqual({
      unit: 'A',
      values: [16, 15],
    });
  });

  it('is nothing where it was never told, or is no number', () => {
    expect(measured([value(sample('Voltage', '230'))], 'SoC')).toBeNull();
    expect(measured([value(sample('Voltage', 'abc'))], 'Voltage')).toBeNull();
  });
});
