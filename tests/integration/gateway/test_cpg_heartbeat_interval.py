"""How long a charge point may be silent: as its own heartbeat interval says, not only as ours."""

from collections.abc import AsyncIterator

import pytest
from cpg_world import Ear, Json, Point, World, gateway_in_process
from operators_desk import Desk

from sdk.bus import keys
from sdk.events.charge_point import ChargePointDisconnected

BOOT = {"chargePointVendor": "V", "chargePointModel": "M"}
SILENCE = 1.0
RARE = "6000"
"""A hundred times the gateway's own."""


@pytest.fixture
async def impatient(redis_url: str) -> AsyncIterator[World]:
    """A gateway that soon closes a silent socket."""
    async with gateway_in_process(redis_url, silence=SILENCE) as world:
        for name in ("RARE", "OFTEN"):
            await world.bus.write(keys.state(name), {"heartbeat_interval": ""})
            await world.register(name)
        yield world


async def outlives_another(world: World, point: Point) -> bool:
    """Tell whether a socket is open when one that came later was closed for its silence."""
    ear = await world.ear("OFTEN")
    async with world.point("OFTEN"):
        _, gone = await ear.next(ChargePointDisconnected)
    assert gone.reason == "silent"
    return bool(await point.tell("Heartbeat", {}))


async def is_silent(ear: Ear) -> bool:
    return (await ear.next(ChargePointDisconnected))[1].reason == "silent"


def report(value: str) -> Json:
    item = {"key": "heartbeatInterval", "readonly": False, "value": value}
    return {"configurationKey": [item]}


@pytest.mark.parametrize("value", [RARE, "0"])
async def test_who_took_a_longer_interval_may_be_silent_for_longer(
    impatient: World, value: str
) -> None:
    ear = await impatient.ear("RARE")
    async with impatient.point("RARE") as point:
        desk = Desk(impatient, "RARE", point, ear)
        wanted = {"key": "HeartbeatInterval", "value": value}
        await desk.ask("ChangeConfiguration", {"status": "Accepted"}, None, **wanted)
        assert await outlives_another(impatient, point)
        assert (await impatient.state("RARE"))["heartbeat_interval"] == value
    assert not await is_silent(ear)
    async with impatient.point("RARE") as again:
        assert await outlives_another(impatient, again), "a new socket is no boot"
        assert (await again.tell("BootNotification", BOOT))["interval"] == 60
        assert (await impatient.state("RARE"))["heartbeat_interval"] == "60"
        assert await is_silent(ear)


async def test_who_reports_a_longer_interval_may_be_silent_for_longer(impatient: World) -> None:
    ear = await impatient.ear("RARE")
    async with impatient.point("RARE") as point:
        desk = Desk(impatient, "RARE", point, ear)
        await desk.ask("GetConfiguration", report(RARE), None)
        assert await outlives_another(impatient, point)


@pytest.mark.parametrize(
    ("value", "status"),
    [(RARE, "RebootRequired"), (RARE, "Rejected"), ("1", "Accepted"), ("soon", "Accepted")],
)
async def test_else_the_gateways_own_interval_counts(
    impatient: World, value: str, status: str
) -> None:
    ear = await impatient.ear("RARE")
    async with impatient.point("RARE") as point:
        desk = Desk(impatient, "RARE", point, ear)
        wanted = {"key": "HeartbeatInterval", "value": value}
        await desk.ask("ChangeConfiguration", {"status": status}, None, **wanted)
        assert await point.tell("Heartbeat", {})
        assert await is_silent(ear)


async def test_an_interval_that_is_wanted_counts_once_it_is_set(impatient: World) -> None:
    await impatient.bus.write(keys.desired("RARE"), {"HeartbeatInterval": RARE})
    async with impatient.point("RARE") as point:
        point.answers["GetConfiguration"] = report("60")
        point.answers["ChangeConfiguration"] = {"status": "Accepted"}
        await point.tell("BootNotification", BOOT)
        await point.until_asked("ChangeConfiguration")
        point.answers["GetConfiguration"] = report(RARE)
        await point.until_asked("GetConfiguration")
        await point.until_asked("GetConfiguration")
        assert await outlives_another(impatient, point)
