/** A scripted library for the component tests; it is no part of the app. */
import {
  type Availability, type ChargingSession, NoroamError, type NearbyStation, type NoroamApp,
  type QuoteView, type ReceiptCheck, type ReceiptView, type SessionView, type Station,
  type StationConnection, type Token, type Wallet,
} from '../../src/noroam/types';
import type { Keep, SessionRecord } from '../../src/ui/keep';
import type { Backend } from '../../src/ui/model';
import type { Settings } from '../../src/ui/settings';

export const ETH = 10n ** 18n;
export const TOKEN: Token = {
  address: '0x0000000000000000000000000000000000000000', symbol: 'ETH', decimals: 18,
};
export const DID = `did:ethr:0x7a69:0x${'ab'.repeat(20)}`;
export const SETTINGS: Settings = {
  chainUrl: 'http://127.0.0.1:8545', chainId: 31337, authorities: [`did:ethr:0x7a69:0x${'cd'.repeat(20)}`],
  bootstrap: ['/ip4/127.0.0.1/tcp/1/ws/p2p/12D3KooWFake'], testWalletKey: `0x${'11'.repeat(32)}`,
};

export function aStation(change: Partial<Station> = {}): Station {
  return {
    did: DID, chargePointId: 'CP-1', name: 'Harbour', maximumPowerW: 22_000, plugTypes: ['Type 2'],
    connectors: 2, tariff: { per_kwh: '400000000000000000', per_session: '0' },
    provider: `0x${'ab'.repeat(20)}`, multiaddrs: [],
    trust: { authority: SETTINGS.authorities[0] ?? '', validUntil: new Date('2030-01-01T12:00:00Z') },
    ...change,
  };
}

export function aView(change: Partial<SessionView> = {}): SessionView {
  return {
    sessionId: '0x01', phase: 'charging', connectorId: 1, token: TOKEN, deposit: 5n * ETH,
    powerW: 11_000, energyWh: 1_500, cost: 6n * ETH / 10n, remaining: 44n * ETH / 10n,
    voucher: 4n * ETH / 10n, connected: true, curve: [], ...change,
  };
}

export function aReceipt(change: Partial<ReceiptView> = {}): ReceiptView {
  return {
    payload: { provider_did: DID }, raw: '{}', signature: '0x', energyWh: 1_500,
    spent: 6n * ETH / 10n, refund: 44n * ETH / 10n,
    priceLines: [{ kind: 'energy', amount: 6n * ETH / 10n }], transactionHash: `0x${'ef'.repeat(32)}`,
    ...change,
  };
}

/** A session whose news the test tells. */
export class FakeSession implements ChargingSession {
  stops = 0;
  refunds = 0;
  station = aStation();
  refundOpensAt = new Date('2030-01-01T12:00:00Z');
  private readonly listeners = new Set<(view: SessionView) => void>();
  private finish: (view: SessionView) => void = () => {};
  private readonly over = new Promise<SessionView>((resolve) => {
    this.finish = resolve;
  });

  constructor(public view: SessionView = aView()) {}

  get id(): string {
    return this.view.sessionId;
  }

  subscribe(listener: (view: SessionView) => void): () => void {
    this.listeners.add(listener);
    listener(this.view);
    return () => this.listeners.delete(listener);
  }

  tell(news: Partial<SessionView>): void {
    this.view = { ...this.view, ...news };
    for (const listener of this.listeners) listener(this.view);
  }

  end(news: Partial<SessionView>): void {
    this.tell(news);
    this.finish(this.view);
  }

  ended = () => this.over;

  async stop(): Promise<void> {
    this.stops += 1;
  }

  async refund(): Promise<string> {
    this.refunds += 1;
    return '0x';
  }

  sweep = async () => '0x';
}

export class FakeApp implements NoroamApp {
  station = aStation();
  refusal?: NoroamError;
  minimum = ETH / 2n;
  availabilities: Availability[] = ['free', 'busy'];
  session = new FakeSession();
  left: ChargingSession[] = [];
  nearby: NearbyStation[] = [];
  checks: ReceiptCheck[] = [{ name: 'signature', ok: true }];
  started?: QuoteView;
  closed = false;

  parseLabel(text: string): { did: string; connectorId: number } {
    const [did = '', query] = text.split('?connector=');
    if (!did.startsWith('did:ethr:')) throw new NoroamError('bad_label', 'no label', 'other_label');
    return { did, connectorId: Number(query ?? 1) };
  }

  async resolve(): Promise<Station> {
    if (this.refusal) throw this.refusal;
    return this.station;
  }

  async discover(listener: (stations: NearbyStation[]) => void): Promise<() => void> {
    listener(this.nearby);
    return () => {};
  }

  async connect(): Promise<StationConnection> {
    const { station } = this;
    return {
      station, token: TOKEN,
      availability: async (connector) => this.availabilities[connector - 1] ?? 'offline',
      quote: async (connectorId, deposit) => this.quote(connectorId, deposit),
      start: async (quote) => {
        this.started = quote;
        return this.session;
      },
      close: async () => {},
    };
  }

  resumeAll = async () => this.left;
  token = async () => TOKEN;
  verifyReceipt = async () => this.checks;

  async close(): Promise<void> {
    this.closed = true;
  }

  private quote(connectorId: number, deposit: bigint): QuoteView {
    if (deposit < this.minimum) throw new NoroamError('deposit_too_small', 'too small', 'later');
    return {
      connectorId, deposit, minimumDeposit: this.minimum, wallet: '0x', token: TOKEN,
      tariff: this.station.tariff, tariffHash: JSON.stringify(this.station.tariff), expiresAt: new Date(Date.now() + 120_000),
      refundOpensAt: new Date('2030-01-01T12:00:00Z'), exposureStep: 1n,
    };
  }
}

export function fakeBackend(app: FakeApp, settings: Settings = SETTINGS, balance = 100n * ETH): Backend {
  const wallet: Wallet = {
    address: `0x${'99'.repeat(20)}`, balance: async () => balance, transfer: async () => '0x',
  };
  return {
    createApp: async () => app, wallet: async () => wallet, servedSettings: async () => ({ settings, online: true }),
  };
}

export function memoryKeep(records: SessionRecord[] = []): Keep {
  let saved: Settings | undefined;
  const kept = new Map(records.map((record) => [record.sessionId, record]));
  return {
    settings: async () => saved,
    saveSettings: async (settings) => {
      saved = settings;
    },
    records: async () => [...kept.values()],
    saveRecord: async (record) => void kept.set(record.sessionId, record),
    removeRecord: async (id) => void kept.delete(id),
  };
}
