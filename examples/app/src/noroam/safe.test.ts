import { keccak256, size } from 'viem/utils';
import { expect, test } from 'vitest';
import { PROXY_CREATION_CODE } from './contracts';
import * as safe from './safe';
import { tariffHash } from './tariff';

const KEY = '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d';
const SESSION_KEY = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
const PROVIDER = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC';
const ID = safe.sessionId(`0x${'11'.repeat(32)}`, `0x${'22'.repeat(32)}`);
const CHANNEL: safe.Channel = {
  chainId: 31337,
  wallet: safe.walletAddress(ID, SESSION_KEY, PROVIDER),
  token: '0x0000000000000000000000000000000000000000',
  provider: PROVIDER,
  refundAccount: '0x90F79bf6EB2c4f870365E785982E1f101E93b906',
  sessionKey: SESSION_KEY,
  sessionId: ID,
};
const VOUCHER = safe.voucherPayout(10n ** 18n);

test('the proxy creation code is the one of the protocol', () => {
  expect(size(PROXY_CREATION_CODE)).toBe(486);
  expect(keccak256(PROXY_CREATION_CODE)).toBe(
    '0x1856e0ee08399d74e0ea0b03adca210aeade6f748969ac023cdcb4dd62dcaf5f',
  );
});

test('session id and wallet are those of the protocol', () => {
  expect(ID).toBe('0x3e92e0db88d6afea9edc4eedf62fffa4d92bcdfc310dccbe943747fe8302e871');
  expect(CHANNEL.wallet).toBe('0x02366E620b1023fF974a6876d133730330aF9E01');
});

test.each([
  ['voucher', VOUCHER, '0x5510c26ffbcf13a01f5bdbed000a252576a65cbb610b192106323af9627b4840'],
  [
    'gated refund',
    safe.gatedRefund(1800000000),
    '0x71907b87ac9ac225d80ffa4b611994d9423d0421620b1a442d74fc5a963bcb6c',
  ],
  ['sweep', safe.SWEEP, '0x88a20aa132abed48f9890f9f7e9d93aac33b4c4a22acc7bd6d35a4e5bc676aa9'],
])('the digest of the %s is that of the protocol', (_, payout, digest) => {
  expect(safe.payoutDigest(CHANNEL, payout)).toBe(digest);
});

test('a voucher is signed as in the protocol, and its signer is found', async () => {
  const signature = await safe.signPayout(CHANNEL, VOUCHER, KEY);
  expect(signature).toBe(
    '0x54f7be1037e1bbcb3286175c3ea49a46bacf367eed9791ee60e8eaf8dd5b18c1' +
      '1d99f3e97b69e7508f1a30f89e16304c1506f192e376df58d5ff0d8178f99c7d1c',
  );
  expect(await safe.signedPayout(CHANNEL, VOUCHER, signature, SESSION_KEY)).toBe(true);
  expect(await safe.signedPayout(CHANNEL, safe.SWEEP, signature, SESSION_KEY)).toBe(false);
  expect(await safe.signedPayout(CHANNEL, VOUCHER, signature, PROVIDER)).toBe(false);
  expect(await safe.signedPayout(CHANNEL, VOUCHER, `0x${'ff'.repeat(64)}1b`, PROVIDER)).toBe(false);
});

test('the hash of a tariff is that of the protocol, defaults or not', () => {
  const hash = '0x6b1c050012021c6029b51cc72155a53419230a158b8171fd7b59d4181dd86f9a';
  const tariff = { per_kwh: '400000000000000000', per_session: '0' };
  expect(tariffHash(tariff)).toBe(hash);
  expect(tariffHash({ ...tariff, per_minute: '0', maximum: null, windows: [] })).toBe(hash);
  expect(tariffHash({ ...tariff, per_minute: '1' })).not.toBe(hash);
});
