"""How the chain stands, over the API, and connecting to it again."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from api_answers import promised, refused
from api_world import api_world
from identity_world import SERVER, IdentityWorld, identity_world

from sdk.bus.redis_bus import RedisBus
from sdk.bus.sent_journal import SentJournal
from sdk.chain.dev_node import CHAIN_ID, DevNode
from sdk.chain.sender import Sender


@pytest.fixture
async def world(
    redis_bus: RedisBus, redis_url: str, chain_node: DevNode
) -> AsyncIterator[IdentityWorld]:
    del redis_bus  # it has emptied the server
    async with identity_world(redis_url, chain_node) as world:
        yield world


async def test_how_the_chain_stands(world: IdentityWorld, chain_node: DevNode) -> None:
    chain = promised("get_chain", await world.api.get("/chain", role="viewer"))
    assert (chain["server"], chain["chain_id"], chain["state"]) == (SERVER, CHAIN_ID, "unknown")
    assert chain["block"]["number"] == (await world.client.block()).number
    assert chain["gas"]["address"] == chain_node.accounts[0].address
    assert int(chain["gas"]["balance"]) > 0
    assert (chain["pending"], chain["pending_error"]) == ([], None)
    assert chain["node"]["url"] == chain_node.http_url


async def test_what_is_on_its_way_is_shown(world: IdentityWorld, chain_node: DevNode) -> None:
    key = chain_node.accounts[0]
    sender = Sender(world.client, key, journal=SentJournal(world.api.bus, CHAIN_ID, key.address))
    await world.client.rpc("evm_setAutomine", False)
    async with asyncio.TaskGroup() as group:
        sending = group.create_task(sender.send(key.address, b"", value=1))
        async with asyncio.timeout(8):
            while not (found := (await world.api.get("/chain")).json["pending"]):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await world.client.rpc("evm_setAutomine", True)
        await chain_node.mine()
    (waiting,) = found
    assert (waiting["purpose"], waiting["waits_for"]) == ("transfer", "block")
    assert waiting["hash"] == sending.result().transaction_hash
    assert (await world.api.get("/chain")).json["pending"][0]["waits_for"] == "confirmations"


async def test_connecting_again_is_for_operators(world: IdentityWorld) -> None:
    refused(await world.api.call("POST", "/chain/reconnect", role="viewer"), 403)
    told = await world.api.call("POST", "/chain/reconnect", role="operator")
    told = promised("reconnect_chain", told)
    assert (told["server"], told["outcome"], told["chain_id"]) == (SERVER, "reconnected", CHAIN_ID)
    noted = (await world.api.get("/audit?action=reconnect_chain")).json["items"][0]
    assert (noted["outcome"], noted["who"]["name"]) == ("reconnected", "operator")


async def test_a_process_without_a_chain_says_so(redis_bus: RedisBus, redis_url: str) -> None:
    del redis_bus
    async with api_world(redis_url) as api:
        for path in ("/chain", "/settings"):
            refused(await api.get(path), 503)
