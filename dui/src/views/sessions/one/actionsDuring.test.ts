import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../../wire/types';
import { actionsDuring } from './actionsDuring';

const entry = (number: number, connector_id: number | null, session_id: string | null, detail: string | null = null) =>
  ({ number, connector_id, session_id, detail }) as AuditEntry;

describe('actionsDuring', () => {
  it('tells each deed once, the first one first, and none of another session', () => {
    const stop = entry(7, 1, '0xa');
    const here = [entry(9, 2, null), stop, entry(5, null, null), entry(4, 1, '0xb'), entry(6, 1, null), entry(8, null, null, 'transaction_id 7'), entry(3, null, null, 'transaction_id 8')];
    const found = actionsDuring({ session_id: '0xa', connector_id: 1, status: { transaction_id: 7 } }, [stop, entry(20, 1, '0xa')], here);
    expect(found.map(({ number }) => number)).toEqual([5, 6, 7, 8, 20]);
  });
});
