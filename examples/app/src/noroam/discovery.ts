import { fits, readAnnouncement, type Announcement } from './announcement';
import { NATIVE } from './contracts';
import { framesOf } from './frames';
import { instant, now, toDate } from './instant';
import { ANNOUNCEMENTS, openStream, STATIONS_TOPIC, type Node } from './node';
import type { StationDocument } from './resolve';
import type { NearbyStation } from './types';

const ASK_AGAIN_MS = 30_000;
const MOST = 2000;

/** Asks a P2P server for every announcement that it knows. */
export async function askFor(node: Node, addresses: string[]): Promise<Announcement[]> {
  const stream = await openStream(node, addresses, ANNOUNCEMENTS);
  const deadline = setTimeout(() => stream.abort(new Error('too slow')), 15_000);
  const known: Announcement[] = [];
  try {
    for await (const frame of framesOf(stream)) {
      const said = await readAnnouncement(frame, now());
      if (said) known.push(said);
      if (known.length >= MOST) break;
    }
  } catch {
    return known; // What came before the stream broke off is signed as well.
  } finally {
    clearTimeout(deadline);
    await stream.close({ signal: AbortSignal.timeout(1000) }).catch(() => undefined);
  }
  return known;
}

/** Keeps the list of verified stations that announce themselves. */
export class Discovery {
  private readonly known = new Map<string, { said: Announcement; station: StationDocument }>();
  private readonly listeners = new Set<(stations: NearbyStation[]) => void>();
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly node: Node,
    private readonly bootstrap: string[],
    private readonly resolve: (did: string) => Promise<StationDocument>,
  ) {}

  async listen(listener: (stations: NearbyStation[]) => void): Promise<() => void> {
    this.listeners.add(listener);
    if (this.listeners.size === 1) await this.start();
    else listener(this.list());
    return () => {
      this.listeners.delete(listener);
      if (!this.listeners.size) this.stop();
    };
  }

  stop(): void {
    clearInterval(this.timer);
    this.node.services.pubsub.removeEventListener('message', this.gossip);
    this.node.services.pubsub.unsubscribe(STATIONS_TOPIC);
  }

  private async start(): Promise<void> {
    this.node.services.pubsub.addEventListener('message', this.gossip);
    this.node.services.pubsub.subscribe(STATIONS_TOPIC);
    this.timer = setInterval(() => void this.askAll(), ASK_AGAIN_MS);
    await this.askAll();
  }

  private readonly gossip = (event: CustomEvent<{ topic: string; data: Uint8Array }>): void => {
    if (event.detail.topic !== STATIONS_TOPIC) return;
    void readAnnouncement(new TextDecoder().decode(event.detail.data), now()).then(async (said) => {
      if (said && (await this.take(said))) this.tell();
    });
  };

  private async askAll(): Promise<void> {
    const asked = this.bootstrap.map(async (address) => {
      const known = await askFor(this.node, [address]).catch(() => []); // Others may answer.
      return Promise.all(known.map((said) => this.take(said)));
    });
    await Promise.all(asked);
    this.tell();
  }

  /** Takes an announcement that is newer than what is known and fits the document. */
  private async take(said: Announcement): Promise<boolean> {
    const before = this.known.get(said.did);
    if (before && instant(before.said.at) >= instant(said.at)) return false;
    if (!before && this.known.size >= MOST) return false;
    let station = before?.station;
    if (!station || !fits(said, station)) {
      station = await this.resolve(said.did).catch(() => undefined); // Not to be shown.
    }
    if (!station || !fits(said, station)) return false;
    this.known.set(said.did, { said, station });
    return true;
  }

  private tell(): void {
    const stations = this.list();
    for (const listener of this.listeners) listener(stations);
  }

  private list(): NearbyStation[] {
    for (const [did, { said }] of this.known) {
      if (instant(said.expires_at) <= now()) this.known.delete(did);
    }
    return [...this.known.values()].map(({ said, station }) => ({
      station,
      connectors: said.connectors.map(({ connector_id, availability }) => ({
        connectorId: connector_id,
        availability,
      })),
      token: said.token ?? NATIVE,
      announcedAt: toDate(instant(said.at)),
    }));
  }
}
