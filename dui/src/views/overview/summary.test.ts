import { describe, expect, it } from 'vitest';
import type { Station } from '../../state/consoleStore';
import type { Connector, Session, Status } from '../../wire/types';
import { runningOf, summaryOf } from './summary';

const connector = (connector_id: number, status: string): Connector =>
  ({ connector_id, status, error_code: null, power_w: null }) as Connector;
const session = (connector_id: number, phase: Session['phase'], power_w: number | null): Session =>
  ({ charge_point_id: 'A', connector_id, session_id: `0x${connector_id}`, phase, power_w }) as Session;
const station = (id: string, connected: boolean, connectors: Connector[], sessions: Session[] = []): Station =>
  ({
    id,
    status: { charge_point_id: id, connected, connectors } as Status,
    sessions: Object.fromEntries(sessions.map((each) => [each.connector_id, each])),
    disputes: [],
  }) as unknown as Station;

describe('summary', () => {
  it('counts what is online, and faults only there', () => {
    const all = [station('A', true, [connector(1, 'Faulted'), connector(2, 'Available')]), station('B', false, [connector(1, 'Faulted')])];
    expect(summaryOf(all, null)).toMatchObject({ chargePoints: 2, online: 1, faulted: 1, charging: 0, powerW: 0 });
  });

  it('tells no power from a power of zero', () => {
    const of = (...powers: (number | null)[]) =>
      summaryOf([station('A', true, [], powers.map((power, place) => session(place, 'charging', power)))], null);
    expect(of()).toMatchObject({ powerW: 0 });
    expect(of(null, null)).toMatchObject({ charging: 2, powerW: null, powerTold: 0 });
    expect(of(0, null)).toMatchObject({ charging: 2, powerW: 0, powerTold: 1 });
  });

  it('adds up the power of sessions that run, whatever their phase', () => {
    const sessions = [session(1, 'charging', 11_000), session(2, 'stopping', null), session(3, 'settled', 5_000)];
    const all = [station('A', true, [], sessions)];
    expect(runningOf(all)).toHaveLength(2);
    expect(summaryOf(all, null)).toMatchObject({ charging: 1, powerW: 11_000, powerTold: 1 });
  });
});
