import { describe, expect, it } from 'vitest';
import type { Session, Status } from '../wire/types';
import { ConsoleStore, stationIds } from './consoleStore';

function manual() {
  const waiting: (() => void)[] = [];
  return { schedule: (run: () => void) => void waiting.push(run), frame: () => waiting.splice(0).forEach((run) => run()) };
}

const session = (connector_id: number, energy_wh: number) =>
  ({ charge_point_id: 'CP-1', connector_id, phase: 'charging', energy_wh, curve: [] }) as unknown as Session;
const status = (charge_point_id: string) => ({ charge_point_id, connected: true }) as unknown as Status;

describe('the console store', () => {
  it('tells of many changes once per frame, and shows the newest', () => {
    const { schedule, frame } = manual();
    const store = new ConsoleStore(schedule);
    let told = 0;
    store.subscribe(() => (told += 1));
    for (let energy = 0; energy < 50; energy += 1) store.putSession(session(1, energy));
    expect(told).toBe(0);
    expect(store.snapshot().stations['CP-1']).toBeUndefined();
    frame();
    expect(told).toBe(1);
    expect(store.snapshot().stations['CP-1']?.sessions[1]?.energy_wh).toBe(49);
  });

  it('keeps the other connectors and objects of a charge point', () => {
    const { schedule, frame } = manual();
    const store = new ConsoleStore(schedule);
    store.putSession(session(1, 10));
    store.putSession(session(2, 20));
    store.putStatus(status('CP-1'));
    frame();
    const station = store.snapshot().stations['CP-1'];
    expect(station?.sessions[1]?.energy_wh).toBe(10);
    expect(station?.sessions[2]?.energy_wh).toBe(20);
    expect(station?.status?.connected).toBe(true);
    expect(station?.identity).toBeNull();
  });

  it('stops telling who unsubscribed', () => {
    const { schedule, frame } = manual();
    const store = new ConsoleStore(schedule);
    let told = 0;
    const stop = store.subscribe(() => (told += 1));
    stop();
    store.setConnection('connected');
    frame();
    expect(told).toBe(0);
    expect(store.snapshot().connection).toBe('connected');
  });

  it('lists charge points as a person counts', () => {
    const { schedule, frame } = manual();
    const store = new ConsoleStore(schedule);
    for (const id of ['CP-10', 'CP-2', 'CP-1']) store.putStatus(status(id));
    frame();
    expect(stationIds(store.snapshot())).toEqual(['CP-1', 'CP-2', 'CP-10']);
  });
});
