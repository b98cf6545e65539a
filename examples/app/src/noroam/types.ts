/** What the app's library offers to whoever shows it: a page, or a test. Money is in smallest units. */

export interface AppConfig {
  /** JSON-RPC endpoint of a node of `chainId`. */
  chainUrl: string;
  chainId: number;
  /** did:ethr DIDs of the authorities that may vouch for stations. */
  authorities: string[];
  /** Multiaddrs of P2P servers that tell which stations there are. */
  bootstrap: string[];
  /** The longest that a deposit may be locked, in seconds. */
  longestLockS?: number;
  /** The most power that the car takes, in W. */
  highestPowerW?: number;
  /** How much faster than the clock energy may come: 1, except against a simulator. */
  speedLimit?: number;
}

export interface Tariff {
  per_kwh: string;
  per_session: string;
  [field: string]: unknown;
}

/** A station whose document and credential were verified; never anything else. */
export interface Station {
  did: string;
  chargePointId: string;
  name: string;
  maximumPowerW: number;
  plugTypes: string[];
  connectors: number;
  tariff: Tariff;
  /** The account that signs quotes and is paid. */
  provider: string;
  multiaddrs: string[];
  trust: { authority: string; validUntil: Date };
}

export type Availability = 'free' | 'busy' | 'unavailable' | 'offline';

/** A verified station as it announced itself: `connectors` is news, the rest is the document's. */
export interface NearbyStation {
  station: Station;
  connectors: { connectorId: number; availability: Availability }[];
  /** Address of the token that its prices are in; the zero address is the chain's own. */
  token: string;
  announcedAt: Date;
}

export interface Token {
  address: string;
  symbol: string;
  decimals: number;
}

export interface QuoteView {
  connectorId: number;
  deposit: bigint;
  minimumDeposit: bigint;
  wallet: string;
  token: Token;
  tariff: Tariff;
  /** The same for the same tariff. */
  tariffHash: string;
  expiresAt: Date;
  refundOpensAt: Date;
  exposureStep: bigint;
}

export interface PriceLine {
  kind: string;
  amount: bigint;
  [field: string]: unknown;
}

export interface ReceiptView {
  /** The payload as signed, parsed, and everything needed to verify it again offline. */
  payload: Record<string, unknown>;
  signature: string;
  raw: string;
  energyWh: number;
  spent: bigint;
  refund: bigint;
  priceLines: PriceLine[];
  transactionHash: string;
}

/** Each check of a receipt by its name; `detail` says why it failed. */
export interface ReceiptCheck {
  name: string;
  ok: boolean;
  detail?: string;
}

export interface SessionView {
  sessionId: string;
  phase: string;
  connectorId: number;
  token: Token;
  deposit: bigint;
  powerW: number;
  energyWh: number;
  /** By the app's own arithmetic. */
  cost: bigint;
  remaining: bigint;
  /** What the app has signed for so far. */
  voucher: bigint;
  /** True while the station is reached; `over` names the hub where the way leads over one. */
  connected: boolean;
  over?: string;
  curve: { at: Date; powerW: number; energyWh: number }[];
  failure?: string;
  stopReason?: string;
  disputed?: string;
  /** The station leaves the payout, and its gas, to the driver: `refund` executes it. */
  payoutLeft?: boolean;
  receipt?: ReceiptView;
}

/** Why something did not work, and what the driver can do about it. */
export class NoroamError extends Error {
  constructor(
    /** For programs: `untrusted`, `unreachable`, `quote_refused`, `quote_invalid`, `rejected`, … */
    readonly code: string,
    message: string,
    /** What the driver may do: `do_not_pay`, `retry`, `later`, `other_connector`, `refund_later`. */
    readonly advice: string,
  ) {
    super(message);
  }
}

/**
 * Sends the deposit; the app's local test wallet, or any other. Gives the transaction hash.
 *
 * Raises NoroamError `not_sent` or `transaction_failed` where surely nothing was paid. After any
 * other error the deposit may be on its way: the session goes on as if it was.
 */
export interface Wallet {
  address: string;
  balance(token: Token): Promise<bigint>;
  transfer(token: Token, to: string, amount: bigint): Promise<string>;
  /** Calls a contract, paying the gas; a wallet without it can't take a deposit back by itself. */
  call?(to: string, data: string): Promise<string>;
}

/** Keeps what a session needs to survive: durable when `save` returns. */
export interface SessionStore {
  save(sessionId: string, state: unknown): Promise<void>;
  all(): Promise<{ sessionId: string; state: unknown }[]>;
  remove(sessionId: string): Promise<void>;
}

export interface ChargingSession {
  readonly id: string;
  readonly station: Station;
  readonly refundOpensAt: Date;
  readonly view: SessionView;
  /** Called with each change; gives a way to stop listening. */
  subscribe(listener: (view: SessionView) => void): () => void;
  stop(): Promise<void>;
  /** Resolves once the receipt is there and verified, or the session ended without one. */
  ended(): Promise<SessionView>;
  /**
   * Executes a payout that was left to the driver; else takes the whole deposit back, after
   * `refundOpensAt`. The wallet pays the gas: the one of `start`, unless another is given.
   */
  refund(wallet?: Wallet): Promise<string>;
  /** Takes back what came into the session's wallet after its payout. */
  sweep(wallet?: Wallet): Promise<string>;
}

export interface StationConnection {
  readonly station: Station;
  /** The token that the station's prices are in. */
  readonly token: Token;
  availability(connectorId: number): Promise<Availability>;
  /** What is left of the deposit goes to `refundAccount`; left out: to the wallet of `start`. */
  quote(connectorId: number, deposit: bigint, refundAccount?: string): Promise<QuoteView>;
  /** Holds the connector, sends the deposit from the wallet, and charges. */
  start(quote: QuoteView, wallet: Wallet): Promise<ChargingSession>;
  close(): Promise<void>;
}

export interface NoroamApp {
  /** Reads `did:ethr:…`, with or without `?connector=n`. */
  parseLabel(text: string): { did: string; connectorId: number };
  resolve(did: string): Promise<Station>;
  /** Calls with the list of verified stations whenever it changes. */
  discover(listener: (stations: NearbyStation[]) => void): Promise<() => void>;
  connect(did: string): Promise<StationConnection>;
  /** Takes up the sessions that the store has. */
  resumeAll(): Promise<ChargingSession[]>;
  token(address: string): Promise<Token>;
  verifyReceipt(receipt: ReceiptView, station: Station): Promise<ReceiptCheck[]>;
  close(): Promise<void>;
}
