import { describe, expect, it } from 'vitest';
import { draftOfTariff, NEW_WINDOW, tariffOf } from './tariffDraft';

const TARIFF = {
  per_kwh: '450000',
  per_minute: '1000',
  maximum: '90000000',
  tax_percent: '19',
  windows: [{ start: '22:00', end: '06:00', days: ['sat', 'sun'], per_kwh: '200000' }],
  timezone: 'Europe/Berlin',
};

describe('the form of a tariff', () => {
  it('shows whole tokens, and gives back what it was made of', () => {
    const draft = draftOfTariff(TARIFF, 6);
    expect(draft).toMatchObject({ perKwh: '0.45', perMinute: '0.001', maximum: '90', minimum: '0', timezone: 'Europe/Berlin' });
    expect(draft.windows[0]).toMatchObject({ perKwh: '0.2', perMinute: '', days: ['sat', 'sun'] });
    const { tariff, faults } = tariffOf(draft, 6);
    expect(faults).toEqual({});
    expect(tariff).toMatchObject({ ...TARIFF, windows: [{ ...TARIFF.windows[0], per_minute: null }] });
  });

  it('takes no bound where none is told', () => {
    expect(tariffOf({ ...draftOfTariff(TARIFF, 6), maximum: ' ' }, 6).tariff.maximum).toBeNull();
  });

  it('says what is wrong, and where', () => {
    const draft = {
      ...draftOfTariff(TARIFF, 6),
      perKwh: 'x',
      tax: '101',
      grace: '1.5',
      minimum: '100',
      windows: [{ ...NEW_WINDOW, start: '7:00', end: '25:00', days: [], perMinute: '-1' }],
    };
    expect(tariffOf(draft, 6).faults).toEqual({
      perKwh: 'price',
      tax: 'tax',
      grace: 'number',
      maximum: 'bounds',
      'windows/0/start': 'time',
      'windows/0/end': 'time',
      'windows/0/days': 'days',
      'windows/0/perMinute': 'price',
    });
  });
});
