import { describe, expect, it } from 'vitest';
import type { Message } from '../types';
import { gist, lateAnswer, payloadOf, pretty } from './frames';

const message = (fields: Partial<Message>): Message => ({
  at: '2026-03-01T10:00:00.000Z',
  outcome: 'answered',
  direction: 'sent',
  action: 'Reset',
  message_id: 'a',
  request: '[2,"a","Reset",{"type":"Soft"}]',
  answer: null,
  cut: false,
  latency_ms: null,
  size: null,
  reason: null,
  dropped: 0,
  ...fields,
});

describe('frames', () => {
  it('give their payloads', () => {
    expect(payloadOf('[2,"a","Reset",{"type":"Soft"}]')).toEqual({ type: 'Soft' });
    expect(payloadOf('[3,"a",{"status":"Accepted"}]')).toEqual({ status: 'Accepted' });
    expect(payloadOf('[2,"a","Res')).toBeNull();
    expect(gist(message({}))).toBe('type Soft');
  });

  it('are indented where they are whole', () => {
    expect(pretty('[3,"a",{}]')).toContain('\n');
    expect(pretty('[3,"a"')).toBe('[3,"a"');
  });

  it('find an answer that came after nobody waited any more', () => {
    const asked = Date.parse('2026-03-01T09:59:59.000Z');
    const answered = message({ answer: '[3,"a",{"status":"Accepted"}]' });
    expect(lateAnswer([message({ outcome: 'timeout' })], 'Reset', asked)).toBeNull();
    expect(lateAnswer([answered], 'Reset', asked)).toBe(answered);
    expect(lateAnswer([answered], 'ClearCache', asked)).toBeNull();
    const stray = message({ outcome: 'stray', action: null, direction: null, at: '2026-03-01T10:00:40.000Z' });
    const earlier = { ...stray, at: '2026-03-01T09:00:00.000Z' };
    expect(lateAnswer([stray, message({ outcome: 'timeout' }), earlier], 'Reset', asked)).toBe(stray);
    expect(lateAnswer([message({ outcome: 'timeout' }), earlier], 'Reset', asked)).toBeNull();
    expect(lateAnswer([answered], 'Reset', asked + 5_000)).toBeNull();
  });
});
