import { describe, expect, it } from 'vitest';
import { outcomeTone } from './outcome';

describe('what became of an action', () => {
  it('tells good from refused and failed', () => {
    const tone = (outcome: string, status: number | null) => outcomeTone({ outcome, status });
    expect(tone('done', 204)).toBe('success');
    expect(tone('SessionStopAccepted', null)).toBe('success');
    expect(tone('StationCommandRefused', null)).toBe('warning');
    expect(tone('refused', 409)).toBe('warning');
    expect(tone('failed', 503)).toBe('danger');
    expect(tone('DidPublishFailed', null)).toBe('danger');
    expect(tone('timeout', 200)).toBe('warning');
    expect(tone('something_new', null)).toBe('neutral');
  });
});
