/** Looking at one station: verified, then reached, then asked what it offers. */
import {
  type Availability, type NoroamApp, NoroamError, type QuoteView, type Station,
  type StationConnection, type Token,
} from '../noroam/types';
import { depositFor, roundUp } from './tariff';
import { type Trouble, troubleOf } from './trouble';

export interface VisitView {
  stage: 'checking' | 'connecting' | 'open' | 'failed';
  station?: Station;
  availability: Record<number, Availability>;
  /** The station's last offer for the chosen connector; nothing is held by it. */
  offer?: QuoteView;
  /** Why the station could not be verified or reached, or offers nothing. */
  trouble?: Trouble;
}

const SUGGESTED_WH = 10_000;
const LOOK_AGAIN_MS = 5_000;
/** An offer is asked for again before it is so near its end that paying could come too late. */
const STALE_MS = 30_000;
const RAISES = 6;

export class Visit {
  view: VisitView = { stage: 'checking', availability: {} };
  private connection?: StationConnection;
  private gone = false;
  private kept = false;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly app: NoroamApp,
    readonly did: string,
    public connector: number,
    private readonly refundAccount?: string,
  ) {}

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Verify the station, reach it, and ask for a first offer; once more after it failed. */
  async open(): Promise<void> {
    this.set({ stage: 'checking', trouble: undefined });
    try {
      const station = await this.app.resolve(this.did);
      this.set({ stage: 'connecting', station });
      const connection = await this.app.connect(this.did);
      if (this.gone) return await connection.close();
      this.connection = connection;
      this.set({ stage: 'open', station: connection.station });
    } catch (error) {
      this.set({ stage: 'failed', trouble: troubleOf(error) });
      return;
    }
    await Promise.all([this.watch(), this.suggest()]);
  }

  choose(connector: number): void {
    if (connector === this.connector) return;
    this.connector = connector;
    this.set({ offer: undefined, trouble: undefined });
    if (this.connection) void this.suggest();
  }

  /** The token of the station's prices, once it is reached. */
  get token(): Token | undefined {
    return this.connection?.token;
  }

  reached(): { connection: StationConnection; station: Station } {
    const { connection, view } = this;
    if (!connection || !view.station) throw new Error('the station is not reached');
    return { connection, station: view.station };
  }

  /**
   * Give an offer for this deposit that is good for a while. Raises NoroamError, `quote_changed`
   * where its price is not the one that was shown: from then on it is.
   */
  async offerFor(deposit: bigint): Promise<QuoteView> {
    const offer = this.view.offer;
    const fresh = offer && offer.expiresAt.getTime() - Date.now() > STALE_MS;
    if (offer && fresh && offer.deposit === deposit && offer.connectorId === this.connector) return offer;
    const { connection } = this.reached();
    const made = await connection.quote(this.connector, deposit, this.refundAccount);
    this.set({ offer: made, trouble: undefined });
    if (offer && offer.tariffHash !== made.tariffHash) {
      throw new NoroamError('quote_changed', 'The price has changed.', 'retry');
    }
    return made;
  }

  /** A session runs over this connection: it stays open when the screen is left. */
  keepOpen(): void {
    this.kept = true;
  }

  leave(): void {
    this.gone = true;
    if (!this.kept) void this.connection?.close();
  }

  /** Ask for an offer that is worth some energy; more where that is too little for the station. */
  private async suggest(): Promise<void> {
    const { connection, station } = this.reached();
    const connector = this.connector;
    let deposit = roundUp(depositFor(SUGGESTED_WH, station.tariff));
    for (let raise = 0; ; raise += 1) {
      try {
        const offer = await connection.quote(connector, deposit, this.refundAccount);
        if (connector === this.connector) this.set({ offer, trouble: undefined });
        return;
      } catch (error) {
        const trouble = troubleOf(error);
        if (isTooSmall(trouble) && raise < RAISES) {
          deposit *= 10n;
          continue;
        }
        if (connector === this.connector && !this.gone) this.set({ trouble });
        return;
      }
    }
  }

  /** Keep an eye on which connectors are free. */
  private async watch(): Promise<void> {
    const { connection, station } = this.reached();
    while (!this.gone) {
      for (let number = 1; number <= station.connectors && !this.gone; number += 1) {
        try {
          const state = await connection.availability(number);
          this.set({ availability: { ...this.view.availability, [number]: state } });
        } catch (error) {
          if (this.gone) return;
          if (!(error instanceof NoroamError)) throw error;
        }
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  }

  private set(change: Partial<VisitView>): void {
    if (this.gone) return;
    this.view = { ...this.view, ...change };
    for (const listener of this.listeners) listener();
  }
}

function isTooSmall(trouble: Trouble): boolean {
  return trouble.code === 'deposit_too_small' || (trouble.detail ?? '').includes('deposit_too_small');
}
