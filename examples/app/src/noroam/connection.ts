import type { Address } from 'viem';
import { randomWord } from './hex';
import { now, toDate } from './instant';
import { voucherOf } from './kept';
import type { StationLine } from './line';
import { chainFacts, checkOffer, readOffer, type Asked, type Offer } from './offer';
import { addressOf, ask, newKeys, type Keys } from './requests';
import { Session, type Surroundings } from './session';
import { tariffHash } from './tariff';
import { NoroamError } from './types';
import type { Availability, QuoteView, Station, StationConnection, Token, Wallet } from './types';

interface Made {
  offer: Offer;
  keys: Keys;
  askedAt: number;
}

/** A verified station that answers. */
export class Connection implements StationConnection {
  readonly station: Station;
  readonly token: Token;
  private readonly line: StationLine;
  private readonly quotes = new WeakMap<QuoteView, Made>();
  /** Signs what is about no session. */
  private enquirer: Keys | null = null;
  private readonly leave: () => void;

  constructor(
    private readonly around: Surroundings,
    private readonly longestLockS: number,
    private readonly begun: (session: Session) => void,
  ) {
    this.station = around.station;
    this.token = around.token;
    this.line = around.line;
    const ignore = () => undefined;
    this.leave = this.line.listen({ heard: ignore, reached: ignore, lost: ignore });
  }

  async availability(connectorId: number): Promise<Availability> {
    this.enquirer ??= await newKeys();
    const fields = { type: 'SessionStateRequested', connector_id: connectorId };
    const link = await this.line.reach();
    const answer = await ask(link, this.enquirer, this.station.did, fields);
    return answer.availability as Availability;
  }

  async quote(connectorId: number, deposit: bigint, refundAccount?: string): Promise<QuoteView> {
    const keys = await newKeys();
    const sessionKey = addressOf(keys);
    const asked: Asked = {
      connectorId,
      consumerNonce: randomWord(),
      sessionKey,
      refundAccount: (refundAccount ?? sessionKey) as Address,
      token: this.token.address as Address,
      deposit,
      maximumPowerW: this.station.maximumPowerW,
    };
    const askedAt = Date.now();
    const answer = await ask(await this.line.reach(), keys, this.station.did, {
      type: 'QuoteRequested',
      connector_id: connectorId,
      session_key: sessionKey,
      refund_account: asked.refundAccount,
      consumer_nonce: asked.consumerNonce,
      deposit: String(deposit),
      token: asked.token,
    });
    if (answer.type === 'QuoteRefused') throw quoteRefused(String(answer.reason));
    const { station, chain } = this.around;
    const offer = await readOffer(answer, station, chain.chainId, sessionKey);
    checkOffer(offer, asked, await chainFacts(chain, offer), now(), this.longestLockS);
    return this.shown({ offer, keys, askedAt });
  }

  async start(quote: QuoteView, wallet: Wallet): Promise<Session> {
    const made = await this.fit(quote, wallet.address);
    const session = await this.hold(made);
    session.wallet = wallet;
    await this.pay(session, made.offer, wallet);
    return session;
  }

  async close(): Promise<void> {
    this.leave();
    if (this.line.isIdle) await this.line.stop();
  }

  private shown(made: Made): QuoteView {
    const { offer } = made;
    const view: QuoteView = {
      connectorId: offer.connectorId,
      deposit: offer.deposit,
      minimumDeposit: offer.minimumDeposit,
      wallet: offer.channel.wallet,
      token: this.token,
      tariff: offer.tariff,
      tariffHash: tariffHash(offer.tariff),
      expiresAt: toDate(offer.expiresAt),
      refundOpensAt: new Date(offer.refundOpensAt * 1000),
      exposureStep: offer.exposureStep,
    };
    this.quotes.set(view, made);
    return view;
  }

  /** The quote itself, or one like it whose rest goes to the wallet's account. */
  private async fit(quote: QuoteView, account: string): Promise<Made> {
    const made = this.quotes.get(quote);
    if (!made) throw new TypeError('not a quote of this station');
    const isIts = made.offer.channel.refundAccount.toLowerCase() === account.toLowerCase();
    if (isIts) return made;
    const again = await this.quote(quote.connectorId, quote.deposit, account);
    const same = (['tariff_hash', 'maximum_power_w', 'exposure_step'] as const).every(
      (name) => termOf(made.offer, name) === termOf(this.quotes.get(again)!.offer, name),
    );
    if (!same) throw new NoroamError('quote_changed', 'The terms have changed.', 'retry');
    return this.quotes.get(again)!;
  }

  private async hold({ offer, keys, askedAt }: Made): Promise<Session> {
    const { sessionId } = offer.channel;
    const { did } = this.station;
    const quote = offer.signed;
    const { station } = this.around;
    const kept = { did, sessionId, keys, quote, askedAt, voucher: '0', station };
    const session = new Session(this.around, kept, offer, 'requested');
    this.begun(session);
    try {
      const voucher = { spent: '0', signature: await voucherOf(offer, keys, 0n) };
      const answer = await session.ask({ type: 'ServiceRequested', quote, voucher });
      if (answer.type !== 'ServiceAccepted') throw rejected(String(answer.reason));
      return session;
    } catch (error) {
      await session.abandon();
      throw error;
    }
  }

  private async pay(session: Session, offer: Offer, wallet: Wallet): Promise<void> {
    if (session.view.phase === 'rejected') throw rejected(String(session.view.failure));
    session.show({ phase: 'paying' });
    session.kept.paid = 'sending';
    await session.save();
    if (session.view.phase === 'rejected') {
      await session.abandon();
      throw rejected(String(session.view.failure));
    }
    try {
      session.kept.paid = await wallet.transfer(this.token, offer.channel.wallet, offer.deposit);
    } catch (error) {
      // Only these keys take the deposit back: they are not let go while it may be on its way.
      if (!isUnpaid(error)) return;
      await session.stop().catch(() => undefined); // It ends by itself without a deposit.
      await session.abandon();
      throw new NoroamError(
        'deposit_failed',
        `The deposit was not sent: ${String(error)}`,
        'retry',
      );
    }
    await session.save();
  }
}

/** True where a wallet's error tells that nothing was paid. */
function isUnpaid(error: unknown): boolean {
  return error instanceof NoroamError && ['not_sent', 'transaction_failed'].includes(error.code);
}

function termOf(offer: Offer, name: string): unknown {
  return (JSON.parse(offer.signed.payload) as Record<string, unknown>)[name];
}

const OTHER_CONNECTOR = ['busy', 'connector_unavailable', 'connector_faulted', 'unknown_connector'];

function quoteRefused(reason: string): NoroamError {
  const advice = OTHER_CONNECTOR.includes(reason) ? 'other_connector' : 'later';
  const message = `The station makes no offer: ${reason.replaceAll('_', ' ')}.`;
  return new NoroamError('quote_refused', message, advice);
}

function rejected(reason: string): NoroamError {
  const message = `The station does not begin: ${reason.replaceAll('_', ' ')}. Nothing was paid.`;
  return new NoroamError(
    'rejected',
    message,
    reason === 'quote_expired' ? 'retry' : 'other_connector',
  );
}
