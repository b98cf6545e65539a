"""The gateway as a process: its ready line, its end, and what a `kill -9` leaves behind."""

import asyncio
import signal
from datetime import timedelta

import pytest
from cpg_world import CREDENTIAL_KEY, World, connected, gateway_process, program, soon

from cpg.sweep import Sweep
from sdk import logs
from sdk.bus import keys
from sdk.events.charge_point import (
    ChargePointConnected,
    ChargePointDisconnected,
)
from sdk.events.charging import CommandOutcomeUnknown, StartRefused
from sdk.ids import utc_now


@pytest.fixture
def quick_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let dead gateways be found in no time."""
    monkeypatch.setattr("cpg.sweep.ALIVE_EVERY_S", 0.02)
    monkeypatch.setattr("cpg.sweep.DEAD_AFTER_S", 0.3)


def sweep_of(world: World, owner: str) -> Sweep:
    return Sweep(world.bus, owner, world.gateway.holds, utc_now, logs.get_logger("cpg"))


async def test_it_says_where_it_is_and_stops_when_asked(world: World, redis_url: str) -> None:
    await world.register("PROCESS")
    ear = await world.ear("PROCESS")
    async with gateway_process(redis_url) as (running, url), connected(f"{url}/PROCESS") as point:
        assert url.startswith("ws://127.0.0.1:")
        await ear.next(ChargePointConnected)
        assert await point.tell("Heartbeat", {})
        assert await running.end(signal.SIGTERM) == 0
        _, gone = await ear.next(ChargePointDisconnected)
    assert gone.reason == "gateway_stopped"


async def test_a_missing_credential_key_is_named(redis_url: str) -> None:
    environment = {"REDIS_URL": redis_url, "CREDENTIAL_KEY": ""}
    async with program("-m", "cpg", **environment) as running:
        async with asyncio.timeout(10):
            assert await running.process.wait() == 2


async def test_a_kill_with_a_command_in_flight(world: World, cp: str, redis_url: str) -> None:
    ear = await world.ear(cp)
    async with gateway_process(redis_url) as (first, url), connected(f"{url}/{cp}") as point:
        asked = await world.command(cp, "StartCharging", id_tag="TAG")
        await point.until_asked("RemoteStartTransaction")
        await first.end(signal.SIGKILL)
    waiting = await world.command(cp, "StartCharging", id_tag="LATER")
    async with gateway_process(redis_url) as (_, url), connected(f"{url}/{cp}") as point:
        envelope, lost = await ear.next(CommandOutcomeUnknown)
        assert (envelope.caused_by, lost.command) == (asked, "StartCharging")
        point.answers["RemoteStartTransaction"] = {"status": "Rejected"}
        assert (await point.until_asked("RemoteStartTransaction"))["idTag"] == "LATER"
        envelope, _ = await ear.next(StartRefused)
        assert envelope.caused_by == waiting
        assert await point.hears_nothing(), "what was sent once is never sent again"
    assert not await world.bus.read(keys.commands(cp))
    assert [item.type for item in ear.heard].count("CommandOutcomeUnknown") == 1


async def test_a_kill_between_start_and_its_answer(world: World, cp: str, redis_url: str) -> None:
    await world.permit(cp, "TAG")
    at = soon(-5)
    async with gateway_process(redis_url) as (first, url):
        async with connected(f"{url}/{cp}") as point:
            started = await point.start("TAG", timestamp=at)
            await point.meter((soon(-4), 300), transaction_id=started["transactionId"])
        await first.end(signal.SIGKILL)
    async with gateway_process(redis_url) as (_, url), connected(f"{url}/{cp}") as point:
        assert await point.start("TAG", timestamp=at) == started
        assert (await world.connector(cp))["energy_wh"] == "300"
        await point.stop(started["transactionId"])
    told = await (await world.ear(cp, "0")).all_within()
    assert (told.count("ChargingStarted"), told.count("ChargingStopped")) == (1, 1)


@pytest.mark.usefixtures("quick_sweep")
async def test_what_a_dead_gateway_held_is_told_once_and_it_is_forgotten(
    world: World, cp: str
) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        _, connected_ = await ear.next(ChargePointConnected)
        dead = (utc_now() - timedelta(minutes=1)).isoformat()
        await world.bus.write(keys.GATEWAYS, {"test": dead})
        async with asyncio.TaskGroup() as group:
            sweeps = [group.create_task(sweep_of(world, f"g{n}").run()) for n in range(2)]
            _, gone = await ear.next(ChargePointDisconnected)
            assert (gone.reason, gone.generation) == ("gateway_lost", connected_.generation)
            assert "ChargePointDisconnected" not in await ear.all_within()
            for task in sweeps:
                task.cancel()
        assert "test" not in await world.bus.read(keys.GATEWAYS)
        assert await point.tell("Heartbeat", {})


@pytest.mark.usefixtures("quick_sweep")
async def test_what_this_gateway_could_not_tell_is_told_later(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp):
        await ear.next(ChargePointConnected)
        state = await world.state(cp)
    _, first = await ear.next(ChargePointDisconnected)
    assert first.reason == "closed"
    fence = await world.bus.new_fence(keys.gateway(cp))
    await world.bus.write(keys.state(cp), {**state, "fence": fence.token, "gateway": "g1"})
    async with asyncio.TaskGroup() as group:
        sweeping = group.create_task(sweep_of(world, "g1").run())
        _, gone = await ear.next(ChargePointDisconnected)
        sweeping.cancel()
    assert gone.reason == "gateway_lost"
    assert (await world.state(cp))["connected"] == "0"


@pytest.mark.usefixtures("quick_sweep")
async def test_who_lives_is_left_alone(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp), asyncio.TaskGroup() as group:
        await ear.next(ChargePointConnected)
        sweeps = [group.create_task(sweep_of(world, owner).run()) for owner in ("test", "g1")]
        assert await ear.all_within(0.8) == []
        for task in sweeps:
            task.cancel()


async def test_a_taken_port_ends_it_with_one_line(redis_url: str, world: World) -> None:
    port = world.url.rpartition(":")[2]
    environment = {"REDIS_URL": redis_url, "CREDENTIAL_KEY": CREDENTIAL_KEY, "CPG_PORT": port}
    async with program("-m", "cpg", **environment, LOG_LEVEL="ERROR") as running:
        async with asyncio.timeout(10):
            assert await running.process.wait() != 0
