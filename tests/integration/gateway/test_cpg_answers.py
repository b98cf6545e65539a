"""What comes back from a charge point that we asked: tolerated, unreadable, too late, from two."""

import asyncio
import json
from typing import Any

import pytest
from cpg_world import Point, World, gateway_in_process, soon
from redis.asyncio import Redis
from websockets.exceptions import ConnectionClosed

from cpg import inbound
from sdk.events.charge_point import (
    ChargePointConnected,
)
from sdk.events.charging import CommandOutcomeUnknown, StartRefused
from sdk.events.operations import (
    ResetAnswered,
)
from sdk.register import Register
from sdk.station import Station

ALL = ("casing", "extra_properties", "missing_parts")


@pytest.mark.parametrize(
    "answer", [{"status": "Accepted", "note": "ok"}, {"status": "accepted"}, {"wrong": 1}]
)
async def test_of_an_answer_that_can_not_be_read_nobody_knows_what_it_did(
    world: World, cp: str, answer: dict[str, Any]
) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        point.answers["RemoteStartTransaction"] = answer
        await world.command(cp, "StartCharging", id_tag="TAG")
        await point.until_asked("RemoteStartTransaction")
        _, unknown = await ear.next(CommandOutcomeUnknown)
    assert unknown.command == "StartCharging"
    assert "StartRefused" not in [envelope.type for envelope in ear.heard]


@pytest.mark.parametrize("frame", [[3], [3, []], [4], [3, {}, 1]])
async def test_an_answer_that_is_no_frame_ends_its_call_at_once(
    redis_url: str, frame: list[Any]
) -> None:
    async with gateway_in_process(redis_url, call_timeout=60) as world:
        await world.register("BROKEN")
        ear = await world.ear("BROKEN")
        async with world.point("BROKEN") as point:
            await world.command("BROKEN", "Reset")
            _, message_id, *_ = await point.take()
            await point.socket.send(json.dumps([frame[0], "another", *frame[1:]]))
            assert "ResetAnswered" not in await ear.all_within()
            await point.socket.send(json.dumps([frame[0], message_id, *frame[1:]]))
            _, answered = await ear.next(ResetAnswered)
            assert answered.outcome == "unknown"
            assert await point.tell("Heartbeat", {})


async def test_answers_are_tolerated_like_requests(world: World, cp: str) -> None:
    await Register(world.bus).set(cp, tolerances=ALL)
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        point.answers["Reset"] = {"Status": "accepted", "note": "ok"}
        await world.command(cp, "Reset")
        await point.until_asked("Reset")
        _, answered = await ear.next(ResetAnswered)
    assert (answered.outcome, answered.status) == ("answered", "Accepted")
    assert await world.counted(cp, "tolerated.casing", 1)
    assert await world.counted(cp, "tolerated.extra_properties", 1)


async def test_the_log_keeps_the_answer_as_it_came(world: World, cp: str) -> None:
    async with Station.over(world.bus, cp) as station, world.point(cp) as point:
        await world.command(cp, "Reset")
        frame = await point.take()
        said = [4, frame[1], "NotSupported", "not by me", {"why": "old"}]
        await point.socket.send(json.dumps(said))
        async with asyncio.timeout(5):
            while not (messages := await station.messages(action="Reset")):  # noqa: ASYNC110 - it is written in a moment
                await asyncio.sleep(0.05)
    assert messages[0].answer is not None
    assert json.loads(messages[0].answer) == said


async def test_a_newer_socket_elsewhere_ends_this_one_while_a_command_waits(
    world: World, cp: str, redis_url: str
) -> None:
    ear = await world.ear(cp)
    async with gateway_in_process(redis_url, owner="other") as other, world.point(cp) as old:
        await world.command(cp, "Reset")
        await old.socket.recv()
        async with other.point(cp):
            await ear.next(ChargePointConnected)
            async with asyncio.timeout(1):
                with pytest.raises(ConnectionClosed):
                    await old.take()


async def test_what_lapsed_behind_a_call_of_ours_is_not_sent(redis_url: str) -> None:
    async with gateway_in_process(redis_url, call_timeout=1.5) as world:
        await world.register("BUSY")
        ear = await world.ear("BUSY")
        async with world.point("BUSY") as point:
            await point.start("NOBODY")
            assert (await point.take())[2] == "RemoteStopTransaction"
            await world.command("BUSY", "StartCharging", id_tag="LATE", expires_at=soon(0.5))
            point.answers["RemoteStartTransaction"] = {"status": "Accepted"}
            _, refused = await ear.next(StartRefused)
            assert refused.reason == "expired"
            assert await point.hears_nothing()


async def test_starts_without_end_are_refused(
    world: World, cp: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbound, "_STARTS", 3)
    async with world.point(cp) as point:
        point.answers["RemoteStopTransaction"] = {"status": "Accepted"}
        for number in range(3):
            await point.start("NOBODY", meterStart=number)
        payload = {"connectorId": 1, "idTag": "NOBODY", "meterStart": 9, "timestamp": soon(0)}
        assert (await point.call("StartTransaction", payload))[2] == "InternalError"
        assert await point.tell("Heartbeat", {})


async def test_a_redis_that_takes_no_writes_is_told_and_survived(
    redis_url: str, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbound, "_SEEN_EVERY_S", 0.0)
    async with gateway_in_process(redis_url) as world:
        await world.register("HARDY")
        async with world.point("HARDY") as point:
            await redis.config_set("min-replicas-to-write", 1)
            try:
                assert (await meter(point))[2] == "InternalError"
                assert await point.tell("Heartbeat", {}), "nothing of it has to be kept"
            finally:
                await redis.config_set("min-replicas-to-write", 0)
            assert (await meter(point))[0] == 3


async def meter(point: Point) -> list[Any]:
    item = {"timestamp": soon(0), "sampledValue": [{"value": "5"}]}
    return await point.call("MeterValues", {"connectorId": 1, "meterValue": [item]})
