import { describe, expect, it } from 'vitest';
import { take } from '../wire/take';
import type { ChainStatus, CurveIncrement, ShownStatus, Told, ToldSession } from '../wire/types';
import { ConsoleStore } from './consoleStore';

function manual() {
  const waiting: (() => void)[] = [];
  return { schedule: (run: () => void) => void waiting.push(run), frame: () => waiting.splice(0).forEach((run) => run()) };
}

const session = (connector_id: number, energy_wh: number) =>
  ({ charge_point_id: 'CP-1', connector_id, session_id: '0x01', phase: 'charging', energy_wh }) as unknown as ToldSession;
const status = (charge_point_id: string) => ({ charge_point_id, connected: true }) as unknown as ShownStatus;
const chain = (block_number: number, connected = true): ChainStatus => ({
  url: null,
  chain_id: 1,
  connected,
  block_number,
  latency_ms: block_number,
  error: null,
});
const curve = (from: number, ...times: number[]): CurveIncrement => ({
  charge_point_id: 'CP-1',
  connector_id: 1,
  session_id: '0x01',
  from,
  points: times.map((t) => ({ t, power_w: 1, energy_wh: t })),
});

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
    expect(store.snapshot().ids).toEqual(['CP-1', 'CP-2', 'CP-10']);
  });

  it('keeps a curve by increments, whichever comes first', () => {
    const { schedule, frame } = manual();
    const store = new ConsoleStore(schedule);
    const times = () => store.snapshot().stations['CP-1']?.sessions[1]?.curve.map((point) => point.t);
    store.putCurve(curve(0, 1, 2, 3));
    store.putSession(session(1, 10));
    frame();
    expect(times()).toEqual([1, 2, 3]);
    store.putCurve(curve(2, 4, 5));
    store.putSession(session(1, 11));
    frame();
    expect(times()).toEqual([1, 2, 4, 5]);
    store.putCurve(curve(0, 9));
    frame();
    expect(times()).toEqual([9]);
    store.putSession({ ...session(1, 0), session_id: '0x02' });
    frame();
    expect(times()).toEqual([]);
  });

  it('leaves every object alone that did not change', () => {
    const { schedule, frame } = manual();
    const store = new ConsoleStore(schedule);
    for (const id of ['CP-1', 'CP-2']) store.putStatus(status(id));
    store.putChain(chain(1));
    frame();
    const before = store.snapshot();
    store.putSession(session(1, 10));
    store.putChain(chain(2));
    frame();
    const after = store.snapshot();
    expect(after.stations['CP-2']).toBe(before.stations['CP-2']);
    expect(after.stations['CP-1']?.status).toBe(before.stations['CP-1']?.status);
    expect(after.ids).toBe(before.ids);
    expect(after.chain?.block_number).toBe(2);
  });

  it('tells every charge point when the chain or Redis is gone', () => {
    const { schedule, frame } = manual();
    const store = new ConsoleStore(schedule);
    store.putStatus(status('CP-1'));
    store.putChain(chain(1));
    store.putBus({ connected: true });
    frame();
    expect(store.snapshot().stations['CP-1']?.status?.chain.connected).toBe(true);
    store.putChain(chain(2, false));
    store.putBus({ connected: false });
    frame();
    expect(store.snapshot().stations['CP-1']?.status).toMatchObject({ chain: { connected: false }, bus_connected: false });
    expect(store.snapshot().busConnected).toBe(false);
  });

  it('forgets what is gone, also what went while nobody was connected', () => {
    const { schedule, frame } = manual();
    const store = new ConsoleStore(schedule);
    for (const id of ['CP-1', 'CP-2', 'CP-3']) store.putStatus(status(id));
    take(store, ['gone', { charge_point_id: 'CP-3' }]);
    store.complete();
    frame();
    expect(store.snapshot().ids).toEqual(['CP-1', 'CP-2']);
    store.begin();
    store.putStatus(status('CP-2'));
    frame();
    expect(store.snapshot().ids).toEqual(['CP-1', 'CP-2']);
    expect(store.snapshot().isComplete).toBe(false);
    store.complete();
    frame();
    expect(store.snapshot().ids).toEqual(['CP-2']);
    expect(store.snapshot().isComplete).toBe(true);
  });

  it('tells which charge points are watched, however many look at one', () => {
    const store = new ConsoleStore(manual().schedule);
    const told: string[][] = [];
    store.whenWatching((ids) => void told.push(ids));
    expect(store.isWatching).toBe(false);
    const stops = [store.watch('CP-1'), store.watch('CP-1'), store.watch('CP-2')];
    for (const stop of stops) stop();
    expect(told).toEqual([['CP-1'], ['CP-1', 'CP-2'], ['CP-2'], []]);
    expect(store.isWatching).toBe(true);
  });

  it('does not mind a kind that it does not know', () => {
    const store = new ConsoleStore(manual().schedule);
    expect(() => take(store, ['weather', {}] as unknown as Told)).not.toThrow();
  });
});
