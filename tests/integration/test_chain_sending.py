"""Transactions that get stuck, lost, overtaken or reorganised away; on a chain of their own."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, field
from typing import Any

import pytest
from eth_account import Account

from sdk.chain.accounts import SigningKey, new_key
from sdk.chain.addresses import Deployment
from sdk.chain.client import BlockTag, ChainClient
from sdk.chain.dev_node import CHAIN_ID, DevNode
from sdk.chain.errors import ChainUnavailableError, FeeCapError, NonceLostError
from sdk.chain.fees import Fees
from sdk.chain.journal import Call, MemoryJournal, Sent
from sdk.chain.safe import selector
from sdk.chain.sender import Bidding, Mined, Sender

GWEI = 10**9


@dataclass
class Bench:
    """A chain, an account on it, and what its sender told."""

    node: DevNode
    client: ChainClient
    key: SigningKey
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    told: list[str] = field(default_factory=list)
    receiver: str = field(default_factory=lambda: new_key().address)

    def sender(
        self, after: float = 0.3, cap: int | None = None, within: float = 10, confirmations: int = 0
    ) -> Sender:
        bidding = Bidding(after, cap, self.told.append)
        return Sender(self.client, self.key, within, confirmations, self.journal, bidding)

    async def send(self, sender: Sender) -> Mined:
        return await sender.send(self.receiver, b"", value=1)

    async def sent(self, count: int = 1) -> Sent:
        """Wait until the newest nonce has so many transactions."""
        async with asyncio.timeout(10):
            while True:
                nonces = self.journal._sent
                if nonces and len(nonces[max(nonces)].hashes) >= count:
                    return nonces[max(nonces)]
                await asyncio.sleep(0.01)

    async def received(self) -> int:
        return await self.client.balance(self.receiver)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with DevNode(program=os.environ.get("ANVIL")) as node:
        client = node.client()
        yield Bench(node, client, node.accounts[1])
        await client.close()


async def test_what_is_not_mined_is_offered_more_for(bench: Bench) -> None:
    await bench.node.set_automine(False)
    async with asyncio.TaskGroup() as group:
        sending = group.create_task(bench.send(bench.sender()))
        first = await bench.sent()
        later = await bench.sent(3)
        await bench.node.mine()
    assert 64 * later.fees.most >= 81 * first.fees.most
    assert 64 * later.fees.tip >= 81 * first.fees.tip
    assert sending.result().transaction_hash == later.hashes[-1]
    assert await bench.received() == 1
    assert any("offering" in text for text in bench.told)


async def test_the_first_offer_may_be_mined_after_all(bench: Bench) -> None:
    await bench.node.set_automine(False)
    async with asyncio.TaskGroup() as group:
        sending = group.create_task(bench.send(bench.sender(after=1)))
        first = await bench.sent()
        later = await bench.sent(2)
        await bench.node.drop_transaction(later.hashes[1])
        signed = bench.sender()._outbox._offers._signed(first)
        await bench.client.send_raw(bytes(signed.raw_transaction))
        await bench.node.mine()
    assert sending.result().transaction_hash == first.hashes[0]
    assert await bench.received() == 1


class _ForgetfulClient(ChainClient):
    """Asks a node that does not count what is not mined yet."""

    async def transaction_count(self, account: str, tag: BlockTag = "latest") -> int:
        return await super().transaction_count(account, "latest" if tag == "pending" else tag)


async def test_a_node_that_does_not_count_what_waits_gives_no_nonce_twice(bench: Bench) -> None:
    client = _ForgetfulClient([bench.node.http_url], CHAIN_ID)
    sender = Sender(client, bench.key, 10, 0, bench.journal)
    await bench.node.set_automine(False)
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        for _ in range(5):
            group.create_task(bench.send(sender))
        while len(bench.journal._sent) < 5:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        await bench.node.mine()
    assert await bench.received() == 5
    assert sorted(bench.journal._sent) == [0, 1, 2, 3, 4]
    assert all(len(sent.hashes) == 1 for sent in bench.journal._sent.values())
    await client.close()


async def test_a_base_fee_above_the_offer_is_answered_at_once(bench: Bench) -> None:
    await bench.node.set_automine(False)
    async with asyncio.TaskGroup() as group:
        sending = group.create_task(bench.send(bench.sender(after=60)))
        first = await bench.sent()
        await bench.node.set_base_fee(10 * first.fees.most)
        await bench.node.mine()
        later = await bench.sent(2)
        await bench.node.set_automine(True)
        await bench.node.mine()
    assert later.fees.most > 10 * first.fees.most
    assert sending.result().transaction_hash == later.hashes[1]
    assert await bench.received() == 1


async def test_above_the_cap_nothing_is_sent_and_it_says_so(bench: Bench) -> None:
    await bench.node.set_base_fee(50 * GWEI)
    await bench.node.mine()
    with pytest.raises(FeeCapError, match="the cap is 20000000000"):
        await bench.send(bench.sender(cap=20 * GWEI, within=0.5))
    assert not bench.journal._sent
    assert len([text for text in bench.told if "the cap is" in text]) == 1
    await bench.node.set_base_fee(GWEI)
    await bench.node.mine()
    await bench.send(bench.sender(cap=20 * GWEI))
    assert await bench.received() == 1


async def test_what_is_under_way_waits_below_the_cap(bench: Bench) -> None:
    await bench.node.set_automine(False)
    block, tip = await bench.client.block(), await bench.client.tip()
    cap = (2 * block.base_fee + tip) * 5 // 4
    with pytest.raises(ChainUnavailableError, match="not mined yet"):
        await bench.send(bench.sender(cap=cap, within=1.5))
    (sent,) = bench.journal._sent.values()
    assert len(sent.hashes) == 2
    assert sent.fees.most <= cap
    assert len([text for text in bench.told if "forbids" in text]) == 1
    await bench.node.mine()
    assert await bench.received() == 1


@pytest.mark.parametrize("mined", [True, False])
async def test_what_a_reorganisation_takes_out_is_mined_again(bench: Bench, *, mined: bool) -> None:
    async with asyncio.TaskGroup() as group:
        sending = group.create_task(bench.send(bench.sender(after=60, confirmations=2)))
        first = await bench.sent()
        while not await bench.received():  # noqa: ASYNC110 - a node tells nobody
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.6)
        await bench.node.reorganise(1)
        if not mined:
            await bench.node.drop_transaction(first.hashes[0])
        while not await bench.received():
            await bench.node.mine()
            await asyncio.sleep(0.1)
        assert not sending.done()
        await bench.node.mine(2)
    result = sending.result()
    assert result.transaction_hash in bench.journal._sent[first.nonce].hashes
    assert await bench.received() == 1
    assert await bench.client.transaction_count(bench.key.address) == first.nonce + 1


async def test_what_was_mined_and_left_the_chain_later_is_sent_again(bench: Bench) -> None:
    sender = bench.sender(after=60)
    mined = await bench.send(sender)
    await bench.node.reorganise(2)
    assert await bench.received() == 0
    await sender.tend()
    await bench.node.mine()
    assert await bench.received() == 1
    receipt = await bench.client.receipt(mined.transaction_hash)
    assert receipt is not None


async def test_a_dropped_transaction_is_sent_again(bench: Bench) -> None:
    await bench.node.set_automine(False)
    async with asyncio.TaskGroup() as group:
        sending = group.create_task(bench.send(bench.sender()))
        first = await bench.sent()
        await bench.node.drop_transaction(first.hashes[0])
        await bench.sent(2)
        await bench.node.mine()
    assert sending.result().transaction_hash in bench.journal._sent[first.nonce].hashes
    assert await bench.received() == 1


async def test_what_a_restarted_node_lost_is_sent_again_long_before_more_is_offered(
    bench: Bench,
) -> None:
    await bench.node.set_automine(False)
    async with asyncio.TaskGroup() as group:
        sending = group.create_task(bench.send(bench.sender(after=60)))
        first = await bench.sent()
        await bench.node.drop_transaction(first.hashes[0])
        async with asyncio.timeout(10):
            while await bench.client.transaction(first.hashes[0]) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await bench.node.mine()
    assert sending.result().transaction_hash == first.hashes[0]
    assert await bench.received() == 1


async def test_many_in_flight_are_all_mined(bench: Bench) -> None:
    sender = bench.sender(after=60)
    await bench.send(sender)
    await bench.node.set_automine(False)
    async with asyncio.TaskGroup() as group:
        sending = [group.create_task(bench.send(sender)) for _ in range(40)]
        while len(bench.journal._sent) < 41:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
        await bench.node.mine()
    assert await bench.received() == 41
    assert len({task.result().transaction_hash for task in sending}) == 40


async def _take_nonce(bench: Bench, nonce: int) -> str:
    """Send something else with this nonce, for a fee that outbids."""
    fields: dict[str, Any] = {
        "chainId": CHAIN_ID,
        "nonce": nonce,
        "gas": 30_000,
        "maxFeePerGas": 500 * GWEI,
        "maxPriorityFeePerGas": 400 * GWEI,
        "to": new_key().address,
        "value": 1,
    }
    signed = Account.sign_transaction(fields, bench.key.secret)
    return await bench.client.send_raw(bytes(signed.raw_transaction))


async def test_a_nonce_that_someone_else_used_is_told(bench: Bench) -> None:
    sender = bench.sender(after=60)
    await bench.send(sender)
    await bench.node.set_automine(False)
    async with asyncio.TaskGroup() as group:
        sending = group.create_task(_error_of(bench.send(sender)))
        while len(bench.journal._sent) < 2:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        await _take_nonce(bench, (await bench.sent()).nonce)
        await bench.node.mine()
    assert isinstance(sending.result(), NonceLostError)
    await bench.node.set_automine(True)
    await bench.send(sender)
    assert await bench.received() == 2


async def _error_of(sending: Awaitable[Mined]) -> ChainUnavailableError | None:
    try:
        await sending
    except ChainUnavailableError as error:
        return error
    return None


async def test_what_someone_else_sends_meanwhile_takes_no_nonce_of_ours(bench: Bench) -> None:
    sender = bench.sender()
    await bench.send(sender)
    await _take_nonce(bench, await bench.client.transaction_count(bench.key.address))
    await bench.send(sender)
    assert await bench.received() == 2


async def test_what_was_written_but_never_sent_is_sent_by_the_next(bench: Bench) -> None:
    nonce = await bench.client.transaction_count(bench.key.address)
    left = await _left_behind(bench, Call(bench.receiver, b"", 5, 30_000), nonce)
    await bench.send(bench.sender(after=60))
    await bench.node.mine()
    assert await bench.received() == 6
    assert await bench.client.receipt(left.hashes[0]) is not None


async def _left_behind(bench: Bench, call: Call, nonce: int) -> Sent:
    """Write what a process had written when it died."""
    genesis = await bench.client.find_block(0)
    assert genesis is not None
    sent = Sent(nonce, call, Fees(100 * GWEI, GWEI), (), 0.0, genesis.hash)
    signed = bench.sender()._outbox._offers._signed(sent)
    left = Sent(
        nonce,
        call,
        sent.fees,
        ("0x" + bytes(signed.hash).hex(),),
        bench.sender()._outbox.now(),
        genesis.hash,
    )
    bench.journal._sent[nonce] = left
    return left


async def test_a_call_that_a_dead_process_left_is_not_sent_twice(bench: Bench) -> None:
    registry = Deployment().did_registry
    data = (
        selector("revokeDelegate(address,bytes32,address)")
        + bytes(12)
        + bytes.fromhex(bench.key.address[2:])
        + bytes(32)
        + bytes(32)
    )
    sender = bench.sender(after=60)
    await bench.send(sender)
    count = await bench.client.transaction_count(bench.key.address)
    await bench.node.set_automine(False)
    left = await _left_behind(bench, Call(registry, data, 0, 100_000), count)
    async with asyncio.TaskGroup() as group:
        sending = group.create_task(sender.send(registry, data))
        while await bench.client.transaction(left.hashes[0]) is None:  # noqa: ASYNC110 - a node
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        await bench.node.mine()
    assert sending.result().transaction_hash == left.hashes[0]
    assert await bench.client.transaction_count(bench.key.address) == count + 1


async def test_a_chain_that_was_begun_anew_makes_what_was_sent_void(bench: Bench) -> None:
    call = Call(bench.receiver, b"", 5, 30_000)
    bench.journal._sent[7] = Sent(
        7, call, Fees(100 * GWEI, GWEI), ("0x" + "ab" * 32,), 1.0, "0xold"
    )
    await bench.send(bench.sender())
    assert await bench.received() == 1
    assert 7 not in bench.journal._sent


async def test_what_is_deep_in_the_chain_is_forgotten(bench: Bench) -> None:
    sender = bench.sender()
    await bench.send(sender)
    await bench.node.mine(8)
    await bench.send(sender)
    assert len(bench.journal._sent) == 1


async def test_a_node_that_dies_and_forgets_a_block_loses_no_payment(tmp_path: Any) -> None:
    node = DevNode(program=os.environ.get("ANVIL"), state_file=tmp_path / "chain.json")
    await node.start()
    client = node.client()
    bench = Bench(node, client, node.accounts[1])
    sender = bench.sender()
    while not (tmp_path / "chain.json").exists():  # noqa: ASYNC110 - anvil writes it each second
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    await bench.send(sender)
    await node.kill()
    await node.start()
    assert await bench.received() == 0
    await sender.tend()
    await node.mine()
    assert await bench.received() == 1
    await client.close()
    await node.stop()
