"""Sends that are cut off while they take their turn: what they leave behind."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from sdk.chain.accounts import new_key
from sdk.chain.client import ChainClient
from sdk.chain.dev_node import DevNode
from sdk.chain.journal import MemoryJournal, Turn
from sdk.chain.sender import Mined, Sender

DATA = b"a payout"


class SlowJournal(MemoryJournal):
    """One that takes its time to take a turn back, as one in Redis may."""

    def __init__(self) -> None:
        super().__init__()
        self.returning = asyncio.Event()
        self.returned = asyncio.Event()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Turn]:
        async with super().turn() as turn:
            try:
                yield turn
            finally:
                if turn.sent:
                    self.returning.set()
                    await self.returned.wait()


@dataclass
class Till:
    """A chain that mines when it is told to, and a sender."""

    node: DevNode
    client: ChainClient
    sender: Sender
    journal: SlowJournal
    receiver: str = field(default_factory=lambda: new_key().address)

    async def send(self) -> Mined:
        return await self.sender.send(self.receiver, DATA)


@pytest.fixture
async def till() -> AsyncIterator[Till]:
    async with DevNode(program=os.environ.get("ANVIL")) as node:
        client, journal = node.client(), SlowJournal()
        await node.set_automine(False)
        yield Till(node, client, Sender(client, node.accounts[1], 15, journal=journal), journal)
        await client.close()


async def _cut_off(till: Till) -> None:
    """Let a send end while it gives its turn back."""
    async with asyncio.timeout(15), asyncio.TaskGroup() as group:
        sending = group.create_task(till.send())
        await till.journal.returning.wait()
        sending.cancel()
    assert sending.cancelled()
    till.journal.returned.set()


async def test_nobody_waits_for_what_was_cut_off_while_the_turn_was_given_back(till: Till) -> None:
    await _cut_off(till)
    assert till.sender._outbox.waited == set()


async def test_what_was_cut_off_is_forgotten_once_it_is_deep_in_the_chain(till: Till) -> None:
    await _cut_off(till)
    assert list(till.journal._sent) == [0]
    await till.node.mine(10)
    await till.sender.tend()
    assert till.journal._sent == {}
    assert await till.client.transaction_count(till.sender.address) == 1


async def test_one_that_waits_for_its_turn_is_cut_off_without_a_trace(till: Till) -> None:
    async with asyncio.timeout(15), asyncio.TaskGroup() as group:
        first = group.create_task(till.send())
        await till.journal.returning.wait()
        second = group.create_task(till.send())
        await asyncio.sleep(0.2)
        second.cancel()
        await asyncio.wait({second})
        assert till.sender._outbox.waited == {0}
        till.journal.returned.set()
        while not first.done():
            await till.node.mine()
            await asyncio.sleep(0.05)
    assert list(till.journal._sent) == [0]
    assert till.sender._outbox.waited == set()
