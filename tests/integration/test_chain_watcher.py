"""The watcher: each block once, over restarts and reorganisations; woken by the node."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from sdk.chain.accounts import new_key
from sdk.chain.client import ChainClient
from sdk.chain.dev_node import DevNode
from sdk.chain.heads import NewHeads
from sdk.chain.payouts import EXECUTION_SUCCESS
from sdk.chain.sender import Sender
from sdk.chain.watcher import Watcher

NewPurse = Callable[..., Any]


class Shelf:
    """Keeps a cursor in memory."""

    def __init__(self) -> None:
        self.cursor: str | None = None

    async def load(self) -> str | None:
        return self.cursor

    async def save(self, cursor: str) -> None:
        self.cursor = cursor


def _watcher(
    client: ChainClient, shelf: Shelf, wallet: str, confirmations: int = 0, start: int | None = None
) -> Watcher:
    return Watcher(
        client,
        NewHeads([]),
        shelf,
        lambda: ([wallet], [EXECUTION_SUCCESS]),
        confirmations=confirmations,
        start=start,
    )


@asynccontextmanager
async def _listening(node: DevNode, interval: float) -> AsyncIterator[NewHeads]:
    heads = NewHeads([node.http_url, node.ws_url], interval=interval)
    async with asyncio.TaskGroup() as group:
        run = group.create_task(heads.run())
        async with asyncio.timeout(5):
            await heads.wait(0)
        await asyncio.sleep(0.05)
        yield heads
        run.cancel()


async def _paid(purse: NewPurse, amount: int = 10) -> Any:
    p = purse()
    await p.deposit(100)
    return p, await p.execute(p.channel.voucher(amount))


async def test_a_payout_is_seen_once(purse: NewPurse, chain: ChainClient) -> None:
    p = purse()
    await p.deposit(100)
    watcher = _watcher(chain, Shelf(), p.channel.address)
    first = await watcher.step()
    assert first is not None
    assert first.logs == ()
    await watcher.commit()
    paid = await p.execute(p.channel.voucher(10))
    batch = await watcher.step()
    assert batch is not None
    assert [log["topics"][1] for log in batch.logs] == [paid.safe_tx_hash]
    assert (batch.head, batch.rolled_back_to) == (paid.block_number, None)
    await watcher.commit()
    assert await watcher.step() is None


async def test_what_was_not_committed_is_given_again(purse: NewPurse, chain: ChainClient) -> None:
    start = (await chain.block()).number
    p, paid = await _paid(purse)
    shelf = Shelf()
    watcher = _watcher(chain, shelf, p.channel.address, start=start)
    first = await watcher.step()
    assert first is not None
    assert len(first.logs) == 1
    assert await watcher.step() == first
    again = await _watcher(chain, shelf, p.channel.address, start=start).step()
    assert again == first
    await watcher.commit()
    assert await _watcher(chain, shelf, p.channel.address).step() is None
    assert first.head >= paid.block_number


async def test_a_watcher_that_was_away_reads_what_it_missed(
    purse: NewPurse, chain: ChainClient, chain_node: DevNode
) -> None:
    p = purse()
    await p.deposit(100)
    shelf = Shelf()
    before = _watcher(chain, shelf, p.channel.address)
    await before.step()
    await before.commit()
    paid = await p.execute(p.channel.voucher(10))
    await chain_node.mine(1001)
    batch = await _watcher(chain, shelf, p.channel.address).step()
    assert batch is not None
    assert [log["topics"][1] for log in batch.logs] == [paid.safe_tx_hash]


async def test_a_payout_counts_when_it_is_deep_enough(
    purse: NewPurse, chain: ChainClient, chain_node: DevNode
) -> None:
    p = purse()
    await p.deposit(100)
    watcher = _watcher(chain, Shelf(), p.channel.address, confirmations=2)
    await watcher.step()
    await watcher.commit()
    paid = await p.execute(p.channel.voucher(10))
    seen = await watcher.step()
    assert seen is None or seen.logs == ()
    await watcher.commit()
    await chain_node.mine(2)
    batch = await watcher.step()
    assert batch is not None
    assert batch.head == paid.block_number
    assert len(batch.logs) == 1


async def test_a_chain_shorter_than_the_confirmations_has_no_news(chain: ChainClient) -> None:
    watcher = _watcher(chain, Shelf(), new_key().address, confirmations=10**6)
    assert await watcher.step() is None


async def test_a_reorganisation_takes_back_what_was_told(
    purse: NewPurse, chain: ChainClient, chain_node: DevNode
) -> None:
    p = purse()
    await p.deposit(100)
    shelf = Shelf()
    watcher = _watcher(chain, shelf, p.channel.address)
    await watcher.step()
    await watcher.commit()
    kept = (await chain.block()).number
    paid = await p.execute(p.channel.voucher(10))
    told = await watcher.step()
    assert told is not None
    assert len(told.logs) == 1
    await watcher.commit()

    await chain_node.reorganise(1)
    assert await chain.code(p.channel.address) == b""
    back = await watcher.step()
    assert back is not None
    assert (back.rolled_back_to, back.logs) == (kept, ())
    await watcher.commit()

    again = await p.execute(p.channel.voucher(10))
    assert again.block_number >= paid.block_number
    batch = await watcher.step()
    assert batch is not None
    assert (batch.rolled_back_to, len(batch.logs)) == (None, 1)


async def test_a_reorganisation_while_nobody_watched_is_noticed(
    purse: NewPurse, chain: ChainClient, chain_node: DevNode
) -> None:
    p = purse()
    await p.deposit(100)
    shelf = Shelf()
    watcher = _watcher(chain, shelf, p.channel.address)
    for amount in (1, 2, 3):  # empty blocks would come back with the same hashes
        await p.deposit(amount)
        await watcher.step()
        await watcher.commit()
    deep = (await chain.block()).number
    await chain_node.reorganise(2)
    back = await _watcher(chain, shelf, p.channel.address).step()
    assert back is not None
    assert back.rolled_back_to == deep - 2


async def test_the_node_wakes_who_waits(chain_node: DevNode, gas: Sender) -> None:
    async with _listening(chain_node, interval=30) as heads:
        async with asyncio.timeout(5):
            async with asyncio.TaskGroup() as group:
                waits = [group.create_task(heads.wait()) for _ in range(3)]
                await asyncio.sleep(0.02)
                await gas.send(new_key().address, b"", value=1)
        assert all(wait.done() for wait in waits)


async def test_a_block_between_looking_and_waiting_is_not_slept_over(
    chain_node: DevNode,
) -> None:
    async with _listening(chain_node, interval=30) as heads:
        count = heads.count
        async with asyncio.timeout(5), asyncio.TaskGroup() as group:
            group.create_task(heads.wait())
            await asyncio.sleep(0)
            await chain_node.mine()
        async with asyncio.timeout(5):
            await heads.wait(count)


async def test_without_a_websocket_the_interval_wakes() -> None:
    heads = NewHeads(["http://127.0.0.1:9"], interval=0.05)
    started = time.monotonic()
    await heads.wait()
    assert time.monotonic() - started >= 0.04


async def test_batches_come_as_blocks_do(
    purse: NewPurse, chain: ChainClient, chain_node: DevNode
) -> None:
    p = purse()
    await p.deposit(100)
    shelf = Shelf()
    async with _listening(chain_node, interval=30) as heads, asyncio.timeout(10):
        watcher = Watcher(chain, heads, shelf, lambda: ([p.channel.address], []))
        batches = watcher.batches()
        await anext(batches)
        paid = await p.execute(p.channel.voucher(10))
        hashes = set()
        while paid.transaction_hash not in hashes:
            batch = await anext(batches)
            hashes |= {log["transactionHash"] for log in batch.logs}
        await batches.aclose()
    assert shelf.cursor is not None


@pytest.mark.parametrize("first", ["away", "wrong"])
async def test_the_listener_tries_the_next_websocket(chain_node: DevNode, first: str) -> None:
    bad = {"away": "ws://127.0.0.1:9", "wrong": "ws://127.0.0.1:9/\x7f"}[first]
    heads = NewHeads([bad, chain_node.ws_url], interval=30)
    async with asyncio.TaskGroup() as group, asyncio.timeout(5):
        run = group.create_task(heads.run())
        await heads.wait(0)
        run.cancel()
    assert heads.count > 0
