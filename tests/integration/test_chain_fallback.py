"""Several nodes of one chain, of which some are away, slow, behind, or of another chain."""

import asyncio
import os
import time
from collections.abc import AsyncIterator

import pytest

from sdk.chain.accounts import new_key
from sdk.chain.client import ChainClient
from sdk.chain.dev_node import CHAIN_ID, DevNode
from sdk.chain.errors import ChainUnavailableError
from sdk.chain.nodes import NodeStatus
from sdk.chain.sender import Sender

NOBODY = "http://127.0.0.1:9"


@pytest.fixture
async def first() -> AsyncIterator[DevNode]:
    async with DevNode(program=os.environ.get("ANVIL")) as node:
        yield node


@pytest.fixture
async def second() -> AsyncIterator[DevNode]:
    async with DevNode(program=os.environ.get("ANVIL")) as node:
        yield node


def _states(client: ChainClient) -> list[str]:
    return [node.state for node in client.nodes]


async def test_a_slow_node_costs_one_timeout_and_comes_back(
    first: DevNode, second: DevNode
) -> None:
    client = ChainClient([first.http_url, second.http_url], CHAIN_ID, request_timeout=0.5)
    told: list[NodeStatus] = []
    client.listen(told.append)
    await client.block()
    assert client.status.url == first.http_url
    first.freeze()
    started = time.monotonic()
    await client.block()
    assert 0.4 < time.monotonic() - started < 1.5
    started = time.monotonic()
    for _ in range(10):
        await client.balance(new_key().address)
    assert time.monotonic() - started < 0.4
    assert _states(client) == ["slow", "up"]
    assert (client.status.url, client.status.connected) == (second.http_url, True)
    first.thaw()
    await client.probe()
    await client.balance(new_key().address)
    assert client.status.url == first.http_url
    assert [(node.url, node.state) for node in told] == [
        (first.http_url, "up"),
        (first.http_url, "slow"),
        (second.http_url, "up"),
        (first.http_url, "up"),
    ]
    await client.close()


async def test_a_node_that_was_killed_is_used_again(first: DevNode, second: DevNode) -> None:
    client = ChainClient([first.http_url, second.http_url], CHAIN_ID)
    await client.block()
    await first.kill()
    await client.block()
    assert _states(client) == ["down", "up"]
    await first.start()
    await client.probe()
    assert _states(client) == ["up", "up"]
    await client.close()


async def test_a_frozen_node_alone_is_told_in_time(first: DevNode) -> None:
    client = ChainClient([first.http_url], CHAIN_ID, request_timeout=0.2)
    await client.block()
    first.freeze()
    with pytest.raises(ChainUnavailableError, match="in time"):
        await client.block()
    assert (client.status.state, client.status.connected) == ("slow", False)
    first.thaw()
    await client.block()
    assert (client.status.state, client.status.connected) == ("up", True)
    await client.close()


async def test_a_node_of_another_chain_is_passed_over(first: DevNode, second: DevNode) -> None:
    client = ChainClient([first.http_url, second.http_url], CHAIN_ID)
    other = ChainClient([first.http_url], CHAIN_ID)
    await client.block()
    await other.rpc("anvil_setChainId", 5)
    await client.probe()
    assert _states(client) == ["wrong_chain", "up"]
    assert client.nodes[0].error == "the node is of chain 5, not 31337"
    await client.block()
    assert client.status.url == second.http_url
    await other.rpc("anvil_setChainId", CHAIN_ID)
    await client.probe()
    assert _states(client) == ["up", "up"]
    await client.close()
    await other.close()


async def test_a_node_that_falls_behind_is_not_believed(first: DevNode, second: DevNode) -> None:
    client = ChainClient([first.http_url, second.http_url, NOBODY], CHAIN_ID)
    await client.probe()
    assert _states(client) == ["up", "up", "down"]
    await second.mine(10)
    await client.probe()
    assert _states(client) == ["behind", "up", "down"]
    assert client.nodes[0].error == "is 10 blocks behind"
    head = (await client.block()).number
    assert client.status.url == second.http_url
    await first.mine(7)
    await client.probe()
    assert _states(client)[0] == "up"
    assert (await client.block()).number == head - 3
    await second.kill()
    await first.reorganise(1)
    assert (await client.block()).number == head - 3
    await client.close()


async def test_a_transaction_goes_through_another_node(first: DevNode) -> None:
    client = ChainClient([NOBODY, first.http_url], CHAIN_ID)
    receiver = new_key().address
    await Sender(client, first.accounts[2]).send(receiver, b"", value=3)
    assert await client.balance(receiver) == 3
    await client.close()


async def test_many_calls_at_once_need_one_timeout(first: DevNode, second: DevNode) -> None:
    client = ChainClient([first.http_url, second.http_url], CHAIN_ID, request_timeout=0.5)
    first.freeze()
    started = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(client.block())
    assert time.monotonic() - started < 1.5
    first.thaw()
    await client.close()
