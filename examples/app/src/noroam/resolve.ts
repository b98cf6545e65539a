import { publicKeyFromRaw } from '@libp2p/crypto/keys';
import { peerIdFromPublicKey } from '@libp2p/peer-id';
import type { Address, Hex } from 'viem';
import { hexToBytes, hexToString } from 'viem/utils';
import { checkCredential, isRevoked } from './credential';
import { identityOwner, parseDid, readHistory, type Attributes } from './did';
import { sameAddress } from './hex';
import type { Chain } from './rpc';
import { parseObject } from './signed';
import { readTariff } from './tariff';
import { NoroamError, type Station, type Tariff } from './types';

/** A verified station, and what is needed to speak with it. */
export interface StationDocument extends Station {
  provider: Address;
  ed25519: Hex;
  x25519: Hex;
  peerId: string;
}

/** Reads and checks the document of a station. Raises NoroamError `untrusted`. */
export async function resolveStation(
  chain: Chain,
  did: string,
  authorities: string[],
  at: Date,
): Promise<StationDocument> {
  const parsed = parseDid(did);
  if (parsed.chainId !== chain.chainId) throw untrusted('it is on another chain');
  const [{ attributes, givenUp }, owner] = await Promise.all([
    readHistory(chain, parsed),
    identityOwner(chain, parsed),
  ]);
  if (givenUp) throw untrusted('its owner gave it up');
  const document = understood(() => readDocument(did, attributes, chain.chainId));
  if (!sameAddress(owner, document.provider)) throw untrusted('another account owns it');
  const jwt = String(service(attributes, 'credential').jwt);
  const { ed25519, x25519, chargePointId, provider: account } = document;
  const subject = { id: did, chargePointId, account, ed25519, x25519 };
  const trust = await checkCredential(jwt, subject, authorities, at);
  if (typeof trust === 'string') throw untrusted(trust);
  if (await isRevoked(chain, jwt, trust.authority)) {
    throw untrusted('its authority has revoked the credential');
  }
  return { ...document, trust };
}

/** Reads what a document's attributes say. Raises NoroamError `untrusted`. */
export function readDocument(
  did: string,
  attributes: Attributes,
  chainId: number,
): Omit<StationDocument, 'trust'> {
  const ed25519 = key(attributes, 'did/pub/Ed25519/veriKey/hex');
  const metadata = service(attributes, 'metadata');
  const tariff = metadata.tariff as Tariff;
  try {
    readTariff(tariff);
  } catch (error) {
    throw untrusted(`its tariff can't be read: ${String(error)}`);
  }
  const account = /^eip155:(\d+):(0x[0-9a-fA-F]{40})$/.exec(
    String(service(attributes, 'payment').account),
  );
  if (!account || Number(account[1]) !== chainId)
    throw untrusted('its account is on another chain');
  const peerId = peerIdFromPublicKey(publicKeyFromRaw(hexToBytes(ed25519))).toString();
  const multiaddrs = (service(attributes, 'p2p').multiaddrs ?? []) as string[];
  if (!multiaddrs.length || multiaddrs.some((address) => !address.endsWith(`/p2p/${peerId}`))) {
    throw untrusted('its addresses are of another key');
  }
  const plugTypes = (metadata.plug_types ?? []) as string[];
  if (!plugTypes.every((plug) => typeof plug === 'string')) throw untrusted('its plugs are no text');
  return {
    did,
    chargePointId: String(metadata.charge_point_id),
    name: String(metadata.name ?? ''),
    maximumPowerW: within(metadata.maximum_power_w, 2 ** 31, 'power'),
    plugTypes,
    connectors: within(metadata.connectors, 1000, 'number of connectors'),
    tariff,
    provider: account[2] as Address,
    multiaddrs,
    ed25519,
    x25519: key(attributes, 'did/pub/X25519/enc/hex'),
    peerId,
  };
}

function understood<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof NoroamError) throw error;
    throw untrusted(`its document can't be read: ${String(error)}`); // A part of another type.
  }
}

function only(attributes: Attributes, name: string): Hex {
  const values = attributes.get(name) ?? [];
  if (!values[0]) throw untrusted(`its document has no ${name}`);
  if (values.length > 1) throw untrusted(`its document has ${name} more than once`);
  return values[0];
}

function within(value: unknown, most: number, what: string): number {
  const found = Number(value);
  if (!Number.isInteger(found) || found < 1 || found > most)
    throw untrusted(`its ${what} is beyond belief`);
  return found;
}

function key(attributes: Attributes, name: string): Hex {
  const value = only(attributes, name);
  if (value.length !== 66) throw untrusted(`${name} is no key`);
  return value;
}

function service(attributes: Attributes, name: string): Record<string, unknown> {
  const value = parseObject(hexToString(only(attributes, `did/svc/${name}`)));
  if (!value) throw untrusted(`did/svc/${name} is no JSON object`);
  return value;
}

function untrusted(reason: string): NoroamError {
  return new NoroamError('untrusted', `This station can't be trusted: ${reason}.`, 'do_not_pay');
}
