"""What comes late or twice: kept offline, sent again, over new sockets and two gateways."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cpg_world import Json, World, gateway_in_process, soon

from cpg.orphans import MOST
from sdk.bus import keys
from sdk.embedded import EmbeddedServer
from sdk.events.charging import ChargingStarted, ChargingStopped, MeterValueReported
from sdk.events.envelope import Envelope
from sdk.ids import utc_now

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def other(redis_url: str) -> AsyncIterator[World]:
    """A second gateway over the same Redis."""
    async with gateway_in_process(redis_url) as running:
        yield running


def reading(at: str, wh: int, transaction_id: int) -> Json:
    item = {"timestamp": at, "sampledValue": [{"value": str(wh)}]}
    return {"connectorId": 1, "transactionId": transaction_id, "meterValue": [item]}


def start_of(tag: str, at: str, meter: int = 100) -> Json:
    return {"connectorId": 1, "idTag": tag, "meterStart": meter, "timestamp": at}


async def kill(server: EmbeddedServer) -> None:
    """Kill Redis itself."""
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    async with asyncio.timeout(5):
        while server.pid is not None:  # noqa: ASYNC110 - a dead process tells nobody
            await asyncio.sleep(0.01)


async def told(world: World, cp: str) -> list[Envelope]:
    """Give all that was told of a charge point, in order."""
    ear = await world.ear(cp, "0")
    await ear.all_within()
    return ear.heard


def fresh(moment: str | datetime) -> bool:
    """Tell whether a moment is about now."""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return abs(utc_now() - at) < MINUTE


async def test_what_was_kept_offline_comes_in_order_and_with_both_its_times(
    world: World, cp: str
) -> None:
    await world.permit(cp, "TAG")
    began, ended = soon(-40 * 86_400), soon(-40 * 86_400 + 3600)
    async with world.point(cp) as point:
        number = (await point.start("TAG", timestamp=began))["transactionId"]
    async with world.point(cp) as point:
        late = [
            ("MeterValues", reading(soon(-40 * 86_400 + n), 100 + n, number)) for n in (60, 120)
        ]
        stop = {"transactionId": number, "meterStop": 300, "timestamp": ended}
        for n, (action, payload) in enumerate([*late, ("StopTransaction", stop)]):
            await point.socket.send(json.dumps([2, f"q{n}", action, payload]))
        assert [await point.take() for _ in range(3)] == [[3, f"q{n}", {}] for n in range(3)]
    bodies = [item.body for item in await told(world, cp) if item.body.type in CHARGING]
    assert [body.type for body in bodies] == [CHARGING[0], CHARGING[1], CHARGING[1], CHARGING[2]]
    assert [body.energy_wh for body in bodies if isinstance(body, MeterValueReported)] == [160, 220]
    kept = await world.bus.read(keys.transaction(cp, number))
    for name, expected in (("started_at", began), ("stopped_at", ended)):
        assert datetime.fromisoformat(kept[name]) == datetime.fromisoformat(expected)
    assert fresh(kept["received_at"])
    assert fresh(kept["stop_received_at"])
    assert all(fresh(item.at) for item in await told(world, cp)), "an envelope is of now"


CHARGING = ("ChargingStarted", "MeterValueReported", "ChargingStopped")


async def test_what_two_gateways_hear_again_is_told_once(
    world: World, other: World, cp: str
) -> None:
    await world.permit(cp, "TAG")
    began, sampled, ended = soon(-60), soon(-30), soon(-1)
    async with world.point(cp) as point:
        first = await point.start("TAG", timestamp=began)
        number = first["transactionId"]
        await point.tell("MeterValues", reading(sampled, 300, number))
    async with other.point(cp) as point:
        assert await point.start("TAG", timestamp=began) == first
        await point.tell("MeterValues", reading(sampled, 300, number))
        await point.tell("MeterValues", reading(sampled, 301, number))
        assert await point.stop(number, 400, timestamp=ended) == {}
    async with world.point(cp) as point:
        assert await point.stop(number, 999, timestamp=ended) == {}
        assert await point.start("TAG", timestamp=began) == first
        assert await point.start("TAG", timestamp=soon(0)) != first
    events = [item.body for item in await told(world, cp) if item.body.type in CHARGING]
    assert [body.type for body in events] == [
        *("ChargingStarted", "MeterValueReported", "MeterValueReported"),
        *("ChargingStopped", "ChargingStarted"),
    ]
    assert (await world.bus.read(keys.transaction(cp, number)))["meter_stop_wh"] == "400"


async def test_a_start_whose_answer_was_lost_has_one_transaction(
    world: World, other: World, cp: str
) -> None:
    await world.permit(cp, "TAG")
    for pause in (0, 0.001, 0.003, 0.01, 0.03):
        payload = start_of("TAG", soon(0))
        async with world.point(cp) as point:
            await point.socket.send(json.dumps([2, "1", "StartTransaction", payload]))
            await asyncio.sleep(pause)
            point.socket.transport.abort()
        async with other.point(cp) as point:
            number = (await point.tell("StartTransaction", payload))["transactionId"]
            ear = await world.ear(cp, "0")
            await ear.all_within(0.1)
            started = [item.body for item in ear.heard if isinstance(item.body, ChargingStarted)]
            assert [body.transaction_id for body in started].count(number) == 1
            stop = {"transactionId": number, "meterStop": 200, "timestamp": soon(0)}
            await point.tell("StopTransaction", stop)
    stopped = [item for item in await told(world, cp) if isinstance(item.body, ChargingStopped)]
    assert (len(started), len(stopped)) == (5, 5)


async def test_ids_are_positive_and_never_given_twice(world: World, other: World, cp: str) -> None:
    await world.register(f"{cp}-B")
    seen: list[int] = []
    async with world.point(cp) as one, other.point(f"{cp}-B") as two:
        for n in range(5):
            seen.append((await one.start("NOBODY", meterStart=n))["transactionId"])
            seen.append((await two.start("NOBODY", meterStart=n))["transactionId"])
            await one.stop(seen[-2])
    assert all(0 < number < 2**31 for number in seen)
    assert sorted(set(seen)) == seen, "also one whose transaction is over comes never again"


async def test_without_redis_nothing_is_answered_that_is_not_kept(tmp_path: Path) -> None:
    """The server itself is killed: a charge point is told to try again, and loses nothing."""
    server = await EmbeddedServer.start(tmp_path)
    try:
        async with gateway_in_process(server.url) as world:
            await world.register("KILLED")
            await world.permit("KILLED", "TAG")
            async with world.point("KILLED") as point:
                number = (await point.start("TAG", timestamp=soon(-60)))["transactionId"]
                stop = {"transactionId": number, "meterStop": 300, "timestamp": soon(-1)}
                calls = [
                    ("MeterValues", reading(soon(-30), 200, number)),
                    ("StopTransaction", stop),
                    ("StartTransaction", start_of("TAG", soon(0), 300)),
                ]
                await kill(server)
                refused = [(await point.call(*call))[2] for call in calls[1:]]
                assert refused == ["InternalError"] * 2
                assert await point.tell("Heartbeat", {}), "that needs no Redis"
                await server.restart()
                answers = [await point.tell(*call) for call in calls]
            assert answers[:2] == [{}, {}]
            assert answers[2]["transactionId"] > number
            assert answers[2]["idTagInfo"]["status"] == "Accepted"
            kinds = [item.body.type for item in await told(world, "KILLED")]
            assert [kind for kind in kinds if kind in CHARGING] == [*CHARGING, CHARGING[0]]
    finally:
        await server.stop()


async def test_of_the_stops_that_nobody_knows_the_newest_are_kept(world: World, cp: str) -> None:
    async with world.point(cp) as point:
        for number in range(MOST + 5):
            assert await point.stop(10**9 + number) == {}
        assert await point.stop(10**9 + 50, 700) == {}
    orphans = await world.bus.read(keys.orphan_stops(cp))
    assert set(orphans) == {str(10**9 + number) for number in range(5, MOST + 5)}
    assert json.loads(orphans[str(10**9 + 50)])["meter_stop"] == "700"
