import { describe, expect, it } from 'vitest';
import { filterOf, queryOf } from './useLogFilter';

describe('the filter of the log in the address', () => {
  it('comes back as it was', () => {
    const filter = { level: 'warning', text: 'a&b =c', service: 'cpg', chargePointId: 'CP-1' } as const;
    expect(filterOf(new URLSearchParams(queryOf(filter)))).toEqual(filter);
  });

  it('leaves out what is not chosen', () => {
    expect(queryOf({ level: 'debug', text: '', service: '', chargePointId: '' })).toEqual({});
  });

  it('takes no level that there is not', () => {
    expect(filterOf(new URLSearchParams('level=loud')).level).toBe('debug');
  });
});
