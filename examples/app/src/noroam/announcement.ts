import { publicKeyFromRaw } from '@libp2p/crypto/keys';
import type { Hex } from 'viem';
import { hexToBytes, stringToBytes } from 'viem/utils';
import { instant, MINUTE, type Instant } from './instant';
import type { StationDocument } from './resolve';
import { parseObject } from './signed';
import { canonical } from './tariff';
import type { Availability, Tariff } from './types';

const LONGEST = 16_384;

/** What a station says of itself; proves nothing until it fits the station's document. */
export interface Announcement {
  did: string;
  charge_point_id: string;
  ed25519: Hex;
  multiaddrs: string[];
  name: string;
  maximum_power_w: number;
  plug_types: string[];
  tariff: Tariff;
  token?: string;
  connectors: { connector_id: number; availability: Availability }[];
  at: string;
  expires_at: string;
}

/** Reads an announcement that is signed and holds now; null for any other. */
export async function readAnnouncement(text: string, at: Instant): Promise<Announcement | null> {
  if (text.length > LONGEST) return null;
  const { payload, signature } = parseObject(text) ?? {};
  if (typeof payload !== 'string' || !/^0x[0-9a-f]{128}$/.test(String(signature))) return null;
  const said = parseObject(payload) as Announcement | null;
  if (!said || !/^0x[0-9a-f]{64}$/.test(String(said.ed25519))) return null;
  if (!isWhole(said) || !holds(said, at)) return null;
  const signed = stringToBytes(`noroam-announcement-v1\n${payload}`);
  const key = publicKeyFromRaw(hexToBytes(said.ed25519));
  return (await key.verify(signed, hexToBytes(signature as Hex))) ? said : null;
}

/** True where what no document has is of the right kind: it is shown as it came. */
function isWhole({ did, token, connectors }: Announcement): boolean {
  return (
    typeof did === 'string' &&
    (token == null || /^0x[0-9a-fA-F]{40}$/.test(String(token))) &&
    Array.isArray(connectors) &&
    connectors.every(
      (one: Announcement['connectors'][number] | null) =>
        Number.isInteger(one?.connector_id) && typeof one?.availability === 'string',
    )
  );
}

function holds(said: Announcement, at: Instant): boolean {
  try {
    const [from, until] = [instant(said.at), instant(said.expires_at)];
    return from <= at + 2n * MINUTE && at < until && until <= from + 10n * MINUTE;
  } catch {
    return false; // Not a time.
  }
}

/** True where it says what the station's document says. */
export function fits(said: Announcement, station: StationDocument): boolean {
  return (
    said.did === station.did &&
    said.ed25519 === station.ed25519 &&
    said.charge_point_id === station.chargePointId &&
    said.name === station.name &&
    said.maximum_power_w === station.maximumPowerW &&
    canonical(said.plug_types) === canonical(station.plugTypes) &&
    canonical(said.tariff) === canonical(station.tariff) &&
    canonical(said.multiaddrs) === canonical(station.multiaddrs)
  );
}
