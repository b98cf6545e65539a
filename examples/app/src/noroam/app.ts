import { Connection } from './connection';
import { NATIVE } from './contracts';
import { parseLabel } from './did';
import { askFor, Discovery } from './discovery';
import { fits } from './announcement';
import { sameAddress } from './hex';
import type { Kept } from './kept';
import { StationLine } from './line';
import { createNode, routesOf, type Node } from './node';
import { LONGEST_LOCK_S, readOffer } from './offer';
import { checkPayout, checkReceipt } from './receipt';
import { addressOf, ask } from './requests';
import { resolveStation, type StationDocument } from './resolve';
import { Chain } from './rpc';
import { Session, type Surroundings } from './session';
import type { Content } from './signed';
import { NoroamError } from './types';
import type * as noroam from './types';

/** Starts the app's node; nothing is dialled yet. */
export async function createApp(
  config: noroam.AppConfig,
  store: noroam.SessionStore,
): Promise<noroam.NoroamApp> {
  return new App(config, store, await createNode());
}

class App implements noroam.NoroamApp {
  private readonly chain: Chain;
  private readonly lines = new Map<string, StationLine>();
  private readonly sessions = new Map<string, Session>();
  private readonly discovery: Discovery;

  constructor(
    private readonly config: noroam.AppConfig,
    private readonly store: noroam.SessionStore,
    private readonly node: Node,
  ) {
    this.chain = new Chain(config.chainUrl, config.chainId);
    this.discovery = new Discovery(node, config.bootstrap, (did) => this.resolve(did));
  }

  parseLabel(text: string): { did: string; connectorId: number } {
    return parseLabel(text);
  }

  async resolve(did: string): Promise<StationDocument> {
    await this.chain.check();
    return resolveStation(this.chain, did, this.config.authorities, new Date());
  }

  discover(listener: (stations: noroam.NearbyStation[]) => void): Promise<() => void> {
    return this.discovery.listen(listener);
  }

  async connect(did: string): Promise<Connection> {
    const station = await this.resolve(did);
    const line = this.lineTo(station);
    await line.reach();
    const token = await this.token(await this.tokenOf(station));
    const around = this.around(station, line, token);
    const longestLockS = this.config.longestLockS ?? LONGEST_LOCK_S;
    return new Connection(around, longestLockS, (session) => this.keep(session));
  }

  async resumeAll(): Promise<noroam.ChargingSession[]> {
    const all = await this.store.all();
    const resumed = all.map(async ({ sessionId, state }) => {
      const known = this.sessions.get(sessionId);
      if (known) return known;
      try {
        return await this.resume(state as Kept);
      } catch (error) {
        if (error instanceof NoroamError) return null; // Out of reach now; it stays in the store.
        throw error;
      }
    });
    return (await Promise.all(resumed)).filter((session) => session !== null);
  }

  token(address: string): Promise<noroam.Token> {
    return this.chain.token(address);
  }

  async verifyReceipt(
    receipt: noroam.ReceiptView,
    station: noroam.Station,
  ): Promise<noroam.ReceiptCheck[]> {
    const provider = station.provider as StationDocument['provider'];
    const checks = await checkReceipt(receipt, provider);
    const said = receipt.payload;
    const isIts =
      said.provider_did === station.did && said.charge_point_id === station.chargePointId;
    const known = isIts ? { ok: true } : { ok: false, detail: 'another one' };
    return [{ name: 'station', ...known }, ...checks, await checkPayout(receipt, this.chain)];
  }

  async close(): Promise<void> {
    for (const session of this.sessions.values()) session.close();
    this.discovery.stop();
    await Promise.all([...this.lines.values()].map((line) => line.stop()));
    await this.node.stop();
  }

  private lineTo(station: StationDocument): StationLine {
    const known = this.lines.get(station.did);
    if (known && !known.isStopped) return known;
    const line = new StationLine(this.node, station, () => this.resolve(station.did));
    this.lines.set(station.did, line);
    return line;
  }

  private around(station: StationDocument, line: StationLine, token: noroam.Token): Surroundings {
    const { chain, store } = this;
    const { highestPowerW = Infinity, speedLimit: speed = 1 } = this.config;
    return { chain, line, station, store, token, highestPowerW, speed };
  }

  private keep(session: Session): Session {
    this.sessions.set(session.id, session);
    void session.ended().then(() => this.sessions.delete(session.id));
    return session;
  }

  /** Which token it takes stands in its announcement only; without one it is the chain's own. */
  private async tokenOf(station: StationDocument): Promise<string> {
    const route = routesOf(station.multiaddrs).find(({ hub }) => !hub);
    if (!route) return NATIVE;
    const known = await askFor(this.node, route.addresses).catch(() => []); // It may have none.
    return known.find((said) => fits(said, station))?.token ?? NATIVE;
  }

  private async resume(kept: Kept): Promise<Session> {
    const station = await this.resolve(kept.did).catch((error: unknown) => {
      if (kept.station) return restored(kept.station);
      throw error;
    });
    // What was checked when it was taken must not depend on what the document says by now.
    const then = kept.station ? restored(kept.station) : station;
    const line = this.lineTo(sameAddress(station.provider, then.provider) ? station : then);
    kept.keys.nonce = Math.max(kept.keys.nonce, Math.floor(Date.now() / 1000));
    const quote = kept.quote ?? (await this.quoteOf(kept, line));
    const offer = await readOffer({ ...quote }, then, this.chain.chainId, addressOf(kept.keys));
    if (offer.channel.sessionId !== kept.sessionId) {
      throw new NoroamError('quote_invalid', 'The quote is of another session.', 'do_not_pay');
    }
    if (!kept.quote) kept.paid ??= 'sending'; // Nobody remembers.
    kept.quote = offer.signed;
    const token = await this.token(offer.channel.token);
    const session = new Session(this.around(then, line, token), kept, offer, 'verifying');
    if (line.link) session.reached(line.link);
    return this.keep(session);
  }

  /** Whoever has only the session key left gets the quote again. */
  private async quoteOf(kept: Kept, line: StationLine): Promise<Content> {
    const fields = { type: 'SessionResumed', session_id: kept.sessionId };
    const answer = await ask(await line.reach(), kept.keys, kept.did, fields);
    if (!answer.quote)
      throw new NoroamError('no_session', 'The station knows no such session.', 'later');
    return answer.quote as Content;
  }
}

/** As it was before it became JSON. */
function restored(station: StationDocument): StationDocument {
  const { authority, validUntil } = station.trust;
  return { ...station, trust: { authority, validUntil: new Date(validUntil) } };
}
