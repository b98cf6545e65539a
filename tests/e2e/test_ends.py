"""The four ends of a session, each settled on the chain to the last unit."""

import pytest
from machine import World

from sdk.events.station import SessionStopAccepted, SessionStopRequested
from sdk.station import Station

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_consumer_stops(world: World) -> None:
    station = await world.station()
    charge_point = await world.charge_point(station)
    app = await world.app(station, "--deposit", "5", "--stop-after-wh", "1500")
    receipt = await app.receipt()
    assert await app.process.wait() == 0
    assert receipt["stop_reason"] == "consumer"
    assert receipt["energy_wh"] >= 1500
    assert receipt["meter_start_wh"] == 100_000
    assert charge_point.count("received RemoteStartTransaction") == 1
    assert charge_point.count("received RemoteStopTransaction") == 1
    await world.check(station, receipt)


async def test_operator_stops(world: World) -> None:
    station = await world.station()
    await world.charge_point(station)
    app = await world.app(station, "--deposit", "5")
    await app.charging(500)
    async with Station.over(world.bus, station.id) as embedded:
        answer = await embedded.command(SessionStopRequested(), connector_id=1)
    assert isinstance(answer, SessionStopAccepted)
    receipt = await app.receipt()
    assert receipt["stop_reason"] == "operator"
    await world.check(station, receipt)


async def test_deposit_is_used_up(world: World) -> None:
    station = await world.station()
    await world.charge_point(station)
    app = await world.app(station, "--deposit", "0.8")
    receipt = await app.receipt()
    assert receipt["stop_reason"] == "deposit_used_up"
    assert int(receipt["spent"]) == int(receipt["deposit"]) == 8 * 10**17
    assert receipt["energy_wh"] >= 2000
    await world.check(station, receipt)


async def test_charge_point_stops_by_itself(world: World) -> None:
    station = await world.station()
    charge_point = await world.charge_point(station, "--stop-after-wh", "1200")
    app = await world.app(station, "--deposit", "5")
    receipt = await app.receipt()
    assert receipt["stop_reason"] == "charge_point"
    assert charge_point.count("received RemoteStopTransaction") == 0
    await world.check(station, receipt)
