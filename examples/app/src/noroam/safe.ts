import type { Address, Hex } from 'viem';
import {
  concat,
  encodeAbiParameters,
  getContractAddress,
  keccak256,
  recoverAddress,
} from 'viem/utils';
import { sign } from 'viem/accounts';
import { FACTORY, HANDLER, NATIVE, PAYOUT, PROXY_CREATION_CODE, SAFE } from './contracts';
import { sameAddress } from './hex';

/** A session's 2-of-2 wallet, and who is paid out of it. */
export interface Channel {
  chainId: number;
  wallet: Address;
  token: Address;
  provider: Address;
  refundAccount: Address;
  sessionKey: Address;
  sessionId: Hex;
}

/** One payout; `nonce` is the Safe's. */
export interface Payout {
  notBefore: bigint;
  spent: bigint;
  nonce: bigint;
}

export const voucherPayout = (spent: bigint): Payout => ({ notBefore: 0n, spent, nonce: 0n });
export const gatedRefund = (opensAt: number): Payout => ({
  notBefore: BigInt(opensAt),
  spent: 0n,
  nonce: 0n,
});
export const SWEEP: Payout = { notBefore: 0n, spent: 0n, nonce: 1n };

export function sessionId(consumerNonce: Hex, providerNonce: Hex): Hex {
  return keccak256(concat([consumerNonce, providerNonce]));
}

const WORD = { type: 'uint256' } as const;
const ADDRESS = { type: 'address' } as const;
const BYTES = { type: 'bytes' } as const;
const BYTES32 = { type: 'bytes32' } as const;

function call(selector: Hex, types: readonly { type: string }[], values: readonly unknown[]): Hex {
  return concat([selector, encodeAbiParameters(types, values)]);
}

/** Addresses are compared without regard to case; the encoder wants EIP-55, or lower case. */
function anyCase(address: Address): Address {
  return address.toLowerCase() as Address;
}

/** The call of `setup` with which the factory deploys the wallet. */
export function initializer(sessionKey: Address, provider: Address): Hex {
  const types = [{ type: 'address[]' }, WORD, ADDRESS, BYTES, ADDRESS, ADDRESS, WORD, ADDRESS];
  const owners = [anyCase(sessionKey), anyCase(provider)];
  return call('0xb63e800d', types, [owners, 2n, NATIVE, '0x', HANDLER, NATIVE, 0n, NATIVE]);
}

function saltNonce(id: Hex): bigint {
  return BigInt(keccak256(id));
}

/** The CREATE2 address of the wallet (EIP-1014). */
export function walletAddress(id: Hex, sessionKey: Address, provider: Address): Address {
  const setup = keccak256(initializer(sessionKey, provider));
  return getContractAddress({
    opcode: 'CREATE2',
    from: FACTORY,
    salt: keccak256(concat([setup, encodeAbiParameters([WORD], [saltNonce(id)])])),
    bytecode: concat([PROXY_CREATION_CODE, encodeAbiParameters([ADDRESS], [SAFE])]),
  });
}

function payCall(channel: Channel, payout: Payout): Hex {
  const [token, provider, refundAccount] = [
    channel.token,
    channel.provider,
    channel.refundAccount,
  ].map(anyCase);
  const values = [payout.notBefore, token, provider, payout.spent, refundAccount];
  return call('0xa7319945', [WORD, ADDRESS, ADDRESS, WORD, ADDRESS], values);
}

const DOMAIN_TYPE = keccak256(textBytes('EIP712Domain(uint256 chainId,address verifyingContract)'));
const SAFE_TX_TYPE = keccak256(
  textBytes(
    'SafeTx(address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 baseGas,' +
      'uint256 gasPrice,address gasToken,address refundReceiver,uint256 nonce)',
  ),
);

function textBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The EIP-712 digest of the SafeTx that makes a payout. */
export function payoutDigest(channel: Channel, payout: Payout): Hex {
  const domain = encodeAbiParameters(
    [BYTES32, WORD, ADDRESS],
    [DOMAIN_TYPE, BigInt(channel.chainId), anyCase(channel.wallet)],
  );
  const words = [BYTES32, ADDRESS, WORD, BYTES32, WORD, WORD, WORD, WORD, ADDRESS, ADDRESS, WORD];
  const data = keccak256(payCall(channel, payout));
  const fields = [SAFE_TX_TYPE, PAYOUT, 0n, data, 1n, 0n, 0n, 0n, NATIVE, NATIVE, payout.nonce];
  const message = encodeAbiParameters(words, fields);
  return keccak256(concat(['0x1901', keccak256(domain), keccak256(message)]));
}

/** Signs a payout with the session key. */
export async function signPayout(channel: Channel, payout: Payout, privateKey: Hex): Promise<Hex> {
  return sign({ hash: payoutDigest(channel, payout), privateKey, to: 'hex' });
}

/** True where this is the account's signature over the payout. */
export async function signedPayout(
  channel: Channel,
  payout: Payout,
  signature: Hex,
  account: Address,
): Promise<boolean> {
  return sameAddress(await signerOf(payoutDigest(channel, payout), signature), account);
}

/** The account that signed a digest; "" where the signature is none. */
export async function signerOf(hash: Hex, signature: Hex): Promise<string> {
  if (!/^0x[0-9a-fA-F]{128}1[bBcC]$/.test(signature)) return '';
  try {
    return await recoverAddress({ hash, signature: signature });
  } catch {
    return ''; // A point that is on no curve: nobody signed.
  }
}

/** The `execTransaction` of a payout that both owners signed. */
export function executeCall(channel: Channel, payout: Payout, own: Hex, provider: Hex): Hex {
  const types = [
    ADDRESS,
    WORD,
    BYTES,
    { type: 'uint8' },
    WORD,
    WORD,
    WORD,
    ADDRESS,
    ADDRESS,
    BYTES,
  ];
  const ownFirst = channel.sessionKey.toLowerCase() < channel.provider.toLowerCase();
  const signatures = concat(ownFirst ? [own, provider] : [provider, own]);
  const data = payCall(channel, payout);
  return call('0x6a761202', types, [
    ...[PAYOUT, 0n, data, 1, 0n, 0n, 0n, NATIVE, NATIVE, signatures],
  ]);
}

/** The call of Payout that deploys the wallet first. */
export function deployAndExecuteCall(channel: Channel, execution: Hex): Hex {
  const creation = call(
    '0x1688f0b9',
    [ADDRESS, BYTES, WORD],
    [SAFE, initializer(channel.sessionKey, channel.provider), saltNonce(channel.sessionId)],
  );
  const types = [ADDRESS, BYTES, ADDRESS, BYTES];
  return call('0xde379b50', types, [FACTORY, creation, anyCase(channel.wallet), execution]);
}
