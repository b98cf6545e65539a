"""Who may speak with whom: each a whole session or several, settled on the chain."""

import asyncio
import json

import pytest
from gate import Gate
from machine import TOKEN, World, providing
from own_app import own_app
from prying_hub import prying_hub
from stranger import stranger
from topology import SLOWLY, add_up, begin, charge, check, end, hub, ready

from sdk.p2p.consumer_events import ConnectionRestored, ReadingDisputed

pytestmark = pytest.mark.asyncio(loop_scope="session")

DRIVERS = 4


async def test_one_consumer_and_one_provider(world: World) -> None:
    station = await world.station()
    await ready(world, station)
    await add_up(world, station, [await charge(world, station)])


async def test_many_consumers(world: World) -> None:
    """They charge at the same time, and each gets what is its own and nothing else."""
    station = await world.station(connectors=DRIVERS)
    await ready(world, station, connectors=DRIVERS)
    async with asyncio.TaskGroup() as group:
        sessions = [group.create_task(charge(world, station, n + 1)) for n in range(DRIVERS)]
    receipts = [session.result() for session in sessions]
    assert len({receipt.refund_account for receipt in receipts}) == DRIVERS
    for receipt in receipts:
        assert await world.client.balance(receipt.refund_account) == receipt.refund
    await add_up(world, station, receipts)


async def test_many_providers_on_one_p2p_server(world: World) -> None:
    """One server speaks for all, and nobody is paid for another."""
    stations = [await world.station() for _ in range(DRIVERS)]
    await ready(world, *stations)
    async with asyncio.TaskGroup() as group:
        sessions = [group.create_task(charge(world, station)) for station in stations]
    for station, session in zip(stations, sessions, strict=True):
        await add_up(world, station, [session.result()])


async def test_a_party_that_is_both(world: World) -> None:
    """It sells at its own station with the account that pays for its car at another."""
    mine, other = await world.station(), await world.station()
    await ready(world, mine, other)
    await world.node.fund(mine.key.address, 10 * TOKEN)
    async with asyncio.TaskGroup() as group:
        selling = group.create_task(charge(world, mine))
        buying = group.create_task(charge(world, other, payer=mine.key))
    sold, bought = selling.result(), buying.result()
    await check(world, mine, [sold])
    await add_up(world, other, [bought])
    assert bought.refund_account == sold.provider == mine.address
    held = await world.client.balance(mine.address)
    gas = 10 * TOKEN + sold.spent - bought.spent - held
    assert 0 < gas < TOKEN // 100


async def test_several_p2p_servers_with_a_redis_each(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A driver charges at both; a server speaks for its own stations only."""
    folder = tmp_path_factory.mktemp("other-provider")
    async with providing(folder, world.node, world.authority) as elsewhere:
        here, there = await world.station(), await elsewhere.station()
        await ready(world, here)
        await ready(elsewhere, there)
        async with asyncio.TaskGroup() as group:
            sessions = [
                group.create_task(charge(world, here)),
                group.create_task(charge(elsewhere, there)),
            ]
        await add_up(world, here, [sessions[0].result()])
        await add_up(elsewhere, there, [sessions[1].result()])
        async with stranger(world.launcher.urls["p2p_server"], there) as peer:
            answer = await peer.ask(
                {"type": "IdentityChallenge", "did": there.did, "nonce": "0x" + "7" * 64}
            )
        assert (answer["type"], answer["reason"]) == ("RequestRefused", "unknown_station")


async def test_all_through_a_hub_that_pries(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """It keeps, repeats, alters and makes up what it can; it learns nothing and changes nothing."""
    folder = tmp_path_factory.mktemp("behind-a-hub")
    async with prying_hub() as pry:
        hidden = {"P2P_ANNOUNCE": "none", "P2P_HUBS": pry.address}
        async with providing(folder, world.node, world.authority, **hidden) as behind:
            stations = [await behind.station() for _ in range(2)]
            await ready(behind, *stations)
            async with asyncio.TaskGroup() as group:
                sessions = [group.create_task(charge(behind, station)) for station in stations]
            receipts = [session.result() for session in sessions]
            for station, receipt in zip(stations, receipts, strict=True):
                await add_up(behind, station, [receipt])
    assert pry.made_up > len(pry.frames) / 2
    clear = [frame["body"] for frame in pry.frames if frame["body"]["type"] != "Sealed"]
    challenges = {"IdentityChallenge", "IdentityResponse"}
    # What it altered is refused in clear, as nobody can be told who asked.
    refused = {body["reason"] for body in clear if body["type"] == "RequestRefused"}
    assert refused == {"bad_payload"}
    assert {body["type"] for body in clear} == {*challenges, "RequestRefused"}
    kept = json.dumps(pry.frames).lower()
    for receipt in receipts:
        for secret in (receipt.session_id, receipt.wallet, receipt.refund_account):
            assert secret.lower() not in kept


async def test_hub_and_direct_mixed(world: World, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The direct way is taken while it is there, the hub while it is not; the session goes on."""
    folder = tmp_path_factory.mktemp("both-ways")
    async with Gate() as gate, hub(tmp_path_factory.mktemp("hub")) as relay:
        both = {"P2P_ANNOUNCE": f"/ip4/127.0.0.1/tcp/{gate.port}", "P2P_HUBS": relay}
        async with providing(folder, world.node, world.authority, **both) as provider:
            gate.to = int(provider.launcher.urls["p2p_server"].split("/")[4])
            station = await provider.station()
            await ready(provider, station, more=SLOWLY)
            async with own_app(provider, station) as app:
                assert app.consumer.hub is None
                await begin(app)
                await app.charging(100)
                await gate.shut()
                over = await app.until(ConnectionRestored)
                assert over.over == relay.rpartition("/")[2]
                await app.charging(200)
                await gate.open()
                again = await app.until(ConnectionRestored)
                assert again.over is None
                receipt = await end(app)
            await add_up(provider, station, [receipt])
    assert not [event for event in app.events if isinstance(event, ReadingDisputed)]
