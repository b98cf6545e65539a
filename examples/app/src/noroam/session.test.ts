import type { Address, Hex } from 'viem';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CHANNEL, DEPOSIT, PROVIDER, PROVIDER_KEY, quoteOf } from '../../test/fixtures';
import { Connection } from './connection';
import { now, toSeconds } from './instant';
import type { Link } from './link';
import * as safe from './safe';
import type { Session, Surroundings } from './session';
import type { Content } from './signed';
import { memoryStore } from './store';
import { NoroamError, type SessionStore, type Wallet } from './types';

const TOKEN = { address: CHANNEL.token, symbol: 'ETH', decimals: 18 };

/** A station that answers as a test wants, and a chain beside it. */
class Scene {
  readonly asked: string[] = [];
  readonly store: SessionStore = memoryStore();
  readonly begun: Session[] = [];
  readonly refusals: Record<string, string> = {};
  balance = 0n;
  late = 0n;
  readonly connection: Connection;
  readonly link = { closed: false, post: (body: Content) => this.post(body) } as unknown as Link;

  constructor() {
    const did = `did:ethr:0x7a69:${PROVIDER}`;
    const station = { did, chargePointId: 'CP1', provider: PROVIDER, maximumPowerW: 22_000 };
    const line = { listen: () => () => true, reach: async () => this.link, link: null };
    const chain = {
      chainId: 31337,
      time: async () => BigInt(toSeconds(now())) + this.late,
      token: async () => TOKEN,
      code: async () => '0x',
      balance: async () => this.balance,
      checkContracts: async () => undefined,
    };
    const around = { chain, line, station, store: this.store, token: TOKEN, speed: 1 };
    this.connection = new Connection(
      { ...around, highestPowerW: Infinity } as unknown as Surroundings,
      7200,
      (session) => this.begun.push(session),
    );
  }

  /** Starts with a wallet that does this. */
  async start(transfer: () => Promise<string>): Promise<Session> {
    const wallet: Wallet = { address: CHANNEL.refundAccount, balance: async () => DEPOSIT, transfer };
    const quote = await this.connection.quote(1, DEPOSIT, wallet.address);
    return this.connection.start(quote, wallet);
  }

  async kept(): Promise<number> {
    return (await this.store.all()).length;
  }

  private async post(body: Content): Promise<{ answer: Promise<Content> }> {
    this.asked.push(body.type);
    const said = JSON.parse(String(body.payload)) as Content;
    return { answer: this.answer(said) };
  }

  private async answer(said: Content): Promise<Content> {
    const reason = this.refusals[said.type];
    if (reason) return { type: 'RequestRefused', reason };
    if (said.type === 'QuoteRequested') return quoteFor(said);
    if (said.type === 'ServiceRequested') return { type: 'ServiceAccepted' };
    const session = { type: 'ChargingStatus', phase: 'verifying', voucher: '0' };
    return { type: 'SessionStateReported', session };
  }
}

async function quoteFor(said: Content): Promise<Content> {
  const consumerNonce = said.consumer_nonce as Hex;
  const sessionId = safe.sessionId(consumerNonce, `0x${'22'.repeat(32)}`);
  const sessionKey = said.session_key as Address;
  const wallet = safe.walletAddress(sessionId, sessionKey, PROVIDER);
  const channel = { ...CHANNEL, sessionId, sessionKey, wallet };
  const opensAt = toSeconds(now()) + 3600;
  const body = await quoteOf(now(), {
    session_id: sessionId,
    consumer_nonce: consumerNonce,
    session_key: sessionKey,
    wallet,
    refund_opens_at: opensAt,
    refund_signature: await safe.signPayout(channel, safe.gatedRefund(opensAt), PROVIDER_KEY),
    sweep_signature: await safe.signPayout(channel, safe.SWEEP, PROVIDER_KEY),
  });
  return { ...body };
}

const settled = () => vi.advanceTimersByTimeAsync(10);
const rejectionOf = (session: Session) => ({
  type: 'ServiceRejected',
  session_id: session.id,
  reason: 'deposit_missing',
});

let scene: Scene;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  scene = new Scene();
});
afterEach(() => {
  for (const session of scene.begun) session.close();
  vi.useRealTimers();
});

test('a session is known before anything of it is sent', async () => {
  const session = await scene.start(async () => {
    expect(scene.begun).toHaveLength(1);
    return '0x01';
  });
  expect(scene.begun).toEqual([session]);
});

test('a deposit that may be on its way keeps its keys', async () => {
  const session = await scene.start(async () => {
    throw new NoroamError('transaction_slow', 'Not in a block yet.', 'later');
  });
  session.heard(rejectionOf(session));
  await settled();
  expect(session.view.phase).toBe('rejected');
  expect(await scene.kept()).toBe(1);
  scene.balance = DEPOSIT;
  scene.late = 3600n;
  session.heard(rejectionOf(session));
  await settled();
  expect(await scene.kept()).toBe(1);
});

test('a station that rejects what it has not seen yet does not end what was paid', async () => {
  const session = await scene.start(async () => {
    scene.begun[0]!.heard(rejectionOf(scene.begun[0]!));
    await settled();
    return '0x01';
  });
  expect(session.view.phase).toBe('rejected');
  expect(await scene.kept()).toBe(1);
  scene.late = 3600n; // Nothing came until the refund opened.
  session.heard(rejectionOf(session));
  expect((await session.ended()).phase).toBe('rejected');
  expect(await scene.kept()).toBe(0);
});

test('what was surely not paid is let go', async () => {
  const started = scene.start(async () => {
    throw new NoroamError('not_sent', 'Too little gas.', 'retry');
  });
  await expect(started).rejects.toThrow('was not sent');
  expect(scene.asked).toContain('StopRequested');
  expect(await scene.kept()).toBe(0);
  expect((await scene.begun[0]!.ended()).phase).toBe('rejected');
});

test('nothing is paid for what was rejected meanwhile', async () => {
  const save = scene.store.save.bind(scene.store);
  scene.store.save = async (id, state) => {
    await save(id, state);
    const [session] = scene.begun;
    if (session?.view.phase === 'paying') session.heard(rejectionOf(session));
    await settled();
  };
  const transfer = vi.fn(async () => '0x01');
  await expect(scene.start(transfer)).rejects.toThrow('Nothing was paid');
  expect(transfer).not.toHaveBeenCalled();
  expect(await scene.kept()).toBe(0);
});

test('a session that could not be taken up is tried again', async () => {
  const session = await scene.start(async () => '0x01');
  scene.refusals.SessionResumed = 'too_many_requests';
  session.lost();
  session.reached(scene.link);
  await settled();
  expect(session.view.connected).toBe(false);
  delete scene.refusals.SessionResumed;
  await vi.advanceTimersByTimeAsync(2000);
  expect(session.view.connected).toBe(true);
  expect(scene.asked.filter((type) => type === 'SessionResumed')).toHaveLength(2);
});

test('a session that the station forgot waits for its refund', async () => {
  const session = await scene.start(async () => '0x01');
  scene.refusals.SessionResumed = 'wrong_session';
  session.reached(scene.link);
  await settled();
  expect(session.view.phase).toBe('rejected');
  expect(session.refundOpensAt.getTime()).toBeGreaterThan(Date.now());
  expect(await scene.kept()).toBe(1);
});
