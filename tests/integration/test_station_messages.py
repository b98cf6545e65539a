"""The message log over a real Redis, read by a station's software and by an operator."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from noroam_cli import NoroamCli
from redis.asyncio import Redis

from cpg.message_log import MessageLog
from sdk import logs, message_log
from sdk.bus import keys
from sdk.bus.limits import Limits
from sdk.bus.messages import MessageBatch
from sdk.bus.redis_bus import RedisBus
from sdk.cli_messages import message_lines
from sdk.errors import InvalidInputError
from sdk.ids import utc_now
from sdk.message_log import Message, MessageReader
from sdk.register import Register, checked_config, station_did
from sdk.station import Station

TIME = b'[3,"m1",{"currentTime":"2026-01-02T03:04:05Z"}]'
TAG = "04A1B2C3D4"


@pytest.fixture
async def bus(redis_bus: RedisBus) -> RedisBus:
    config = {
        "charge_point_id": "CP1",
        "did": station_did(31337, "0x" + "aB" * 20),
        "tariff": {"per_kwh": "1000"},
    }
    await Register(redis_bus).add(checked_config(config))
    return redis_bus


@pytest.fixture
def log(bus: RedisBus) -> MessageLog:
    return MessageLog(bus, utc_now, logs.get_logger("test"))


@pytest.fixture
async def station(bus: RedisBus) -> AsyncIterator[Station]:
    async with Station.over(bus, "CP1") as station:
        yield station


def heartbeat(log: MessageLog, number: int, charge_point_id: str = "CP1") -> None:
    now = asyncio.get_running_loop().time()
    request = f'[2,"m{number}","Heartbeat",{{}}]'.encode()
    log.heard(charge_point_id, "Heartbeat", request, TIME, now - 0.001, now, valid=True)


def authorize(log: MessageLog) -> None:
    now = asyncio.get_running_loop().time()
    request = json.dumps([2, "a1", "Authorize", {"idTag": TAG}]).encode()
    answer = b'[3,"a1",{"idTagInfo":{"status":"Accepted"}}]'
    log.heard("CP1", "Authorize", request, answer, now, now, valid=True)


def ids(messages: list[Message]) -> list[str | None]:
    return [message.message_id for message in messages]


async def test_a_station_reads_messages_and_counts(log: MessageLog, station: Station) -> None:
    assert await station.messages() == []
    for number in range(200):
        heartbeat(log, number)
    authorize(log)
    log.count("CP1", "malformed", 3)
    heartbeat(log, 1, "CP2")
    before = utc_now()
    await log.flush()
    assert ids(await station.messages(3)) == ["m198", "m199", "a1"]
    assert len(await station.messages(1_000)) == 201
    (found,) = await station.messages(action="Authorize")
    assert found.request == '[2,"a1","Authorize",{"idTag":"***"}]'
    assert abs((found.at - before).total_seconds()) < 10
    assert (await station.counts())["malformed"] == 3
    with pytest.raises(InvalidInputError):
        await station.messages(0)


async def test_messages_are_followed_without_gap_and_double(
    log: MessageLog, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_log, "_POLL_S", 0.01)
    heartbeat(log, 0)
    heartbeat(log, 1)
    await log.flush()
    seen: list[str | None] = []
    started = asyncio.Event()

    async def follow() -> None:
        async for message in station.follow_messages(last=1):
            seen.append(message.message_id)
            started.set()
            if len(seen) == 301:
                return

    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        group.create_task(follow())
        await started.wait()
        for number in range(2, 302):
            heartbeat(log, number)
            if number % 7 == 0:
                await log.flush()
                await asyncio.sleep(0.005)
        await log.flush()
    assert seen == [f"m{number}" for number in range(1, 302)]


async def test_a_follower_is_told_of_what_was_trimmed(redis_url: str, bus: RedisBus) -> None:
    small = RedisBus.from_url(redis_url, limits=Limits(message_bytes=4_000))
    log = MessageLog(small, utc_now, logs.get_logger("test"))
    reader = MessageReader(bus, "CP1")
    heartbeat(log, 0)
    await log.flush()
    assert ids(await reader.last(5)) == ["m0"]
    for number in range(1, 400):
        heartbeat(log, number)
    await log.flush()
    async with asyncio.timeout(10):
        messages = reader.follow()
        first = await anext(messages)
        second = await anext(messages)
    assert (first.outcome, first.message_id) == ("dropped", None)
    assert second.message_id not in (None, "m1")
    await small.close()


async def test_the_script_comes_back_and_a_log_expires(
    bus: RedisBus, log: MessageLog, redis: Redis
) -> None:
    heartbeat(log, 0)
    await log.flush()
    await redis.script_flush()
    heartbeat(log, 1)
    heartbeat(log, 1, "CP2")
    log.count("CP2", "refused")
    await log.flush()
    assert ids(await MessageReader(bus, "CP1").last(9)) == ["m0", "m1"]
    assert ids(await MessageReader(bus, "CP2").last(9)) == ["m1"]
    assert (await bus.read(keys.counts("CP2")))["refused"] == "1"
    assert 29 * 86_400 < await redis.ttl(keys.messages("CP1")) <= 30 * 86_400


async def test_a_key_of_another_kind_stops_only_its_own_log(
    bus: RedisBus, log: MessageLog, redis: Redis
) -> None:
    await redis.set(keys.messages("CP1"), "no stream")
    batch = MessageBatch("CP1", "b1", [b"{}"])
    assert await bus.append_messages([batch, MessageBatch("CP2", "b1", [b"{}"])]) == ["CP1"]
    heartbeat(log, 0)
    heartbeat(log, 0, "CP2")
    await log.flush()
    assert ids(await MessageReader(bus, "CP2").last(9)) == ["m0"]


async def test_a_log_stays_within_its_memory(bus: RedisBus, redis: Redis, log: MessageLog) -> None:
    for number in range(5_000):
        heartbeat(log, number)
        if number % 50 == 0:
            await log.flush()
    used = await redis.memory_usage(keys.messages("CP1"), samples=0) or 0
    assert 40_000 < used <= Limits().message_bytes
    kept = await MessageReader(bus, "CP1").last(5_000)
    assert 300 < len(kept) < 1_000
    assert kept[-1].message_id == "m4950"


@pytest.fixture
def cli(redis_url: str, tmp_path: Path) -> NoroamCli:
    return NoroamCli(tmp_path, {"REDIS_URL": redis_url})


async def test_an_operator_reads_messages_and_counts(log: MessageLog, cli: NoroamCli) -> None:
    heartbeat(log, 7)
    authorize(log)
    log.count("CP1", "tolerated.casing", 2)
    log.unreadable("CP1", 12, "not JSON", asyncio.get_running_loop().time())
    await log.flush()
    text = await cli.done("charge-point", "messages", "CP1")
    assert '< Heartbeat answered 1.0 ms\n    [2,"m7","Heartbeat",{}]\n' in text
    assert "< unreadable 12 bytes not JSON" in text
    assert TAG not in text
    read = ("charge-point", "messages", "CP1", "--json")
    lines = (await cli.done(*read, "--last", "2")).splitlines()
    assert [json.loads(line)["outcome"] for line in lines] == ["answered", "unreadable"]
    only = await cli.done(*read, "--action", "Authorize")
    assert json.loads(only)["message_id"] == "a1"
    assert (await cli.json("charge-point", "counts", "CP1"))["tolerated.casing"] == 2
    assert "CP9" in await cli.refused("charge-point", "messages", "CP9")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, -15)])
async def test_a_real_process_follows_until_it_is_ended(
    log: MessageLog, cli: NoroamCli, number: signal.Signals, code: int
) -> None:
    heartbeat(log, 1)
    await log.flush()
    process = cli.start("charge-point", "messages", "CP1", "--follow", "--json")
    assert process.stdout is not None
    first = await asyncio.to_thread(process.stdout.readline)
    assert json.loads(first)["message_id"] == "m1"
    heartbeat(log, 2)
    await log.flush()
    second = await asyncio.to_thread(process.stdout.readline)
    assert json.loads(second)["message_id"] == "m2"
    process.send_signal(number)
    assert await asyncio.to_thread(process.communicate, timeout=30) == ("", "")
    assert process.returncode == code


def test_what_a_terminal_would_obey_is_not_written() -> None:
    message = Message(at=utc_now(), outcome="stray", reason="\x1b[2J\x9b\u202e", dropped=3)
    assert message_lines(message)[0].endswith("! stray 3 ?[2J??")
