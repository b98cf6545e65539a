"""A P2P server that announces its stations, from what services wrote into a real Redis."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from announced import AnnouncedStation

from p2p_server.announcing import Announcing, Pace
from sdk.bus import keys
from sdk.bus.interface import BusUnavailableError
from sdk.bus.redis_bus import RedisBus
from sdk.charge_point_config import ChargePointConfig
from sdk.ids import utc_now
from sdk.p2p.announcement import StationAnnouncement, read_announcement
from sdk.p2p.announcement_table import AnnouncementTable
from sdk.p2p.gossip_limits import stations_topic
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import P2pKey
from sdk.p2p.node import NodeSettings
from sdk.register import Register

LISTEN = ("/ip4/127.0.0.1/tcp/0",)
QUICK = Pace(poll=0.05)


async def onboard(
    bus: RedisBus, server: P2pKey, point: str = "CP-1", **changes: Any
) -> AnnouncedStation:
    """Write what the command line, the gateway and the Session Manager would."""
    station = AnnouncedStation(server=server)
    config = ChargePointConfig(
        charge_point_id=point, did=station.did, tariff=station.tariff, name=station.name, **changes
    )
    await Register(bus).add(config)
    document = json.dumps({"verificationMethod": [{"publicKeyHex": server.ed25519}]})
    await bus.write(keys.identity(point), {"state": "published", "document": document})
    await bus.write(keys.state(point), {"connected": "1"})
    await bus.write(keys.connector(point, 1), {"status": "Available"})
    return station


class Interrupted(RedisBus):
    """A bus whose reads fail while it is `away`."""

    away = False

    async def read_many(self, keys: Sequence[str]) -> list[dict[str, str]]:
        if self.away:
            raise BusUnavailableError("away")
        return await super().read_many(keys)


class Listener:
    """Another peer: what it hears."""

    def __init__(self, host: P2pHost) -> None:
        self.host = host

    async def next(self, seconds: float = 10) -> StationAnnouncement:
        async with asyncio.timeout(seconds):
            return read_announcement((await self.host.heard()).data, utc_now())

    async def silent(self, seconds: float) -> bool:
        try:
            await self.next(seconds)
        except TimeoutError:
            return True
        return False


@asynccontextmanager
async def announcing(
    bus: RedisBus, key: P2pKey, table: AnnouncementTable, pace: Pace = QUICK
) -> AsyncIterator[Listener]:
    topics = stations_topic(utc_now)
    async with (
        P2pHost(NodeSettings(key, LISTEN), topics=topics) as server,
        P2pHost(NodeSettings(P2pKey.generate()), topics=topics) as app,
        asyncio.TaskGroup() as group,
    ):
        await app.connect(server.addresses[0])
        await asyncio.sleep(1.5)
        own = Announcing(bus, server, key, server.addresses, table, clock=utc_now, pace=pace)
        task = group.create_task(own.run())
        yield Listener(app)
        task.cancel()


async def test_a_station_is_announced_at_once_and_at_each_change(redis_bus: RedisBus) -> None:
    key, table = P2pKey.generate(), AnnouncementTable()
    station = await onboard(redis_bus, key)
    async with announcing(redis_bus, key, table) as listener:
        first = await listener.next()
        assert (first.did, first.charge_point_id) == (station.did, "CP-1")
        assert first.connectors[0].availability == "free"
        assert await listener.silent(0.5)
        await redis_bus.write(keys.session("CP-1", 1), {"phase": "charging", "state": "secret"})
        second = await listener.next()
        assert second.connectors[0].availability == "busy"
        assert second.at > first.at
        await Register(redis_bus).set("CP-1", name="Renamed")
        assert (await listener.next()).name == "Renamed"
    assert [it.announcement.name for it in table.holding(utc_now())] == ["Renamed"]


async def test_it_is_announced_again_before_it_expires(redis_bus: RedisBus) -> None:
    key = P2pKey.generate()
    await onboard(redis_bus, key)
    pace = Pace(poll=0.05, renew=0.5)
    async with announcing(redis_bus, key, AnnouncementTable(), pace) as listener:
        first = await listener.next()
        second = await listener.next()
    assert first.at < second.at < first.expires_at


async def test_only_onboarded_stations_of_this_server_are_announced(redis_bus: RedisBus) -> None:
    key, table = P2pKey.generate(), AnnouncementTable()
    await onboard(redis_bus, key, "MINE")
    await onboard(redis_bus, P2pKey.generate(), "OTHERS")
    await onboard(redis_bus, key, "LATER")
    await redis_bus.write(keys.identity("LATER"), {"state": "not_onboarded"})
    async with announcing(redis_bus, key, table) as listener:
        assert (await listener.next()).charge_point_id == "MINE"
        assert await listener.silent(0.5)
        await redis_bus.write(keys.identity("LATER"), {"state": "published"})
        assert (await listener.next()).charge_point_id == "LATER"


async def test_many_stations_are_all_announced(redis_bus: RedisBus) -> None:
    key, table = P2pKey.generate(), AnnouncementTable()
    points = {f"CP-{number}" for number in range(50)}
    for point in points:
        await onboard(redis_bus, key, point)
    async with announcing(redis_bus, key, table) as listener:
        heard = {(await listener.next()).charge_point_id for _ in points}
    assert heard == points
    assert len(table) == len(points)


async def test_it_goes_on_when_redis_was_away(redis_url: str, redis_bus: RedisBus) -> None:
    key = P2pKey.generate()
    await onboard(redis_bus, key)
    bus = Interrupted.from_url(redis_url)
    assert isinstance(bus, Interrupted)
    async with announcing(bus, key, AnnouncementTable()) as listener:
        await listener.next()
        bus.away = True
        await redis_bus.write(keys.connector("CP-1", 1), {"status": "Charging"})
        assert await listener.silent(0.5)
        bus.away = False
        assert (await listener.next()).connectors[0].availability == "unavailable"
    await bus.close()
