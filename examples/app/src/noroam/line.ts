import { Link, unreachable } from './link';
import { routesOf, type Node, type Route } from './node';
import type { StationDocument } from './resolve';
import type { Content } from './signed';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
const TRY_DIRECT_MS = 15_000;

/** Whoever must hear what the station says, and know when it is reached again. */
export interface Listener {
  heard(body: Content): void;
  /** The station is reached: go on. */
  reached(link: Link): void;
  lost(): void;
}

/** The connection to one station, held for as long as somebody listens. */
export class StationLine {
  link: Link | null = null;
  private readonly listeners = new Set<Listener>();
  private opening: Promise<Link> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private wait = FIRST_WAIT_MS;
  private stopped = false;

  constructor(
    private readonly node: Node,
    private station: StationDocument,
    private readonly resolve: () => Promise<StationDocument>,
  ) {}

  /** The link there is, or a new one. Raises NoroamError. */
  async reach(): Promise<Link> {
    if (this.link) return this.link;
    this.opening ??= this.open(routesOf(this.station.multiaddrs)).finally(() => {
      this.opening = null;
    });
    return this.opening;
  }

  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    if (!this.link) this.retry();
    return () => this.listeners.delete(listener);
  }

  /** True where nobody listens any more. */
  get isIdle(): boolean {
    return this.listeners.size === 0;
  }

  get isStopped(): boolean {
    return this.stopped;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.link?.close();
  }

  private async open(routes: Route[]): Promise<Link> {
    let failure: unknown = unreachable('it has no address');
    for (const route of routes) {
      try {
        const link = await Link.open(this.node, this.station, route);
        this.use(link);
        return link;
      } catch (error) {
        failure = error; // The next route may lead there.
      }
    }
    throw failure;
  }

  private use(link: Link): void {
    const before = this.link;
    this.link = link;
    this.wait = FIRST_WAIT_MS;
    link.heard = (body) => this.each((listener) => listener.heard(body));
    link.ended = () => this.lose(link);
    void before?.close();
    if (link.over) this.later(TRY_DIRECT_MS, () => this.tryDirect());
    this.each((listener) => listener.reached(link));
    if (link.closed) this.lose(link);
  }

  private lose(link: Link): void {
    if (this.link !== link) return;
    this.link = null;
    this.each((listener) => listener.lost());
    this.retry();
  }

  private each(tell: (listener: Listener) => void): void {
    for (const listener of [...this.listeners]) tell(listener);
  }

  private retry(): void {
    if (this.stopped || !this.listeners.size) return;
    this.later(this.wait * (0.5 + Math.random() / 2), async () => {
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
      try {
        await this.reach();
      } catch {
        await this.refresh();
        this.retry();
      }
    });
  }

  /** The station may have another key or address by now. */
  private async refresh(): Promise<void> {
    try {
      this.station = await this.resolve();
    } catch {
      return; // The chain is out of reach as well; what was verified before still serves.
    }
  }

  private async tryDirect(): Promise<void> {
    if (!this.link?.over) return;
    try {
      await this.open(routesOf(this.station.multiaddrs).filter((route) => !route.hub));
    } catch {
      this.later(TRY_DIRECT_MS, () => this.tryDirect());
    }
  }

  private later(milliseconds: number, action: () => Promise<void>): void {
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => void action(), milliseconds);
  }
}
