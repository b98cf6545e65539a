"""The Session Manager sells only on a chain that has the contracts, and tells how it stands."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from sdk.chain.accounts import SigningKey, new_key
from sdk.chain.addresses import Deployment
from sdk.chain.client import ChainClient
from sdk.chain.dev_node import CHAIN_ID, DevNode
from sdk.chain.heads import NewHeads
from sdk.chain.sender import Sender
from session_manager.chain_watch import SETTLEMENT_GAS, ChainHealth, ChainWatch

NOWHERE = "0x" + "9" * 40
NOBODY = "http://127.0.0.1:9"


@dataclass
class Ear:
    """What was logged and told."""

    lines: list[tuple[str, str]] = field(default_factory=list)
    told: list[ChainHealth] = field(default_factory=list)

    def _line(self, level: str) -> Callable[..., None]:
        def log(text: str, *parts: Any) -> None:
            self.lines.append((level, text % parts))

        return log

    def __getattr__(self, level: str) -> Callable[..., None]:
        return self._line(level)

    async def states(self, count: int) -> list[str]:
        """Wait until so many changes were told."""
        async with asyncio.timeout(15):
            while len(self.told) < count:  # noqa: ASYNC110 - a list tells nobody
                await asyncio.sleep(0.01)
        return [health.state for health in self.told]


@asynccontextmanager
async def _watched(
    client: ChainClient,
    deployment: Deployment | None = None,
    *,
    key: SigningKey | None = None,
    owed: Callable[[], int] = lambda: 0,
) -> AsyncIterator[tuple[ChainWatch, Ear]]:
    ear: Any = Ear()
    gas = Sender(client, key or new_key())
    watch = ChainWatch(client, gas, NewHeads([], 0.05), deployment or Deployment(), ear)
    watch.on_change(ear.told.append)
    watch.reserve_for(owed)
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(watch.run())
        await ear.states(1)
        yield watch, ear
        watching.cancel()


@pytest.fixture
async def node() -> AsyncIterator[DevNode]:
    async with DevNode(program=os.environ.get("ANVIL")) as started:
        yield started


async def test_the_chain_is_up_with_its_contracts(chain: ChainClient) -> None:
    async with _watched(chain) as (watch, ear):
        assert watch.up
        assert watch.gas_low
        assert watch.status.error is None
        assert watch.health == ear.told[0]
    assert (ear.told[0].state, ear.lines) == ("up", [])


async def test_a_chain_without_payout_counts_as_down(chain: ChainClient) -> None:
    async with _watched(chain, replace(Deployment(), payout=NOWHERE)) as (watch, ear):
        assert not watch.up
        assert watch.status.error == f"contracts: {NOWHERE} has no code"
        await asyncio.sleep(0.3)
    assert [health.state for health in ear.told] == ["down"]
    assert ear.lines == [("error", f"the chain can't be used now: {NOWHERE} has no code")]


async def test_each_change_is_logged_in_one_line(node: DevNode) -> None:
    client = ChainClient([node.http_url], CHAIN_ID, request_timeout=0.3)
    async with _watched(client) as (watch, ear):
        node.freeze()
        assert await ear.states(2) == ["up", "down"]
        assert not watch.up
        await asyncio.sleep(1)
        node.thaw()
        assert await ear.states(3) == ["up", "down", "up"]
        assert watch.up
    assert ear.lines == [
        ("error", "the chain can't be used now: the node does not answer in time"),
        ("info", f"the chain can be used again through {node.http_url}"),
    ]
    await client.close()


async def test_a_fallback_is_a_warning(node: DevNode) -> None:
    client = ChainClient([NOBODY, node.http_url], CHAIN_ID)
    async with _watched(client) as (watch, ear):
        assert watch.up
        await asyncio.sleep(0.3)
    assert [health.state for health in ear.told] == ["degraded"]
    ill = f"{NOBODY} is down (the node does not answer)"
    assert ear.lines == [("warning", f"the chain is used through {node.http_url}: {ill}")]
    await client.close()


async def test_a_node_that_turns_to_another_chain_is_told(node: DevNode) -> None:
    client = ChainClient([node.http_url], CHAIN_ID)
    other = ChainClient([node.http_url], CHAIN_ID)
    async with _watched(client) as (watch, ear):
        await other.rpc("anvil_setChainId", 5)
        assert await ear.states(2) == ["up", "down"]
        assert not watch.up
        await other.rpc("anvil_setChainId", CHAIN_ID)
        assert await ear.states(3) == ["up", "down", "up"]
    assert ear.lines[0] == (
        "error",
        "the chain can't be used now: the node is of chain 5, not 31337",
    )
    await client.close()
    await other.close()


async def _payouts_worth(client: ChainClient, count: int) -> int:
    """Give what so many payouts may cost at twice the present base fee."""
    return count * SETTLEMENT_GAS * 2 * (await client.block()).base_fee


@pytest.mark.parametrize("owed", [0, 1, 5])
@pytest.mark.parametrize(("missing", "low"), [(0, False), (1, True)])
async def test_gas_is_kept_for_each_wallet_in_use_and_three_more(
    node: DevNode,
    owed: int,
    missing: int,
    low: bool,  # noqa: FBT001 - the expectation
) -> None:
    client, key = node.client(), new_key()
    await node.fund(key.address, await _payouts_worth(client, owed + 3) - missing)
    async with _watched(client, key=key, owed=lambda: owed) as (watch, _):
        assert watch.gas_low is low
        assert watch.settlement_price == await _payouts_worth(client, 1)
    await client.close()


async def test_the_reserve_follows_the_wallets(
    node: DevNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("session_manager.chain_watch._GAS_EVERY_S", 0.05)
    client, key, wallets = node.client(), new_key(), 0
    await node.fund(key.address, await _payouts_worth(client, 4))
    async with _watched(client, key=key, owed=lambda: wallets) as (watch, _), asyncio.timeout(10):
        for wallets, low in ((1, False), (2, True), (1, False)):  # noqa: B007 - read by the watch
            while watch.gas_low is not low:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.3)
            assert watch.gas_low is low
    await client.close()
