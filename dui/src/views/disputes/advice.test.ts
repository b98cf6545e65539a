import { describe, expect, it } from 'vitest';
import { disputeAdvice } from './advice';

const NOW = new Date('2026-11-27T12:00:00Z');
const HELD = { phase: 'disputed', released: false, reasons: [], flags: [], payout: '100', refund_opens_at: null } as const;
const held = (change: object) => ({ ...HELD, reasons: [] as string[], flags: [] as string[], ...change });

describe('disputeAdvice', () => {
  it('says what to do about each reason, once', () => {
    const said = disputeAdvice(held({ reasons: ['gas_account_low', 'reverted', 'deposit_gone'], flags: ['deposit_lost'] }), NOW);
    expect(said).toHaveLength(3);
    expect(said[0]).toContain('send it funds');
    expect(said[2]).toContain('write it off');
  });

  it('tells that it goes on by itself where nothing is known to hold it up', () => {
    expect(disputeAdvice(held({}), NOW)).toEqual([expect.stringContaining('by itself')]);
    expect(disputeAdvice(held({ reasons: ['something_new'] }), NOW)).toHaveLength(1);
  });

  it('warns of the driver’s own refund, before and after it opens, where there is something to lose', () => {
    expect(disputeAdvice(held({ refund_opens_at: '2026-11-27T13:00:00Z' }), NOW)[1]).toContain('opens at');
    expect(disputeAdvice(held({ refund_opens_at: '2026-11-27T11:00:00Z' }), NOW)[1]).toContain('is open since');
    expect(disputeAdvice(held({ refund_opens_at: '2026-11-27T11:00:00Z', payout: null }), NOW)).toHaveLength(1);
  });

  it('has nothing to decide about what is left to the driver or can’t be read', () => {
    expect(disputeAdvice(held({ released: true, reasons: ['reverted'] }), NOW)).toEqual([expect.stringContaining('nothing to decide')]);
    expect(disputeAdvice(held({ phase: null }), NOW)).toEqual([expect.stringContaining('can’t read')]);
  });
});
