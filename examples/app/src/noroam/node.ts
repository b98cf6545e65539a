import './polyfill';
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { gossipsub, type GossipSub } from '@libp2p/gossipsub';
import { identify } from '@libp2p/identify';
import type { Libp2p, Stream } from '@libp2p/interface';
import { webSockets } from '@libp2p/websockets';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';

export const CONVERSATION = '/noroam/1.0.0';
export const ANNOUNCEMENTS = '/noroam/announcements/1.0.0';
export const HUB = '/noroam/hub/1.0.0';
export const STATIONS_TOPIC = '/noroam/stations/1.0.0';

const DIAL_MS = 10_000;

export type Node = Libp2p<{ pubsub: GossipSub }>;

/** A libp2p node that only dials: over WebSocket, and outside of a browser over TCP too. */
export async function createNode(): Promise<Node> {
  const transports = [webSockets(), ...(await nodeTransports())];
  return createLibp2p({
    transports,
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    // In a browser libp2p would not dial a station in the same network otherwise.
    connectionGater: { denyDialMultiaddr: () => false },
    services: {
      identify: identify(),
      pubsub: gossipsub({ allowPublishToZeroTopicPeers: true, doPX: false }),
    },
  });
}

/** TCP, where this is Node; Node 20 also lacks the browsers' WebSocket. */
async function nodeTransports(): Promise<ReturnType<typeof webSockets>[]> {
  if (!('process' in globalThis)) return [];
  const [tcpModule, wsModule] = ['@libp2p/tcp', 'ws'];
  const { tcp } = (await import(/* @vite-ignore */ tcpModule)) as typeof import('@libp2p/tcp');
  if (!('WebSocket' in globalThis)) {
    const { WebSocket } = (await import(/* @vite-ignore */ wsModule)) as { WebSocket: unknown };
    Object.assign(globalThis, { WebSocket });
  }
  return [tcp() as unknown as ReturnType<typeof webSockets>];
}

/** Dials one peer at its addresses, and opens a stream. Raises what libp2p raises. */
export async function openStream(
  node: Node,
  addresses: string[],
  protocol: string,
): Promise<Stream> {
  const signal = AbortSignal.timeout(DIAL_MS);
  const connection = await node.dial(
    addresses.map((address) => multiaddr(address)),
    { signal },
  );
  return connection.newStream(protocol, { signal });
}

export interface Route {
  /** Where to dial: the server's own addresses, or those of one hub. */
  addresses: string[];
  /** The hub's peer id. */
  hub?: string;
}

const CIRCUIT = /^(.*\/p2p\/([1-9A-HJ-NP-Za-km-z]+))\/p2p-circuit\/p2p\/[1-9A-HJ-NP-Za-km-z]+$/;

/** The ways to a server: without a hub first, then one for each hub. */
export function routesOf(multiaddrs: string[]): Route[] {
  const direct = multiaddrs.filter((address) => !address.includes('/p2p-circuit'));
  const hubs = new Map<string, string[]>();
  for (const address of multiaddrs) {
    const [, dialled, hub] = CIRCUIT.exec(address) ?? [];
    if (dialled && hub) hubs.set(hub, [...(hubs.get(hub) ?? []), dialled]);
  }
  const over = [...hubs].map(([hub, addresses]) => ({ addresses, hub }));
  return direct.length ? [{ addresses: direct }, ...over] : over;
}
