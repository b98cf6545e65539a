"""A service is killed in the middle of charging; the session goes on and settles right."""

import pytest
from machine import World

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("service", ["cpg", "p2p_server", "session_manager"])
async def test_kill_while_charging(world: World, service: str) -> None:
    station = await world.station()
    charge_point = await world.charge_point(station)
    app = await world.app(station, "--deposit", "20", "--stop-after-wh", "14000")
    at_kill = await app.charging(1000)
    await world.kill(service)
    receipt = await app.receipt()
    assert await app.process.wait() == 0
    assert receipt["outcome"] == "settled"
    assert receipt["stop_reason"] == "consumer"
    assert receipt["energy_wh"] > at_kill["energy_wh"]
    assert receipt["energy_wh"] >= 14000
    assert charge_point.count("received RemoteStartTransaction") == 1
    assert charge_point.count("received RemoteStopTransaction") == 1
    assert charge_point.count("started transaction") == 1
    assert not receipt["flags"]
    await world.check(station, receipt)
