import type { Address, Hex } from 'viem';
import { hexToBigInt, hexToBytes, hexToString, padHex, slice } from 'viem/utils';
import { REGISTRY } from './contracts';
import type { Chain, Log } from './rpc';
import { NoroamError } from './types';

const ATTRIBUTE_CHANGED = '0x18ab6b2ae3d64306c00ce663125f2bd680e441a098de1635bd7ad8b0d44965e4';
const OWNER_CHANGED = '0x38a5a6e68f30ed1ab45860a4afb34bcb2fc00f22ca462d249b8a8d40cda6f7a3';
/** A DID of more changes than this is not one of a station. */
const MOST_BLOCKS = 1000;

export interface Did {
  chainId: number;
  address: Address;
}

/** Reads `did:ethr:0x<chain id>:<address>`. Raises NoroamError `bad_label`. */
export function parseDid(did: string): Did {
  const found = /^did:ethr:(0x[0-9a-fA-F]{1,12}):(0x[0-9a-fA-F]{40})$/.exec(did);
  if (!found) throw new NoroamError('bad_label', 'This is no station’s label.', 'other_label');
  return { chainId: Number(found[1]), address: found[2] as Address };
}

/** Reads what the QR code of a connector says. */
export function parseLabel(text: string): { did: string; connectorId: number } {
  const [did = '', query = ''] = text.trim().split('?', 2);
  parseDid(did);
  const connectorId = Number(new URLSearchParams(query).get('connector') ?? 1);
  if (!Number.isInteger(connectorId) || connectorId < 1 || connectorId > 1000) {
    throw new NoroamError('bad_label', 'The label names no connector.', 'other_label');
  }
  return { did, connectorId };
}

/** Attributes in force: name -> values. */
export type Attributes = Map<string, Hex[]>;

/** Reads the attributes of a DID that are in force now, and whether its owner gave it up for good. */
export async function readHistory(
  chain: Chain,
  did: Did,
): Promise<{ attributes: Attributes; givenUp: boolean }> {
  const [newest, time] = await Promise.all([
    chain.call(REGISTRY, `0xf96d0f9f${word(did.address)}`),
    chain.time(),
  ]);
  const history: Log[] = [];
  let block = hexToBigInt(newest);
  for (let read = 0; block > 0n; read += 1) {
    if (read >= MOST_BLOCKS) throw new NoroamError('untrusted', 'Too many changes.', 'do_not_pay');
    const logs = await chain.logs(REGISTRY, block, [null, padHex(did.address)]);
    history.unshift(...logs);
    const before = logs.map(previousChange).filter((previous) => previous < block);
    block = before.length ? before.reduce((a, b) => (a < b ? a : b)) : 0n;
  }
  return { attributes: inForce(history.map(readChange), time), givenUp: history.some(givesUp) };
}

/** The owner became nobody; the registry itself then names the first owner again. */
function givesUp(log: Log): boolean {
  return log.topics[0] === OWNER_CHANGED && hexToBigInt(slice(log.data, 0, 32)) === 0n;
}

export async function identityOwner(chain: Chain, did: Did): Promise<Address> {
  const owner = await chain.call(REGISTRY, `0x8733d4e8${word(did.address)}`);
  return slice(owner, 12, 32);
}

interface Change {
  name: string;
  value: Hex;
  validTo: bigint;
}

/** Of what was said of one name and value the last counts. */
export function inForce(changes: (Change | null)[], time: bigint): Attributes {
  const last = new Map<string, Change>();
  for (const change of changes) {
    if (change) last.set(`${change.name} ${change.value}`, change);
  }
  const attributes: Attributes = new Map();
  for (const { name, value, validTo } of last.values()) {
    if (validTo > time) attributes.set(name, [...(attributes.get(name) ?? []), value]);
  }
  return attributes;
}

/** (name, offset of value, validTo, previousChange, length, bytes); null for other events. */
function readChange(log: Log): Change | null {
  if (log.topics[0] !== ATTRIBUTE_CHANGED) return null;
  const length = Number(hexToBigInt(slice(log.data, 128, 160)));
  return {
    name: hexToString(slice(log.data, 0, 32), { size: 32 }),
    value: length ? slice(log.data, 160, 160 + length) : '0x',
    validTo: hexToBigInt(slice(log.data, 64, 96)),
  };
}

/** It is the last word of what has a fixed length, in each of the registry's events. */
function previousChange(log: Log): bigint {
  const at = log.topics[0] === ATTRIBUTE_CHANGED ? 96 : hexToBytes(log.data).length - 32;
  return hexToBigInt(slice(log.data, at, at + 32));
}

function word(address: Address): string {
  return padHex(address).slice(2).toLowerCase();
}
