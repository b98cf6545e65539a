import { describe, expect, it } from 'vitest';
import { auditQuery } from './choice';

describe('the choice of the audit trail', () => {
  it('asks for whole days, the last one included', () => {
    const query = auditQuery(new URLSearchParams('from=2026-03-01&to=2026-03-01&who=%20Ada%20&session_id='));
    expect(query.who).toBe('Ada');
    expect(query).not.toHaveProperty('session_id');
    expect(query.from).toBe(new Date(2026, 2, 1).toISOString());
    expect(query.to).toBe(new Date(2026, 2, 2).toISOString());
  });

  it('leaves out what is no day', () => {
    expect(auditQuery(new URLSearchParams('from=yesterday&other=1'))).toEqual({});
  });
});
