import { describe, expect, it } from 'vitest';
import type { LogLine } from '../wire/types';
import { compareIds, LogBuffer, passes } from './logBuffer';

const now = (run: () => void) => run();
const line = (id: string, text = 'hello', level = 'info'): LogLine => ({
  id,
  at: '2026-03-01T10:00:00.000Z',
  level,
  service: 'cpg',
  session_id: null,
  charge_point_id: 'CP-1',
  text,
});

describe('the log buffer', () => {
  it('drops what a replay repeats, and keeps order', () => {
    const log = new LogBuffer(now);
    log.append([line('10-0'), line('10-1'), line('11-0')]);
    log.append([line('10-1'), line('11-0'), line('11-1')]);
    expect(log.snapshot().lines.map((l) => l.id)).toEqual(['10-0', '10-1', '11-0', '11-1']);
    expect(log.lastId).toBe('11-1');
  });

  it('forgets the oldest lines, not the newest', () => {
    const log = new LogBuffer(now, 100);
    for (let i = 1; i <= 500; i += 1) log.append([line(`${i}-0`)]);
    const { lines, total } = log.snapshot();
    expect(total).toBeLessThanOrEqual(110);
    expect(total).toBeGreaterThanOrEqual(100);
    expect(lines.at(-1)?.id).toBe('500-0');
  });

  it('filters what is there and what comes', () => {
    const log = new LogBuffer(now);
    log.append([line('1-0', 'boot'), line('2-0', 'Meter lost', 'warning')]);
    log.setFilter({ level: 'warning', text: 'meter' });
    log.append([line('3-0', 'meter back', 'info'), line('4-0', 'METER gone', 'error')]);
    expect(log.snapshot().lines.map((l) => l.id)).toEqual(['2-0', '4-0']);
    expect(log.snapshot().total).toBe(4);
  });

  it('orders ids by number, not by letter', () => {
    expect(compareIds('9-0', '10-0')).toBeLessThan(0);
    expect(compareIds('10-9', '10-10')).toBeLessThan(0);
    expect(compareIds('0', '1-0')).toBeLessThan(0);
  });

  it('lets a level that it does not know pass as info', () => {
    expect(passes(line('1-0', 'x', 'notice'), { level: 'info', text: '' })).toBe(true);
    expect(passes(line('1-0', 'x', 'notice'), { level: 'warning', text: '' })).toBe(false);
  });

  it('filters by service and charge point, and takes signs in the text as they are', () => {
    const filter = { level: 'debug', text: '' } as const;
    expect(passes(line('1-0'), { ...filter, service: 'cpg' })).toBe(true);
    expect(passes(line('1-0'), { ...filter, service: 'p2p_server' })).toBe(false);
    expect(passes(line('1-0'), { ...filter, chargePointId: 'CP-1' })).toBe(true);
    expect(passes(line('1-0'), { ...filter, chargePointId: 'CP-10' })).toBe(false);
    expect(passes(line('1-0', 'a (b'), { ...filter, text: '(B' })).toBe(true);
    expect(passes(line('1-0', 'axb'), { ...filter, text: 'a.b' })).toBe(false);
  });

  it('takes older lines in front, once', () => {
    const log = new LogBuffer(now);
    log.append([line('10-0'), line('11-0')]);
    log.prepend([line('8-0'), line('9-0'), line('10-0')]);
    log.prepend([line('8-0'), line('9-0')]);
    expect(log.snapshot().lines.map((l) => l.id)).toEqual(['8-0', '9-0', '10-0', '11-0']);
    expect(log.snapshot().shifted).toBe(2);
    expect([log.firstId, log.lastId]).toEqual(['8-0', '11-0']);
  });

  it('marks where lines are lost, whatever the filter', () => {
    const log = new LogBuffer(now);
    log.setFilter({ level: 'error', text: '' });
    log.append([line('1-0', 'x', 'error')]);
    log.noteGap('1-0');
    log.append([line('9-0', 'y', 'error'), line('9-1', 'z', 'info')]);
    expect(log.snapshot().lines.map((l) => l.isGap ?? l.id)).toEqual(['1-0', true, '9-0']);
    expect(log.lastId).toBe('9-1');
  });

  it('starts over with another log, and goes on with the same', () => {
    const log = new LogBuffer(now);
    log.begin('a');
    log.append([line('5-0')]);
    log.begin('a');
    expect(log.lastId).toBe('5-0');
    log.begin('b');
    expect([log.lastId, log.snapshot().total]).toEqual(['0', 0]);
    log.append([line('1-0')]);
    expect(log.snapshot().total).toBe(1);
  });

  it('drops the same lines from what passes the filter as from all', () => {
    const log = new LogBuffer(now, 100);
    log.setFilter({ level: 'warning', text: '' });
    for (let i = 1; i <= 500; i += 1) log.append([line(`${i}-0`, 'x', i % 7 ? 'info' : 'error')]);
    const { lines, total } = log.snapshot();
    const oldest = 500 - total;
    expect(lines.map((l) => l.id)).toEqual(
      Array.from({ length: 500 }, (_, i) => i + 1)
        .filter((i) => i % 7 === 0 && i > oldest)
        .map((i) => `${i}-0`),
    );
  });

  it('keeps one copy of each name', () => {
    const log = new LogBuffer(now);
    log.append([line('1-0'), line('2-0'), { ...line('3-0'), service: 'p2p_server' }]);
    expect(log.snapshot().services).toEqual(['cpg', 'p2p_server']);
  });
});
