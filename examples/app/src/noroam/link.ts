import './polyfill';
import type { Stream } from '@libp2p/interface';
import { publicKeyFromRaw } from '@libp2p/crypto/keys';
import type { Hex } from 'viem';
import { hexToBytes, stringToBytes } from 'viem/utils';
import { framesOf, sendFrame } from './frames';
import { randomWord } from './hex';
import { CONVERSATION, HUB, openStream, type Node, type Route } from './node';
import type { StationDocument } from './resolve';
import { openSealed, seal, type Envelope, type ReplyKey } from './seal';
import { parseObject, type Content } from './signed';
import { NoroamError } from './types';

const ANSWER_MS = 15_000;
const REMEMBERED = 2000;
/** What a hub answers itself, in clear. */
const HUB_REASONS = [
  'too_many_requests',
  'overloaded',
  'unknown_station',
  'unknown_type',
  'expired',
];

/** A request that was sent; in an object, so that whoever awaits it has not awaited the answer. */
export interface Posted {
  answer: Promise<Content>;
}

interface Awaited {
  answer(body: Content): void;
  fail(error: Error): void;
}

/** One stream to a station's P2P server that proved to speak for the station. */
export class Link {
  /** Called with each body that comes from the station. */
  heard: (body: Content) => void = () => undefined;
  /** Called once, when the stream has ended. */
  ended: () => void = () => undefined;
  closed = false;
  readonly replyKeys: ReplyKey[] = [];
  private readonly awaited = new Map<string, Awaited>();
  private readonly seen = new Set<string>();

  private constructor(
    private readonly stream: Stream,
    private readonly frames: AsyncGenerator<string>,
    private readonly station: StationDocument,
    private readonly ownPeerId: string,
    /** The hub's peer id, where there is one. */
    readonly over: string | undefined,
  ) {}

  /** Dials by one route and challenges the server. Raises NoroamError. */
  static async open(node: Node, station: StationDocument, route: Route): Promise<Link> {
    const protocol = route.hub ? HUB : CONVERSATION;
    const stream = await openStream(node, route.addresses, protocol).catch((error: unknown) => {
      throw unreachable(String(error));
    });
    const frames = framesOf(stream);
    if (route.hub) await joinHub(stream, frames, station.peerId);
    const link = new Link(stream, frames, station, node.peerId.toString(), route.hub);
    void link.read();
    try {
      await link.challenge();
    } catch (error) {
      await link.close();
      throw error;
    }
    return link;
  }

  /** Sends a body and waits for its answer. Raises NoroamError `unreachable`. */
  async request(body: Content, expiresAt?: string): Promise<Content> {
    return (await this.post(body, expiresAt)).answer;
  }

  /** Sends a body; its answer may come later, or fail with NoroamError `unreachable`. */
  async post(body: Content, expiresAt?: string): Promise<Posted> {
    const { chargePointId: charge_point_id, x25519 } = this.station;
    const id = crypto.randomUUID();
    const plain: Envelope = { id, charge_point_id, at: new Date().toISOString(), body };
    const clear = !this.over || body.type === 'IdentityChallenge';
    const envelope = clear ? plain : await seal(plain, x25519, expiresAt);
    if (this.closed) throw unreachable('the connection has ended');
    const answer = this.answerTo(id);
    answer.catch(() => undefined); // Not everybody waits for it.
    await sendFrame(this.stream, JSON.stringify(envelope)).catch((error: unknown) => {
      this.awaited.get(id)?.fail(unreachable(String(error)));
    });
    return { answer };
  }

  private answerTo(id: string): Promise<Content> {
    const { promise, resolve, reject } = Promise.withResolvers<Content>();
    const timer = setTimeout(() => reject(unreachable('there is no answer')), ANSWER_MS);
    this.awaited.set(id, { answer: resolve, fail: reject });
    return promise.finally(() => {
      clearTimeout(timer);
      this.awaited.delete(id);
    });
  }

  async close(): Promise<void> {
    this.finish();
    await this.stream.close({ signal: AbortSignal.timeout(2000) }).catch(() => {
      this.stream.abort(new Error('closed'));
    });
  }

  private async read(): Promise<void> {
    try {
      for await (const frame of this.frames) await this.take(frame);
    } catch {
      this.stream.abort(new Error('the stream can’t be read')); // Reset, or no frames.
    }
    this.finish();
  }

  private finish(): void {
    if (this.closed) return;
    this.closed = true;
    for (const { fail } of this.awaited.values()) fail(unreachable('the connection has ended'));
    this.ended();
  }

  private async take(frame: string): Promise<void> {
    const came = parseObject(frame) as Envelope | null;
    if (!came?.body || !this.isNew(came.id)) return;
    const sealed = came.body.type === 'Sealed';
    const envelope = sealed ? await openSealed(came, this.replyKeys) : came;
    if (envelope?.charge_point_id !== this.station.chargePointId) return;
    const awaited = this.awaited.get(envelope.caused_by ?? '');
    if (this.over && !sealed && !(awaited && mayBeClear(envelope.body))) return;
    awaited?.answer(envelope.body);
    this.heard(envelope.body);
  }

  private isNew(id: string): boolean {
    if (this.seen.has(id)) return false;
    this.seen.add(id);
    if (this.seen.size > REMEMBERED) this.seen.delete(this.seen.values().next().value ?? '');
    return true;
  }

  private async challenge(): Promise<void> {
    const nonce = randomWord();
    const { did, peerId, ed25519 } = this.station;
    const answer = await this.request({ type: 'IdentityChallenge', did, nonce });
    if (answer.type === 'RequestRefused' && answer.reason !== 'wrong_station') {
      throw unreachable(String(answer.reason));
    }
    const text = ['noroam-identity-v1', did, peerId, this.ownPeerId, nonce].join('\n');
    const signature = String(answer.signature);
    const proven =
      answer.type === 'IdentityResponse' &&
      /^0x[0-9a-f]{128}$/.test(signature) &&
      (await publicKeyFromRaw(hexToBytes(ed25519)).verify(
        stringToBytes(text),
        hexToBytes(signature as Hex),
      ));
    if (!proven) {
      throw new NoroamError('untrusted', 'Whoever answers is not this station.', 'do_not_pay');
    }
  }
}

async function joinHub(
  stream: Stream,
  frames: AsyncGenerator<string>,
  server: string,
): Promise<void> {
  const deadline = setTimeout(() => stream.abort(new Error('no answer')), ANSWER_MS);
  try {
    await sendFrame(stream, JSON.stringify({ to: server }));
    const first = await frames.next();
    const answer = first.done ? null : parseObject(first.value);
    if (!answer || answer.error) throw new Error(String(answer?.error ?? 'no answer'));
  } catch (error) {
    stream.abort(new Error('not passed on'));
    throw unreachable(`the hub: ${String(error)}`);
  } finally {
    clearTimeout(deadline);
  }
}

function mayBeClear(body: Content): boolean {
  if (body.type === 'IdentityResponse') return true;
  return body.type === 'RequestRefused' && HUB_REASONS.includes(String(body.reason));
}

export function unreachable(reason: string): NoroamError {
  return new NoroamError('unreachable', `The station can't be reached: ${reason}.`, 'retry');
}
