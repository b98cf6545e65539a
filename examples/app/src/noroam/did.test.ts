import { padHex, toHex } from 'viem/utils';
import { expect, test } from 'vitest';
import { parseDid, readHistory } from './did';
import type { Chain, Log } from './rpc';

const DID = parseDid('did:ethr:0x7a69:0x90F79bf6EB2c4f870365E785982E1f101E93b906');
const OWNER_CHANGED = '0x38a5a6e68f30ed1ab45860a4afb34bcb2fc00f22ca462d249b8a8d40cda6f7a3';

/** A chain on which the owner of the DID became `owners` in turn, one in each block from 1 on. */
function chainOf(...owners: `0x${string}`[]): Chain {
  const logs = owners.map((owner, index) => ({
    topics: [OWNER_CHANGED, padHex(DID.address)],
    data: `${padHex(owner)}${toHex(index, { size: 32 }).slice(2)}`,
  }));
  return {
    call: async () => toHex(owners.length, { size: 32 }),
    time: async () => 0n,
    logs: async (_: string, block: bigint) => [logs[Number(block) - 1] as unknown as Log],
  } as unknown as Chain;
}

test('a DID that was given up stays so, whatever its first owner does later', async () => {
  const nobody = `0x${'0'.repeat(40)}` as const;
  const other = `0x${'1'.repeat(40)}` as const;
  expect((await readHistory(chainOf(other, nobody, other), DID)).givenUp).toBe(true);
  expect((await readHistory(chainOf(other), DID)).givenUp).toBe(false);
});
