"""Charge points that move between two gateways, all at once, while something is under way."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

import pytest
from cpg_world import Ear, Point, World, gateway_in_process, soon
from redis.asyncio import Redis
from websockets.exceptions import ConnectionClosed, InvalidStatus

from sdk.events.body import Body
from sdk.events.charging import (
    ChargingStarted,
    ChargingStopped,
    CommandOutcomeUnknown,
    MeterValueReported,
)
from sdk.ids import utc_now

RACERS, MOVERS, MOST_VISITS = 10, 150, 3


@pytest.fixture
async def other(redis_url: str) -> AsyncIterator[World]:
    """A second gateway over the same Redis."""
    async with gateway_in_process(redis_url, owner="other") as running:
        yield running


async def stay(world: World, cp: str) -> str:
    """Come, and tell what becomes of the socket within half a second."""
    try:
        async with world.point(cp) as point:
            await point.tell("Heartbeat", {})
            return "stays" if await point.hears_nothing(0.5) else "is asked"
    except InvalidStatus as refused:
        return str(refused.response.status_code)
    except ConnectionClosed as closed:
        return closed.rcvd.reason if closed.rcvd else "dropped"


async def test_of_sockets_that_race_one_stays_and_a_pending_start_has_one_outcome(
    world: World, other: World, cp: str
) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as first:
        command = await world.command(cp, "StartCharging", id_tag="TAG")
        await first.until_asked("RemoteStartTransaction")
        racers = [stay((world, other)[number % 2], cp) for number in range(RACERS)]
        became = Counter(await asyncio.gather(*racers))
        assert became["stays"] == 1
        assert became.keys() <= {"stays", "superseded", "409"}
        with pytest.raises(ConnectionClosed):
            await first.tell("Heartbeat", {})
    await ear.all_within()
    outcomes = [each.body for each in ear.heard if each.caused_by == command]
    assert outcomes == [CommandOutcomeUnknown(command="StartCharging")]


async def test_two_stops_at_once_over_two_gateways_are_one(
    world: World, other: World, cp: str
) -> None:
    ear = await world.ear(cp)
    await world.permit(cp, "TAG")
    async with world.point(cp) as older:
        number = (await older.start("TAG"))["transactionId"]
        async with other.point(cp) as newer:
            told = await asyncio.gather(
                older.stop(number, 600), newer.stop(number, 700), return_exceptions=True
            )
            assert isinstance(told[0], ConnectionClosed)
            assert told[1] == {}
            assert await newer.stop(number, 800) == {}
    await ear.all_within()
    stops = [each.body for each in ear.heard if isinstance(each.body, ChargingStopped)]
    assert [stop.meter_stop_wh for stop in stops] == [700]


async def test_scripts_that_redis_forgets_in_mid_transaction_are_loaded_again(
    redis: Redis, world: World, cp: str
) -> None:
    ear = await world.ear(cp)
    await world.permit(cp, "TAG")
    async with world.point(cp) as point:
        await redis.script_flush()
        number = (await point.start("TAG"))["transactionId"]
        for wh in (200, 300):
            await redis.script_flush()
            assert await point.meter((soon(wh), wh), transaction_id=number) == {}
        await redis.script_flush()
        assert await point.stop(number, 400) == {}
    await ear.next(ChargingStarted)
    assert [(await ear.next(MeterValueReported))[1].energy_wh for _ in range(2)] == [200, 300]
    assert (await ear.next(ChargingStopped))[1].meter_stop_wh == 400


class JumpingClock:
    """A clock that somebody sets."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


async def charge(point: Point, world: World, cp: str, now: datetime) -> None:
    """Charge once by the clock that the charge point was told, and see that it shows."""
    at = [(now + timedelta(seconds=number)).isoformat() for number in range(5)]
    number = (await point.start("TAG", timestamp=at[0]))["transactionId"]
    status = {"connectorId": 1, "errorCode": "NoError", "status": "Charging", "timestamp": at[1]}
    await point.tell("StatusNotification", status)
    await point.meter((at[2], 200), (at[3], 300), transaction_id=number)
    shown = await world.connector(cp)
    assert (shown["status"], shown["energy_wh"]) == ("Charging", "300")
    assert await point.stop(number, 600, timestamp=at[4]) == {}
    shown = await world.connector(cp)
    assert (shown["transaction_id"], shown["energy_wh"]) == ("", "600")


async def test_a_gateways_clock_that_jumps_stops_nobody(redis_url: str) -> None:
    clock = JumpingClock()
    async with gateway_in_process(redis_url, clock=clock) as world:
        await world.register("JUMPED")
        await world.permit("JUMPED", "TAG")
        ear = await world.ear("JUMPED")
        async with world.point("JUMPED") as point:
            for days in (0, 400, -400, -20_000, 0):
                clock.ahead = timedelta(days=days)
                await charge(point, world, "JUMPED", clock())
            assert (await point.tell("Heartbeat", {}))["currentTime"]
        await ear.all_within()
    kinds = Counter(each.type for each in ear.heard)
    assert (kinds["ChargingStarted"], kinds["ChargingStopped"]) == (5, 5)


async def outcome_of(ear: Ear, command: UUID) -> Body:
    """Wait for what became of a command."""
    while True:
        envelope, body = await ear.next(Body, seconds=30)
        if envelope.caused_by == command:
            return body


async def restless(
    worlds: tuple[World, World], cp: str, command: UUID, visits: int
) -> tuple[Body, int]:
    """Come and go so often, then stay; give a command's outcome, and how often it was sent."""
    asked = 0
    async with asyncio.TaskGroup() as group:
        outcome = group.create_task(outcome_of(await worlds[0].ear(cp, after="0"), command))
        for visit in count():
            if outcome.done():
                return outcome.result(), asked
            with suppress(InvalidStatus, ConnectionClosed):
                async with worlds[visit % 2].point(cp) as point:
                    point.answers["RemoteStartTransaction"] = {"status": "Rejected"}
                    if visit < visits:
                        point.socket.transport.abort()
                    while not outcome.done():
                        await point.hears_nothing(0.1)
                        asked += len(point.asked)
                        point.asked.clear()
    raise AssertionError


async def test_commands_that_wait_are_sent_once_while_all_come_again_and_again(
    world: World, other: World
) -> None:
    names = [f"MOVER-{number}" for number in range(MOVERS)]
    commands = {}
    for name in names:
        await world.register(name)
        commands[name] = await world.command(name, "StartCharging", id_tag="TAG")
    movers = [
        restless((world, other), name, commands[name], number % (MOST_VISITS + 1))
        for number, name in enumerate(names)
    ]
    became = Counter((type(body).__name__, asked) for body, asked in await asyncio.gather(*movers))
    assert became.keys() <= {("StartRefused", 1), ("CommandOutcomeUnknown", 0)}
    assert became["StartRefused", 1], became
    assert became["CommandOutcomeUnknown", 0], became
