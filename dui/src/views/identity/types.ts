/** What the HTTP API tells of an identity; see `session_manager/api/identities_shown.py`. */

import type { Moment, Money } from '../../wire/types';

export interface Credential {
  issuer: string | null;
  valid_from: Moment | null;
  valid_until: Moment | null;
  expired: boolean | null;
  /** null: the chain was not asked, or did not answer. */
  revoked: boolean | null;
  error: string | null;
}

/** Answer of `GET …/identity`: what the Session Manager found out last. */
export interface KeptIdentity {
  charge_point_id: string;
  did: string | null;
  address: string | null;
  chain_id: number | null;
  state: string;
  reason: string | null;
  detail: string | null;
  updated_at: Moment | null;
  balance: Money | null;
  gas_balance: Money | null;
  /** The text of each connector's code, from connector 1 on. */
  qr: string[];
  credential: Credential | null;
  document: object | null;
}

export interface StationTold {
  charge_point_id: string;
  name: string;
  account: string;
  peer_id: string;
  multiaddrs: string[];
  connectors: number;
  maximum_power_w: number;
  plug_types: string[];
  tariff: Record<string, unknown>;
}

/** Answer of `GET …/identity/chain`: what the chain says, or said at the end of `block`. */
export interface ChainIdentity {
  did: string;
  server: string;
  block: number | null;
  read_at: Moment;
  owner: string;
  deactivated: boolean;
  changed_at: number;
  next_change: number | null;
  trusted: boolean;
  reason: string | null;
  detail: string | null;
  same_as_kept: boolean | null;
  station: StationTold | null;
  credential: Credential | null;
  document: object;
  balances: { account: string; role: 'station' | 'gas'; token: string; balance: Money }[];
}

export interface Change {
  kind: 'owner' | 'attribute' | 'delegate';
  name: string | null;
  value: string;
  until: Moment | null;
  revoked: boolean;
}

/** What changed of a DID in one block. */
export interface ChangedBlock {
  block: number;
  at: Moment;
  owner: string;
  changes: Change[];
}

/** Answer of `POST …/identity/publish`. */
export interface Published {
  outcome: 'published' | 'failed' | 'timeout';
  did: string | null;
  transactions: string[];
  reason: string | null;
  detail: string | null;
}

/** Answer of `POST …/identity/deactivate`. */
export interface GivenUp {
  outcome: 'deactivated' | 'failed' | 'timeout';
  did: string;
  transaction: string | null;
  reason: string | null;
  detail: string | null;
}
