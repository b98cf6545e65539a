/** What all screens share: the library's app, the sessions, and what is kept of them. */
import {
  type ChargingSession, type NearbyStation, type NoroamApp, NoroamError, type QuoteView,
  type ReceiptCheck, type SessionView, type Token, type Wallet,
} from '../noroam/types';
import type { Keep, SessionRecord } from './keep';
import { readRoute } from './route';
import { EMPTY, isSetUp, type Served, type Settings } from './settings';
import { type Trouble, troubleOf } from './trouble';
import { Visit } from './visit';

/** The library, as the page needs it; the tests put a scripted one here. */
export interface Backend {
  createApp(settings: Settings): Promise<NoroamApp>;
  wallet(settings: Settings): Promise<Wallet | undefined>;
  servedSettings(): Promise<Served>;
}

export interface State {
  stage: 'loading' | 'to_set_up' | 'open' | 'elsewhere';
  settings: Settings;
  /** Undefined until the first answer of those who know. */
  nearby?: NearbyStation[];
  /** Newest first; a live session's view is the newest one. */
  records: SessionRecord[];
  /** Whether sessions that were left are still being taken up. */
  resuming: boolean;
  online: boolean;
  trouble?: Trouble;
}

const RESUME_AGAIN_MS = 5_000;

export class Model {
  state: State = {
    stage: 'loading', settings: EMPTY, records: [], resuming: true, online: navigator.onLine,
  };
  visit?: Visit;
  wallet?: Wallet;
  private app?: NoroamApp;
  private stopLooking?: () => void;
  private readonly live = new Map<string, ChargingSession>();
  private readonly listeners = new Set<() => void>();

  constructor(private readonly backend: Backend, private readonly keep: Keep) {}

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Open everything: settings, records, the library, and the sessions that were left. */
  async open(): Promise<void> {
    const [served, saved, records] = await Promise.all([
      this.backend.servedSettings(), this.keep.settings(), this.keep.records(),
    ]);
    const settings = { ...served.settings, ...saved };
    records.sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
    this.set({ settings, records, online: navigator.onLine && served.online });
    if (!isSetUp(settings)) {
      this.set({ stage: 'to_set_up', resuming: false });
      return;
    }
    try {
      this.wallet = await this.backend.wallet(settings);
      this.app = await this.backend.createApp(settings);
    } catch (error) {
      this.set({ stage: 'open', resuming: false, trouble: troubleOf(error) });
      return;
    }
    this.set({ stage: 'open' });
    void this.look(this.app);
    void this.takeUp(this.app);
  }

  /** Let go of everything, for another tab to go on. */
  async close(): Promise<void> {
    const app = this.app;
    this.app = undefined;
    this.stopLooking?.();
    this.visit?.leave();
    this.live.clear();
    await app?.close();
  }

  /** Another tab has taken over. */
  async yield(): Promise<void> {
    this.set({ stage: 'elsewhere' });
    await this.close();
  }

  /** Look whether there is a network: the browser does not always know. */
  async tryNetwork(): Promise<void> {
    const online = navigator.onLine && (await this.backend.servedSettings()).online;
    if (online !== this.state.online) this.set({ online });
  }

  /** Use other settings from now on; undefined: those that are served. */
  async change(settings: Settings | undefined): Promise<void> {
    await this.keep.saveSettings(settings);
    if (this.state.records.some((record) => !record.ended)) {
      this.set({ settings: settings ?? (await this.backend.servedSettings()).settings });
      return;
    }
    await this.close();
    this.visit = undefined;
    this.set({ nearby: undefined, trouble: undefined, resuming: true, stage: 'loading' });
    await this.open();
  }

  /** Read a label: a DID, with or without its connector. Raises NoroamError. */
  parse(text: string): { did: string; connectorId: number } {
    if (!this.app) throw new Error('the app is not open');
    return this.app.parseLabel(text);
  }

  /** What a token is called; undefined where the chain can't be asked now. */
  async token(address: string): Promise<Token | undefined> {
    try {
      return await this.app?.token(address);
    } catch (error) {
      if (!(error instanceof NoroamError)) throw error;
      return undefined;
    }
  }

  /** Begin to look at a station, or go on with it. */
  visiting(did: string, connector: number): Visit | undefined {
    if (!this.app) return undefined;
    if (this.visit?.did === did) {
      this.visit.choose(connector);
      return this.visit;
    }
    this.visit?.leave();
    this.visit = new Visit(this.app, did, connector, this.wallet?.address);
    void this.visit.open();
    return this.visit;
  }

  /** A screen of this station was left: hang up, unless another one of it was opened. */
  leaving(did: string): void {
    setTimeout(() => {
      const route = readRoute(location.hash);
      const stays = (route.at === 'station' || route.at === 'deposit') && route.did === did;
      if (stays || this.visit?.did !== did) return;
      this.visit.leave();
      this.visit = undefined;
    });
  }

  /** Take a quote: pay the deposit, and charge. Gives the session's id. Raises NoroamError. */
  async start(visit: Visit, quote: QuoteView, wallet: Wallet): Promise<string> {
    const session = await visit.reached().connection.start(quote, wallet);
    visit.keepOpen();
    await this.adopt(session);
    return session.id;
  }

  session(id: string): ChargingSession | undefined {
    return this.live.get(id);
  }

  record(id: string): SessionRecord | undefined {
    return this.state.records.find((record) => record.sessionId === id);
  }

  /** Check a receipt once more, against the chain. Raises NoroamError. */
  async verify(record: SessionRecord): Promise<ReceiptCheck[]> {
    const { receipt } = record.view;
    if (!this.app || !receipt) throw new Error('there is nothing to verify');
    return this.app.verifyReceipt(receipt, record.station);
  }

  async remove(id: string): Promise<void> {
    await this.keep.removeRecord(id);
    this.set({ records: this.state.records.filter((record) => record.sessionId !== id) });
  }

  private async look(app: NoroamApp): Promise<void> {
    if (this.state.settings.bootstrap.length === 0) return;
    try {
      const stop = await app.discover((nearby) => {
        if (this.app === app) this.set({ nearby });
      });
      if (this.app === app) this.stopLooking = stop;
      else stop();
    } catch (error) {
      if (this.app === app) this.set({ nearby: this.state.nearby ?? [], trouble: troubleOf(error) });
    }
  }

  private async takeUp(app: NoroamApp): Promise<void> {
    while (this.app === app) {
      try {
        for (const session of await app.resumeAll()) {
          if (this.app === app) await this.adopt(session);
        }
      } catch (error) {
        if (!(error instanceof NoroamError)) throw error;
      }
      if (this.app !== app) return;
      const missing = this.state.records.some(({ sessionId, ended }) => !ended && !this.live.has(sessionId));
      this.set({ resuming: missing });
      if (!missing) return;
      await new Promise((resolve) => setTimeout(resolve, RESUME_AGAIN_MS));
    }
  }

  /** Show a session from now on, and keep each step of it. */
  private async adopt(session: ChargingSession): Promise<void> {
    if (this.live.has(session.id)) return;
    const before = this.record(session.id);
    const { station, refundOpensAt, view } = session;
    const record = {
      sessionId: session.id, startedAt: new Date(), ...before, station, refundOpensAt, view, ended: false,
    };
    this.live.set(session.id, session);
    this.put(record);
    session.subscribe((view) => this.changed(session.id, { view }));
    void session.ended().then((view) => this.changed(session.id, { view, ended: true }));
    await this.keep.saveRecord(record);
  }

  /** Each news is shown; a step is kept as well. */
  private changed(id: string, news: { view: SessionView; ended?: boolean }): void {
    const before = this.record(id);
    if (!before) return;
    const record = { ...before, ...news };
    this.put(record);
    const was = before.view;
    const step = was.phase !== news.view.phase || was.disputed !== news.view.disputed;
    if (step || before.ended !== record.ended) void this.keep.saveRecord(record);
  }

  private put(record: SessionRecord): void {
    const others = this.state.records.filter((one) => one.sessionId !== record.sessionId);
    const records = [record, ...others].sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
    this.set({ records });
  }

  private set(change: Partial<State>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}
