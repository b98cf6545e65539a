import type { Address, Hex } from 'viem';
import { bytesToHex, recoverAddress, sha256, stringToBytes } from 'viem/utils';
import { fromBase64Url } from './base64url';
import { parseDid, readHistory } from './did';
import { sameAddress } from './hex';
import type { Chain } from './rpc';
import { parseObject } from './signed';

const TOLERANCE_MS = 5 * 60_000;

/** What the credential must say of its subject. */
export interface Subject {
  id: string;
  chargePointId: string;
  account: string;
  ed25519: Hex;
  x25519: Hex;
}

export interface Trust {
  authority: string;
  validUntil: Date;
}

/** Checks a VC-JWT; gives why it is not to be believed, or who vouches. */
export async function checkCredential(
  jwt: string,
  subject: Subject,
  authorities: string[],
  at: Date,
): Promise<Trust | string> {
  const [header, claims, signature, more] = jwt.split('.');
  if (!header || !claims || !signature || more !== undefined) return 'the credential is no JWT';
  const head = parsePart(header);
  if (head?.alg !== 'ES256K' || head.typ !== 'vc+jwt' || 'crit' in head) {
    return 'the credential has another header';
  }
  const said = parsePart(claims);
  const issuer = authorities.find((did) => sameAddress(did, String(said?.issuer)));
  if (!said || !issuer) return 'the credential is of an authority that this app does not know';
  if (!(await isSigned(`${header}.${claims}`, signature, parseDid(issuer).address))) {
    return 'the credential was not signed by its authority';
  }
  const from = Date.parse(String(said.validFrom)) - TOLERANCE_MS;
  const until = Date.parse(String(said.validUntil));
  if (!(from <= at.getTime() && at.getTime() < until)) return 'the credential is not valid now';
  const wrong = differingPart(said.credentialSubject, subject);
  if (wrong) return `the credential is of another ${wrong}`;
  return { authority: issuer, validUntil: new Date(until) };
}

/** True where the authority has taken the credential back. */
export async function isRevoked(chain: Chain, jwt: string, authority: string): Promise<boolean> {
  const { attributes } = await readHistory(chain, parseDid(authority));
  const signed = jwt.slice(0, jwt.lastIndexOf('.'));
  return (attributes.get('noroam/revoked') ?? []).includes(sha256(stringToBytes(signed)));
}

function differingPart(said: unknown, subject: Subject): string | undefined {
  const found = (said ?? {}) as Record<string, unknown>;
  const plain = (value: unknown) => String(value).toLowerCase().replace(/^0x/, '');
  if (found.chargePointId !== subject.chargePointId) return 'charge point';
  if (!sameAddress(String(found.id), subject.id)) return 'DID';
  if (!sameAddress(String(found.account), subject.account)) return 'account';
  return (['ed25519', 'x25519'] as const).find(
    (name) => plain(found[name]) !== plain(subject[name]),
  );
}

/** The JWS has r and s only: either of the two keys that they allow may be the account's. */
async function isSigned(signed: string, signature: string, account: Address): Promise<boolean> {
  const bytes = fromBase64Url(signature);
  if (bytes?.length !== 64) return false;
  const hash = sha256(stringToBytes(signed));
  for (const parity of ['1b', '1c'] as const) {
    try {
      const signer = await recoverAddress({ hash, signature: `${bytesToHex(bytes)}${parity}` });
      if (sameAddress(signer, account)) return true;
    } catch {
      continue; // No key at all for this parity.
    }
  }
  return false;
}

function parsePart(text: string): Record<string, unknown> | null {
  const bytes = fromBase64Url(text);
  return bytes && parseObject(new TextDecoder().decode(bytes));
}
