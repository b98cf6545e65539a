import type { Dispute, Disputes, Identity, Session, Status } from '../wire/types';
import { Notifier, type Schedule } from './notifier';

export type Connection = 'connecting' | 'connected' | 'disconnected';

/** All that is known of one charge point. */
export interface Station {
  readonly id: string;
  readonly status: Status | null;
  readonly identity: Identity | null;
  readonly sessions: Readonly<Record<number, Session>>;
  readonly disputes: readonly Dispute[];
}

export interface ConsoleState {
  readonly connection: Connection;
  readonly stations: Readonly<Record<string, Station>>;
}

/** What the page shows: immutable snapshots, replaced by each object that arrives. */
export class ConsoleStore {
  #state: ConsoleState = { connection: 'connecting', stations: {} };
  #shown = this.#state;
  readonly #notifier: Notifier;
  readonly subscribe: Notifier['subscribe'];

  constructor(schedule: Schedule) {
    this.#notifier = new Notifier((run) =>
      schedule(() => {
        this.#shown = this.#state;
        run();
      }),
    );
    this.subscribe = this.#notifier.subscribe;
  }

  /** The snapshot that is on the page; newer ones are shown with the next notification. */
  readonly snapshot = (): ConsoleState => this.#shown;

  setConnection(connection: Connection): void {
    this.#replace({ ...this.#state, connection });
  }

  putStatus(status: Status): void {
    this.#put(status.charge_point_id, { status });
  }

  putIdentity(identity: Identity): void {
    this.#put(identity.charge_point_id, { identity });
  }

  putSession(session: Session): void {
    const sessions = this.#state.stations[session.charge_point_id]?.sessions ?? {};
    this.#put(session.charge_point_id, { sessions: { ...sessions, [session.connector_id]: session } });
  }

  putDisputes({ charge_point_id, disputes }: Disputes): void {
    this.#put(charge_point_id, { disputes });
  }

  #put(id: string, change: Partial<Station>): void {
    const known = this.#state.stations[id] ?? { id, status: null, identity: null, sessions: {}, disputes: [] };
    this.#replace({ ...this.#state, stations: { ...this.#state.stations, [id]: { ...known, ...change } } });
  }

  #replace(state: ConsoleState): void {
    this.#state = state;
    this.#notifier.changed();
  }
}

/** The ids of all charge points, in the order a person would count them. */
export function stationIds(state: ConsoleState): string[] {
  return Object.keys(state.stations).sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
}
