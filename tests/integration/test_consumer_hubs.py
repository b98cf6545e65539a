"""A session over a hub that tries all it can, and the change to a direct way and back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from gate import Gate
from played_station import DEPOSIT, Listening, World, kinds, nothing, played, until
from prying_hub import PryingHub, prying_hub

from p2p_server.__main__ import serve
from p2p_server.settings import P2pServerSettings
from sdk.bus.redis_bus import RedisBus
from sdk.p2p import consumer_errors as errors
from sdk.p2p import consumer_events as happened
from sdk.p2p import redial
from sdk.p2p.addresses import ConsumerAddress
from sdk.p2p.keys import load_key

LATE_SECONDS = 0.1


@dataclass
class Reach:
    """A station, a hub that it is a member of, and a gate on its direct address."""

    world: World
    hub: PryingHub
    hub_id: str
    gate: Gate
    slow_port: int
    """Leads to the hub; what comes from there comes late."""

    def shown(self, *, direct: bool, over_hub: bool = True) -> None:
        """Have the station's document show these addresses."""
        registry = self.world.registry
        server = load_key(self.world.folder / "p2p.key").peer_id
        routes = {
            f"/ip4/127.0.0.1/tcp/{self.gate.port}/p2p/{server}": direct,
            f"/ip4/127.0.0.1/tcp/{self.slow_port}/p2p/{self.hub_id}"
            f"/p2p-circuit/p2p/{server}": over_hub,
        }
        shown = tuple(address for address, wanted in routes.items() if wanted)
        registry.description = replace(registry.description, multiaddrs=shown)


@pytest.fixture
async def reach(redis_bus: RedisBus, tmp_path: Path) -> AsyncIterator[Reach]:
    async with (
        prying_hub() as hub,
        slow_line(int(hub.address.split("/")[4])) as slow_port,
        played(redis_bus, tmp_path) as world,
        Gate() as gate,
    ):
        await world.stop_server()
        world.options = {"p2p_hubs": (hub.address,)}
        await world.start_server()
        gate.to = world.port
        yield Reach(world, hub, hub.address.rpartition("/")[2], gate, slow_port)


@asynccontextmanager
async def slow_line(to: int) -> AsyncIterator[int]:
    """Lead to a port of loopback; each piece that comes back takes LATE_SECONDS."""

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, late: float) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                await asyncio.sleep(late)
                writer.write(data)
        writer.close()

    async def lead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", to)
        async with asyncio.TaskGroup() as group:
            group.create_task(copy(reader, far_writer, 0))
            group.create_task(copy(far_reader, writer, LATE_SECONDS))

    server = await asyncio.start_server(lead, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def the_hub_leads_on(reach: Reach) -> None:
    """Wait until the station's server is a member of the hub."""
    reach.shown(direct=False)
    async with asyncio.timeout(10):
        while True:
            async with reach.world.consumer() as consumer:
                try:
                    await consumer.connect(reach.world.station.did)
                except errors.StationUnreachableError:
                    await asyncio.sleep(0.1)
                else:
                    return


async def finish(world: World, events: list[Any]) -> None:
    station = world.station
    await station.report("settling", 450)
    await station.propose()
    await until(station.approved.is_set)
    await station.deliver()
    await until(lambda: happened.ReceiptDelivered in kinds(events))


async def test_a_whole_session_over_a_hub_that_repeats_alters_and_makes_up(reach: Reach) -> None:
    await the_hub_leads_on(reach)
    world, station = reach.world, reach.world.station
    async with world.charging() as (consumer, events, _):
        assert consumer.hub == reach.hub_id
        await station.report("charging", 120)
        await until(lambda: station.vouchers == [12 * 10**16])
        await consumer.stop()
        await finish(world, events)
    assert station.peer_id is not None
    address = ConsumerAddress.parse(station.peer_id)
    assert address.hub == reach.hub_id
    assert address.reply_key is not None
    told = [event for event in events if isinstance(event, happened.StatusChanged)]
    assert [event.status.energy_wh for event in told if event.status.phase == "charging"] == [
        0,
        120,
    ]
    assert not {happened.ReadingDisputed, happened.ReceiptDisputed} & set(kinds(events))
    assert reach.hub.made_up > 0
    asked = {frame["body"]["type"] for frame in reach.hub.frames if "caused_by" not in frame}
    assert asked == {"IdentityChallenge", "Sealed"}


async def test_two_sessions_are_answered_to_keys_of_their_own(reach: Reach) -> None:
    await the_hub_leads_on(reach)
    world = reach.world
    for _ in range(2):
        async with world.consumer() as consumer:
            await consumer.connect(world.station.did)
            await consumer.quote(1, DEPOSIT)
    asked = [seen.peer_id for seen in world.station.seen if seen.type == "QuoteRequested"]
    found = {ConsumerAddress.parse(address or "").reply_key for address in asked}
    assert len(found) == 2


async def test_from_the_hub_to_a_direct_way_and_back_no_event_is_lost(
    reach: Reach, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redial, "FIRST_DIRECT_PAUSE", 0.3)
    await the_hub_leads_on(reach)
    world, station = reach.world, reach.world.station
    await reach.gate.shut()
    reach.shown(direct=True)
    async with world.charging() as (consumer, events, _):
        assert consumer.hub == reach.hub_id
        async with telling(world) as told:
            await until(lambda: len(told) > 20)
            await reach.gate.open()
            await until(lambda: consumer.hub is None, seconds=12)
            await until(lambda: happened.ConnectionRestored(None) in events)
            assert happened.ConnectionLost not in kinds(events)
            here = len(told)
            await until(lambda: len(told) > here + 20)
        await until(lambda: heard(events)[-1:] == told[-1:])
        assert [each for each in heard(events) if each] == sorted({*told, *heard(events)} - {0})
        assert happened.ReadingDisputed not in kinds(events)
        assert station.peer_id is not None
        assert ConsumerAddress.parse(station.peer_id).hub is None
        await reach.gate.shut()
        await until(lambda: happened.ConnectionRestored(reach.hub_id) in events)
        await station.report("charging", 400)
        await until(lambda: station.vouchers[-1:] == [4 * 10**17])
        await consumer.stop()
        await finish(world, events)


def heard(events: list[Any]) -> list[int]:
    """The energy of each charging status, in the order in which the app gave them."""
    told = [event.status for event in events if isinstance(event, happened.StatusChanged)]
    once = dict.fromkeys(status.energy_wh for status in told if status.phase == "charging")
    return list(once)


@asynccontextmanager
async def telling(world: World) -> AsyncIterator[list[int]]:
    """Tell a higher reading every few milliseconds meanwhile."""
    told: list[int] = []

    async def tell() -> None:
        while True:
            wh = len(told) + 1
            await world.station.report("charging", wh)
            told.append(wh)
            await asyncio.sleep(0.02)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(tell())
        yield told
        task.cancel()


async def test_a_direct_way_is_taken_where_there_is_one(reach: Reach) -> None:
    await the_hub_leads_on(reach)
    reach.shown(direct=True)
    async with reach.world.consumer() as consumer:
        await consumer.connect(reach.world.station.did)
        assert consumer.hub is None


async def test_an_honest_hub_leads_a_restarted_app_to_its_session(
    redis_bus: RedisBus, tmp_path: Path
) -> None:
    folder = tmp_path / "hub"
    folder.mkdir()
    context = Listening(redis_bus)
    settings = P2pServerSettings(data_dir=folder, p2p_port=0, p2p_ws_port=0, p2p_hub="open")
    async with asyncio.TaskGroup() as group, played(redis_bus, tmp_path) as world:
        hub = group.create_task(serve(settings, context))  # type: ignore[arg-type]
        address = await context.addresses.get()
        await world.stop_server()
        world.options = {"p2p_hubs": (address,)}
        await world.start_server()
        server = load_key(tmp_path / "p2p.key").peer_id
        description = replace(
            world.registry.description, multiaddrs=(f"{address}/p2p-circuit/p2p/{server}",)
        )
        world.registry.description = description
        await over_an_honest_hub(world, address.rpartition("/")[2])
        await world.stop_server()
        world.registry.description = description
        async with world.consumer() as consumer:
            with pytest.raises(errors.StationUnreachableError, match="unknown_server") as away:
                await consumer.connect(world.station.did)
            assert away.value.advice == "later"
        await world.start_server()
        context.stopping.set()
        await hub


async def over_an_honest_hub(world: World, hub_id: str) -> None:
    station = world.station
    state = None
    async with asyncio.timeout(15):
        while state is None:
            async with world.consumer() as consumer:
                try:
                    await consumer.connect(station.did)
                except errors.StationUnreachableError:
                    await asyncio.sleep(0.1)
                    continue
                await consumer.start(await consumer.quote(1, DEPOSIT), nothing)
                state = consumer.state
    async with world.consumer(state=state) as consumer:
        await consumer.resume()
        assert consumer.hub == hub_id
        await station.report("charging", 0)
        await station.report("charging", 200)
        await until(lambda: station.vouchers == [2 * 10**17])
