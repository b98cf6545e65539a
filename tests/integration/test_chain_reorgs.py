"""Blocks that are no longer part of the chain, on a chain of their own."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sdk.chain.client import ChainClient
from sdk.chain.dev_node import CHAIN_ID, DevNode
from sdk.chain.errors import ChainUnavailableError
from sdk.chain.heads import NewHeads
from sdk.chain.reorgs import Reorganisations


class _CountingClient(ChainClient):
    asked = 0

    async def ask(self, read, method, *params):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN002, ANN202
        self.asked += 1
        return await super().ask(read, method, *params)


@dataclass
class Watch:
    """A chain that is followed, and what was told of it; time moves by `now`."""

    node: DevNode
    client: _CountingClient
    now: float = 0.0
    told: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        heads = NewHeads([self.node.ws_url], 0.2)
        self.heads = heads
        self.reorgs = Reorganisations(self.client, heads, lag=3, now=lambda: self.now)
        self.reorgs.subscribe(self.told.append)

    async def grow(self, blocks: int) -> int:
        for _ in range(blocks):
            await self.node.mine()
            await self.reorgs.step()
        return (await self.client.block()).number


@pytest.fixture
async def watch(tmp_path: Path) -> AsyncIterator[Watch]:
    anvil = os.environ.get("ANVIL")
    async with DevNode(program=anvil, state_file=tmp_path / "chain.json") as node:
        client = _CountingClient([node.http_url], CHAIN_ID)
        yield Watch(node, client)
        await client.close()


async def test_a_chain_that_only_grows_costs_one_block_a_head(watch: Watch) -> None:
    assert watch.reorgs.newest is None
    head = await watch.grow(2)
    watch.client.asked = 0
    await watch.node.mine()
    await watch.reorgs.step()
    await watch.reorgs.step()
    assert watch.client.asked == 2
    newest = await watch.client.block()
    assert watch.reorgs.newest == newest
    assert newest.number == head + 1
    assert newest.timestamp > 0
    assert watch.told == []


async def test_the_newest_blocks_time_is_the_chains_own(watch: Watch) -> None:
    await watch.grow(1)
    assert watch.reorgs.newest is not None
    before = watch.reorgs.newest.timestamp
    await watch.node.increase_time(86_400)
    await watch.reorgs.step()
    assert watch.reorgs.newest.timestamp >= before + 86_400


async def test_blocks_that_were_not_looked_at_are_no_reorganisation(watch: Watch) -> None:
    await watch.grow(2)
    await watch.node.mine(7)
    assert await watch.reorgs.step() is None
    await watch.node.mine()
    assert await watch.reorgs.step() is None


@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize("more", [0, 1, 4])
async def test_the_first_block_that_changed_is_told(watch: Watch, depth: int, more: int) -> None:
    head = await watch.grow(5)
    await watch.node.reorganise(depth)
    if more:
        await watch.node.mine(more)
    await watch.reorgs.step()
    assert watch.told == [head - depth + 1]
    await watch.grow(2)
    assert len(watch.told) == 1
    await watch.node.reorganise(1)
    await watch.reorgs.step()
    assert watch.told[1:] == [head + more + 2]


async def test_deeper_than_is_remembered_all_that_is_remembered_is_void(watch: Watch) -> None:
    head = await watch.grow(2)
    await watch.node.reorganise(3)
    assert await watch.reorgs.step() == head - 1


async def test_after_a_gap_more_is_told_rather_than_less(watch: Watch) -> None:
    head = await watch.grow(2)
    await watch.node.mine(4)
    await watch.reorgs.step()
    await watch.node.reorganise(2)
    assert await watch.reorgs.step() == head + 1


async def test_a_shorter_chain_is_told_once_it_stays_so(watch: Watch) -> None:
    await watch.grow(1)
    assert watch.node.state_file is not None
    while not watch.node.state_file.exists():  # noqa: ASYNC110 - anvil writes it each second
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    kept = (await watch.client.block()).number
    await watch.grow(3)
    await watch.node.kill()
    with pytest.raises(ChainUnavailableError):
        await watch.reorgs.step()
    await watch.node.start()
    assert (await watch.client.block()).number == kept
    assert await watch.reorgs.step() is None
    watch.now += 2.9
    assert await watch.reorgs.step() is None
    watch.now += 0.1
    assert await watch.reorgs.step() == kept + 1
    assert await watch.reorgs.step() is None
    await watch.grow(5)
    assert watch.told == [kept + 1]


async def test_a_node_that_lags_for_a_moment_is_no_reorganisation(watch: Watch) -> None:
    await watch.grow(2)
    ahead = await watch.grow(3)
    hashes = [(await watch.client.block(ahead - n)).hash for n in (2, 1, 0)]
    await watch.client.rpc("anvil_rollback", 2)
    assert (await watch.client.block()).hash == hashes[0]
    for _ in range(3):
        assert await watch.reorgs.step() is None
        watch.now += 0.9
    await watch.node.mine()
    assert await watch.reorgs.step() == ahead - 1


async def test_it_follows_by_itself(watch: Watch) -> None:
    stopped: list[int] = []
    stop = watch.reorgs.subscribe(stopped.append)
    stop()
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        running = [group.create_task(watch.heads.run()), group.create_task(watch.reorgs.run())]
        await asyncio.sleep(0.3)
        await watch.node.mine()
        await asyncio.sleep(0.3)
        head = (await watch.client.block()).number
        assert watch.reorgs.newest is not None
        assert watch.reorgs.newest.number == head
        await watch.node.reorganise(1)
        while not watch.told:  # noqa: ASYNC110 - a list tells nobody
            await asyncio.sleep(0.01)
        for task in running:
            task.cancel()
    assert watch.told == [head]
    assert stopped == []
