import type {
  ActiveAlert,
  ChainStatus,
  CurveIncrement,
  Dispute,
  Disputes,
  Identity,
  Session,
  ShownStatus,
  Status,
  ToldSession,
} from '../wire/types';
import { Notifier, type Schedule } from './notifier';

export type Connection = 'connecting' | 'connected' | 'disconnected';

/** All that is known of one charge point. */
export interface Station {
  readonly id: string;
  readonly status: Status | null;
  readonly identity: Identity | null;
  readonly sessions: Readonly<Record<number, Session>>;
  readonly disputes: readonly Dispute[];
  /** The DID document; told while the charge point is watched. */
  readonly document: unknown;
}

export interface ConsoleState {
  readonly connection: Connection;
  /** Whether the console told all there is since the page connected. */
  readonly isComplete: boolean;
  readonly chain: ChainStatus | null;
  /** Whether Redis answers the console. */
  readonly busConnected: boolean;
  readonly alerts: readonly ActiveAlert[];
  readonly stations: Readonly<Record<string, Station>>;
  /** The ids of all charge points, in the order a person would count them. */
  readonly ids: readonly string[];
}

const EMPTY: ConsoleState = {
  connection: 'connecting',
  isComplete: false,
  chain: null,
  busConnected: true,
  alerts: [],
  stations: {},
  ids: [],
};
const NO_CHAIN: ChainStatus = {
  url: null,
  chain_id: null,
  connected: false,
  block_number: null,
  latency_ms: null,
  error: null,
};
const order = new Intl.Collator(undefined, { numeric: true });

interface StoredCurve {
  sessionId: string;
  points: Session['curve'];
}

/**
 * What the page shows: immutable snapshots, put together once per frame.
 *
 * An object of a snapshot stays the same one until something in it changes, so whoever selects one
 * of them renders only then.
 */
export class ConsoleStore {
  #shown = EMPTY;
  #next: Omit<ConsoleState, 'stations' | 'ids'> = EMPTY;
  /** Charge points that changed since the last frame; null: gone. */
  #changed = new Map<string, Station | null>();
  /** Known before the present connection, and not told of since. */
  #stale = new Set<string>();
  #curves = new Map<string, StoredCurve>();
  #watched = new Map<string, number>();
  #isWatching = false;
  #onWatch: (ids: string[]) => void = () => undefined;
  readonly #notifier: Notifier;
  readonly subscribe: Notifier['subscribe'];

  constructor(schedule: Schedule) {
    this.#notifier = new Notifier((run) =>
      schedule(() => {
        this.#show();
        run();
      }),
    );
    this.subscribe = this.#notifier.subscribe;
  }

  /** The snapshot that is on the page; newer ones are shown with the next notification. */
  readonly snapshot = (): ConsoleState => this.#shown;

  /** Have a charge point's details (curves, document) sent until the returned function is called. */
  readonly watch = (id: string): (() => void) => {
    this.#count(id, 1);
    return () => this.#count(id, -1);
  };

  /** Whether anybody ever said which details are wanted. */
  get isWatching(): boolean {
    return this.#isWatching;
  }

  /** The charge points whose details are wanted now. */
  get watched(): string[] {
    return [...this.#watched.keys()];
  }

  /** Tell who asks the console for details; called with each change of `watched`. */
  whenWatching(call: (ids: string[]) => void): void {
    this.#onWatch = call;
  }

  setConnection(connection: Connection): void {
    this.#replace({ connection });
  }

  /** A connection begins: what the console does not tell of again until `complete` is gone. */
  begin(): void {
    this.#stale = new Set(this.#knownIds());
    this.#replace({ isComplete: false });
  }

  complete(): void {
    for (const id of this.#stale) this.remove(id);
    this.#stale.clear();
    this.#replace({ isComplete: true });
  }

  putChain(chain: ChainStatus): void {
    const known = this.#next.chain;
    this.#replace({ chain });
    const isSame = known && known.connected === chain.connected && known.chain_id === chain.chain_id && known.error === chain.error;
    if (!isSame) this.#tellStations();
  }

  putBus({ connected }: { connected: boolean }): void {
    if (this.#next.busConnected === connected) return;
    this.#replace({ busConnected: connected });
    this.#tellStations();
  }

  putAlerts({ alerts }: { alerts: readonly ActiveAlert[] }): void {
    this.#replace({ alerts });
  }

  putStatus(status: ShownStatus): void {
    this.#put(status.charge_point_id, { status: { ...status, ...this.#surroundings() } });
  }

  putIdentity(identity: Identity): void {
    this.#put(identity.charge_point_id, { identity });
  }

  putDocument({ charge_point_id, document }: { charge_point_id: string; document: unknown }): void {
    this.#put(charge_point_id, { document });
  }

  putSession(told: ToldSession): void {
    const { charge_point_id: id, connector_id: connector } = told;
    const curve = this.#curves.get(placeOf(id, connector));
    const isItsOwn = curve && curve.sessionId === told.session_id;
    const session = { ...told, curve: isItsOwn ? curve.points : NO_POINTS };
    this.#put(id, { sessions: { ...this.#station(id)?.sessions, [connector]: session } });
  }

  /** Take what a curve has more; with `from` 0 it starts over. */
  putCurve({ charge_point_id: id, connector_id: connector, session_id, from, points }: CurveIncrement): void {
    const place = placeOf(id, connector);
    const known = this.#curves.get(place);
    const before = known?.sessionId === session_id ? known.points.slice(0, from) : [];
    const curve = { sessionId: session_id, points: [...before, ...points] };
    this.#curves.set(place, curve);
    const sessions = this.#station(id)?.sessions;
    const session = sessions?.[connector];
    if (session?.session_id !== session_id) return;
    this.#put(id, { sessions: { ...sessions, [connector]: { ...session, curve: curve.points } } });
  }

  putDisputes({ charge_point_id, disputes }: Disputes): void {
    this.#put(charge_point_id, { disputes });
  }

  /** Forget a charge point that is not registered any more. */
  remove(id: string): void {
    this.#dropCurves(id);
    this.#changed.set(id, null);
    this.#notifier.changed();
  }

  #put(id: string, change: Partial<Station>): void {
    this.#stale.delete(id);
    const known = this.#station(id) ?? { id, status: null, identity: null, sessions: {}, disputes: [], document: null };
    this.#changed.set(id, { ...known, ...change });
    this.#notifier.changed();
  }

  #station(id: string): Station | null {
    const changed = this.#changed.get(id);
    return changed === undefined ? (this.#shown.stations[id] ?? null) : changed;
  }

  #knownIds(): string[] {
    const ids = new Set(this.#shown.ids);
    for (const [id, station] of this.#changed) station ? ids.add(id) : ids.delete(id);
    return [...ids];
  }

  #surroundings(): Pick<Status, 'chain' | 'bus_connected'> {
    return { chain: this.#next.chain ?? NO_CHAIN, bus_connected: this.#next.busConnected };
  }

  #tellStations(): void {
    const now = this.#surroundings();
    for (const id of this.#knownIds()) {
      const station = this.#station(id);
      if (station?.status) this.#changed.set(id, { ...station, status: { ...station.status, ...now } });
    }
  }

  #count(id: string, by: 1 | -1): void {
    this.#isWatching = true;
    const count = (this.#watched.get(id) ?? 0) + by;
    if (count > 0) this.#watched.set(id, count);
    else {
      this.#watched.delete(id);
      this.#dropCurves(id);
    }
    if (count === 0 || (count === 1 && by === 1)) this.#onWatch(this.watched);
  }

  #dropCurves(id: string): void {
    for (const place of this.#curves.keys()) if (place.startsWith(`${id}\n`)) this.#curves.delete(place);
  }

  #replace(change: Partial<ConsoleState>): void {
    this.#next = { ...this.#next, ...change };
    this.#notifier.changed();
  }

  #show(): void {
    let { stations, ids } = this.#shown;
    if (this.#changed.size > 0) {
      const next: Record<string, Station> = { ...stations };
      let isOther = false;
      for (const [id, station] of this.#changed) {
        isOther ||= (id in next) !== (station !== null);
        if (station) next[id] = station;
        else delete next[id];
      }
      stations = next;
      if (isOther) ids = Object.keys(next).sort(order.compare);
      this.#changed.clear();
    }
    this.#shown = { ...this.#next, stations, ids };
  }
}

const NO_POINTS: Session['curve'] = [];

function placeOf(id: string, connector: number): string {
  return `${id}\n${connector}`;
}
