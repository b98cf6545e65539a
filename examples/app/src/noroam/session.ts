import './polyfill';
import { takeReceipt } from './delivery';
import { now } from './instant';
import type { Kept } from './kept';
import type { StationLine } from './line';
import type { Link, Posted } from './link';
import { meterView, readMeter } from './meter';
import type { Offer } from './offer';
import { sweep, takeBack } from './payback';
import { Purse } from './purse';
import { post } from './requests';
import type { StationDocument } from './resolve';
import type { Chain } from './rpc';
import { checkProposal } from './settlement';
import { parseObject, type Content } from './signed';
import type { Bounds } from './usage';
import { connection, deliveredView, firstView } from './view';
import { NoroamError } from './types';
import type { ChargingSession, SessionStore, SessionView, Token, Wallet } from './types';

const RETRY_MS = 2000;
const LONGEST_RETRY_MS = 60_000;
const SILENT_MS = 240_000;

/** What a session works with. */
export interface Surroundings {
  chain: Chain;
  line: StationLine;
  station: StationDocument;
  store: SessionStore;
  token: Token;
  highestPowerW: number;
  speed: number;
}

/** One charging session: hears the station, signs what is due, and keeps what it must not lose. */
export class Session implements ChargingSession {
  readonly id: string;
  readonly station: StationDocument;
  readonly refundOpensAt: Date;
  view: SessionView;
  wallet: Wallet | undefined;
  private readonly listeners = new Set<(view: SessionView) => void>();
  private readonly leave: () => void;
  private readonly purse: Purse;
  private readonly ending = Promise.withResolvers<SessionView>();
  private readonly keepAlive: ReturnType<typeof setInterval>;
  private work: Promise<void> = Promise.resolve();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private resuming: ReturnType<typeof setTimeout> | undefined;
  private posting: Promise<unknown> = Promise.resolve();
  private askedLast = Date.now();
  private stopWanted = false;
  private isOver = false;

  constructor(
    private readonly around: Surroundings,
    readonly kept: Kept,
    private readonly offer: Offer,
    phase: string,
  ) {
    this.id = kept.sessionId;
    this.station = around.station;
    this.refundOpensAt = new Date(offer.refundOpensAt * 1000);
    this.purse = new Purse(kept, offer);
    this.view = firstView(kept, offer, around.token, phase);
    this.leave = around.line.listen(this);
    if (around.line.link) this.show(connection(around.line.link));
    this.keepAlive = setInterval(() => this.saySomething(), SILENT_MS / 4);
  }

  subscribe(listener: (view: SessionView) => void): () => void {
    this.listeners.add(listener);
    listener(this.view);
    return () => this.listeners.delete(listener);
  }

  ended(): Promise<SessionView> {
    return this.ending.promise;
  }

  async stop(): Promise<void> {
    this.stopWanted = true;
    await this.ask({ type: 'StopRequested' });
  }

  async refund(wallet = this.wallet): Promise<string> {
    const hash = await takeBack(this.around.chain, this.offer, this.kept, wallet);
    if (!this.kept.released) this.finish({ phase: 'refunded' });
    return hash;
  }

  sweep(wallet = this.wallet): Promise<string> {
    return sweep(this.around.chain, this.offer, this.kept, wallet);
  }

  heard(body: Content): void {
    const about = body.session_id ?? parseObject(String(body.payload))?.session_id;
    if (about !== this.id || this.isOver) return;
    this.next(async () => {
      if (body.type === 'ChargingStatus') await this.hearStatus(body);
      if (body.type === 'SettlementProposed') await this.hearProposal(body);
      if (body.type === 'ServiceDelivered') void this.hearReceipt(body);
      if (body.type === 'ServiceRejected') await this.reject(String(body.reason));
    });
  }

  /** The station is reached again: this peer gets everything from now on. */
  reached(link: Link): void {
    this.next(() => this.takeUp(link, RETRY_MS));
  }

  lost(): void {
    this.show({ connected: false });
  }

  /** Stops hearing the station; the session itself goes on. */
  close(): void {
    this.isOver = true;
    clearTimeout(this.timer);
    clearTimeout(this.resuming);
    clearInterval(this.keepAlive);
    this.leave();
  }

  /** Lets go of a session for which surely nothing was paid. */
  async abandon(): Promise<void> {
    this.finish({ phase: 'rejected' });
    await this.ended();
  }

  async save(): Promise<void> {
    await this.around.store.save(this.id, this.kept);
  }

  show(news: Partial<SessionView>): void {
    this.view = { ...this.view, ...news };
    for (const listener of this.listeners) listener(this.view);
  }

  /** Asks about this session. Raises NoroamError. */
  async ask(fields: Content): Promise<Content> {
    return (await this.post(fields)).answer;
  }

  /** Sends one request after the other, so that their nonces arrive in order. */
  private post(fields: Content): Promise<Posted> {
    const posted = this.posting.then(async () => {
      const link = await this.around.line.reach();
      this.askedLast = Date.now();
      const about = { session_id: this.id, ...fields };
      return post(link, this.kept.keys, this.kept.did, about, () => this.save());
    });
    this.posting = posted.catch(() => undefined);
    return posted;
  }

  private get bounds(): Bounds {
    const { highestPowerW, speed } = this.around;
    const powerW = Math.min(this.offer.maximumPowerW, highestPowerW);
    return { powerW, speed, askedAt: BigInt(this.kept.askedAt ?? 0) * 1000n };
  }

  /** One thing after the other; what the station doesn't answer is done again when it is back. */
  private next(action: () => Promise<void>): void {
    this.work = this.work.then(action).catch((error: unknown) => {
      if (!(error instanceof NoroamError)) this.show({ disputed: String(error) });
    });
  }

  /** Until it has worked the station tells this peer nothing, so it is tried again. */
  private async takeUp(link: Link, wait: number): Promise<void> {
    if (this.isOver || link.closed) return;
    let answer: Content;
    try {
      answer = await this.ask({ type: 'SessionResumed' });
    } catch (error) {
      if (!(error instanceof NoroamError)) throw error;
      if (error.code === 'wrong_session') return this.reject('session_used');
      const again = () => this.takeUp(link, Math.min(2 * wait, LONGEST_RETRY_MS));
      if (!this.isOver) this.resuming = setTimeout(() => this.next(again), wait);
      return;
    }
    this.show(connection(link));
    await this.goOn(answer.session as Content | null | undefined);
  }

  private async goOn(session: Content | null | undefined): Promise<void> {
    if (!session) return this.reject('session_used');
    // Who lost what was signed can only believe the station; the chain takes no more than that.
    this.kept.voucher ??= String(session.voucher ?? '0');
    const before = this.purse.spent;
    const isBehind = BigInt(String(session.voucher ?? '0')) < before;
    await this.hearStatus(session);
    // A voucher that changes nothing is not answered: what was just sent must not be sent again.
    if (isBehind && this.purse.spent === before) await this.sendVoucher();
    if (this.stopWanted) await this.ask({ type: 'StopRequested' });
  }

  private async hearStatus(status: Content): Promise<void> {
    const news: Partial<SessionView> = { phase: String(status.phase) };
    if (status.failure) news.failure = String(status.failure);
    if (status.stop_reason) news.stopReason = String(status.stop_reason);
    const before = this.kept.usage ?? null;
    const metered = readMeter(status, this.offer, before, this.bounds, now());
    if (typeof metered === 'string') return this.show({ ...news, disputed: metered });
    if (metered) {
      this.believe();
      this.kept.usage = metered.usage;
      Object.assign(news, meterView(status, metered, this.view));
    }
    this.show(news);
    await this.payWhatIsDue();
    if (status.phase === 'rejected') await this.reject(String(status.failure ?? 'rejected'));
  }

  private async payWhatIsDue(): Promise<void> {
    clearTimeout(this.timer);
    if (this.isOver || this.view.phase !== 'charging') return;
    const wait = this.purse.dueIn(this.view.cost);
    if (wait) this.payLater(wait, () => this.payWhatIsDue());
    if (wait !== 0) return;
    this.kept.voucher = String(this.view.cost);
    await this.sendVoucher();
  }

  /** The station answers only where it changes anything, so nobody waits for that. */
  private async sendVoucher(): Promise<void> {
    await this.save();
    this.show({ voucher: this.purse.spent });
    const { answer } = await this.post(await this.purse.request('VoucherReceived'));
    answer.catch((error: unknown) => {
      const isRefused = error instanceof NoroamError && error.code !== 'unreachable';
      if (isRefused && error.advice === 'retry') this.payLater(RETRY_MS, () => this.sendVoucher());
    });
  }

  private payLater(milliseconds: number, action: () => Promise<void>): void {
    clearTimeout(this.timer);
    if (!this.isOver) this.timer = setTimeout(() => this.next(action), milliseconds);
  }

  private async hearProposal(body: Content): Promise<void> {
    const before = this.kept.usage ?? null;
    const proposal = await checkProposal(body, this.offer, before, this.bounds, now());
    if (typeof proposal === 'string') return this.show({ disputed: proposal });
    const { spent, deposit, energyWh } = proposal;
    this.kept.usage = proposal.usage;
    this.kept.voucher = String(spent);
    if (proposal.released)
      this.kept.released = { spent: String(spent), signature: proposal.signature };
    this.believe();
    this.show({ cost: spent, remaining: deposit - spent, deposit, energyWh, voucher: spent });
    if (proposal.released) this.show({ payoutLeft: true });
    await this.ask(await this.purse.request('SettlementApproved'));
  }

  private async hearReceipt(body: Content): Promise<void> {
    const receipt = await takeReceipt(body, {
      chain: this.around.chain,
      offer: this.offer,
      signed: this.purse.spent,
      doubt: (reason) => this.show({ disputed: `The receipt is not believed: ${reason}.` }),
      isOver: () => this.isOver,
    });
    if (!receipt) return;
    this.believe();
    this.finish(deliveredView(receipt));
  }

  /** Ended without a receipt; what was sent, or is on its way, waits for the refund. */
  private async reject(reason: string): Promise<void> {
    const news = { phase: 'rejected', failure: reason };
    this.show(news);
    if (!this.kept.paid || (await this.cameToNothing())) this.finish(news);
  }

  private async cameToNothing(): Promise<boolean> {
    const { chain } = this.around;
    const { token, wallet } = this.offer.channel;
    if ((await chain.time()) < BigInt(this.offer.refundOpensAt)) return false;
    return (await chain.balance(token, wallet)) === 0n;
  }

  private believe(): void {
    const { disputed: _, ...view } = this.view;
    this.view = view;
  }

  private finish(news: Partial<SessionView>): void {
    if (this.isOver) return;
    this.close();
    this.show({ ...news, powerW: 0 });
    void this.around.store.remove(this.id).finally(() => this.ending.resolve(this.view));
  }

  private saySomething(): void {
    if (!this.around.line.link || Date.now() - this.askedLast < SILENT_MS) return;
    const { connectorId: connector_id } = this.offer;
    this.next(async () => void (await this.ask({ type: 'SessionStateRequested', connector_id })));
  }
}
