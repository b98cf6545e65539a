"""The gateway's message log over a bus in memory."""

import asyncio
import json
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from cpg import message_log
from cpg.message_lines import ENTRY_BYTES
from cpg.message_log import CHARGE_POINT_ROOM, ROOM, MessageLog
from sdk import logs
from sdk.bus.interface import BusUnavailableError
from sdk.bus.limits import Limits
from sdk.bus.memory_bus import MemoryBus
from sdk.bus.messages import MessageBatch
from sdk.message_log import Message, MessageReader, read_counts

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HEARTBEAT = b'[2,"m1","Heartbeat",{}]'
TIME = b'[3,"m1",{"currentTime":"2026-01-02T03:04:05Z"}]'
TAG = "04A1B2C3D4"


class GoneBus(MemoryBus):
    """A bus whose server can be away, and whose answers can be lost."""

    away = False
    deaf = False

    async def append_messages(self, batches: Any) -> list[str]:
        if self.away:
            raise BusUnavailableError("away")
        refused = await super().append_messages(batches)
        if self.deaf:
            raise BusUnavailableError("lost")
        return refused


@pytest.fixture
def bus() -> GoneBus:
    return GoneBus(Limits(message_bytes=10_000_000))


@pytest.fixture
def log(bus: GoneBus) -> MessageLog:
    return MessageLog(bus, lambda: AT, logs.get_logger("test"), lambda: 100.0)


async def logged(bus: MemoryBus, charge_point_id: str = "CP1") -> list[Message]:
    return await MessageReader(bus, charge_point_id).last(10_000)


def frame(kind: int, *rest: Any) -> bytes:
    return json.dumps([kind, *rest]).encode()


async def test_an_exchange_is_read_with_its_times(bus: GoneBus, log: MessageLog) -> None:
    log.heard("CP1", "Heartbeat", HEARTBEAT, TIME, 98.0, 98.0025, valid=True)
    await log.flush()
    (message,) = await logged(bus)
    assert message == Message(
        at=datetime(2026, 1, 2, 3, 4, 3, tzinfo=UTC),
        outcome="answered",
        direction="received",
        action="Heartbeat",
        message_id="m1",
        request=HEARTBEAT.decode(),
        answer=TIME.decode(),
        latency_ms=2.5,
    )


@pytest.mark.parametrize("text", [True, False])
async def test_many_keep_their_order_and_their_own_frames(
    bus: GoneBus, log: MessageLog, *, text: bool
) -> None:
    for number in range(250):
        request = frame(2, f"m{number}", "StatusNotification", {"connectorId": number})
        answer = frame(3, f"m{number}", {})
        given = request.decode() if text else request
        log.heard("CP1", "StatusNotification", given, answer, 99, 99 + number / 1000, valid=True)
    await log.flush()
    messages = await logged(bus)
    assert [message.message_id for message in messages] == [f"m{n}" for n in range(250)]
    assert [message.latency_ms for message in messages] == pytest.approx(range(250), abs=0.01)
    assert all(f'"{m.message_id}"' in str(m.answer) for m in messages)
    stored = (await bus.read_messages("CP1", "0", 1000)).entries
    assert 2 < len(stored) < 10
    assert max(len(entry.data) for entry in stored) <= ENTRY_BYTES


async def test_kinds_may_mix(bus: GoneBus, log: MessageLog) -> None:
    start = frame(2, "m2", "StartTransaction", {"connectorId": 1, "idTag": TAG})
    started = frame(3, "m2", {"transactionId": 1, "idTagInfo": {"status": "Accepted"}})
    remote = frame(2, "m3", "RemoteStartTransaction", {"idTag": TAG})
    log.heard("CP1", "Heartbeat", HEARTBEAT, TIME, 99, 100, valid=True)
    log.heard("CP1", "StartTransaction", start, started, 99, 100, valid=True)
    log.asked("CP1", "RemoteStartTransaction", remote, None, "timeout", began=70, ended=100)
    reset, refused = frame(2, "m4", "Reset", {}), frame(4, "m4", "X", "", {})
    log.asked("CP1", "Reset", reset, refused, "refused", began=1, ended=2)
    log.stray("CP1", 55, "late answer", 100)
    log.unreadable("CP1", 66, "not JSON", 100)
    log.heard("CP1", "Heartbeat", HEARTBEAT, TIME, 99, 100, valid=True)
    await log.flush()
    messages = await logged(bus)
    assert [(m.direction, m.action, m.outcome) for m in messages] == [
        ("received", "Heartbeat", "answered"),
        ("received", "StartTransaction", "answered"),
        ("sent", "RemoteStartTransaction", "timeout"),
        ("sent", "Reset", "refused"),
        ("received", None, "stray"),
        ("received", None, "unreadable"),
        ("received", "Heartbeat", "answered"),
    ]
    assert messages[2].answer is None
    assert [m.size for m in messages[4:6]] == [55, 66]
    assert [m.reason for m in messages[4:6]] == ["late answer", "not JSON"]
    assert TAG not in str(messages)
    reader = MessageReader(bus, "CP1", "Heartbeat")
    assert len(await reader.last(100)) == 2


async def test_only_a_valid_request_of_a_harmless_action_is_kept_as_it_came(
    bus: GoneBus, log: MessageLog
) -> None:
    hidden = frame(2, "m1", "Heartbeat", {"IdTag": TAG})
    refusal = frame(4, "m1", "FormationViolation", ".: additionalProperties", {})
    log.heard("CP1", "Heartbeat", hidden, refusal, 99, 100, valid=False)
    log.heard("CP1", "Heartbeat", hidden, TIME, 99, 100, valid=False)
    authorize = frame(2, "m2", "Authorize", {"idTag": TAG})
    log.heard("CP1", "Authorize", authorize, TIME, 99, 100, valid=True)
    await log.flush()
    messages = await logged(bus)
    assert [message.outcome for message in messages] == ["refused", "answered", "answered"]
    assert TAG not in str(messages)
    assert all("***" in str(message.request) for message in messages)


async def test_a_frame_of_several_lines_is_kept_on_one(bus: GoneBus, log: MessageLog) -> None:
    request = json.dumps([2, "m1", "Heartbeat", {}], indent=2)
    for times in (1, 3):
        for _ in range(times):
            log.heard("CP1", "Heartbeat", request, TIME, 99, 100, valid=True)
        await log.flush()
    assert [message.request for message in await logged(bus)] == [HEARTBEAT.decode()] * 4


async def test_an_internal_error_to_a_valid_request_is_told_as_a_refusal(
    bus: GoneBus, log: MessageLog
) -> None:
    refusal = frame(4, "m1", "InternalError", "try again later", {})
    for answer in (TIME, refusal, TIME):
        log.heard("CP1", "Heartbeat", HEARTBEAT, answer, 99, 100, valid=True)
    log.heard("CP2", "Heartbeat", HEARTBEAT, refusal, 99, 100, valid=True)
    await log.flush()
    assert [m.outcome for m in await logged(bus)] == ["answered", "refused", "answered"]
    assert [m.outcome for m in await logged(bus, "CP2")] == ["refused"]


@pytest.mark.parametrize("action", ["MeterValues", "DataTransfer"])
async def test_a_long_frame_is_cut(bus: GoneBus, log: MessageLog, action: str) -> None:
    long = json.dumps([2, "m1", action, {"vendorId": "ö" * 3_000}], ensure_ascii=False).encode()
    vast = frame(2, "m2", action, {"vendorId": "x" * 66_000})
    log.heard("CP1", action, long, frame(3, "m1", {}), 99, 100, valid=True)
    await log.flush()
    log.heard("CP1", action, vast, frame(3, "m2", {}), 99, 100, valid=True)
    await log.flush()
    cut, left_out = await logged(bus)
    assert cut.cut
    assert (cut.action, cut.message_id, cut.size) == (action, "m1", len(long))
    assert cut.request is not None
    assert cut.request.startswith('[2,"m1"')
    assert 1_900 < len(cut.request.encode()) <= 2_000
    assert cut.answer == '[3,"m1",{}]'
    assert (left_out.action, left_out.request, left_out.size) == (action, None, len(vast))
    assert left_out.reason


async def test_a_wide_frame_is_shortened_and_says_so(bus: GoneBus, log: MessageLog) -> None:
    wide = frame(2, "m1", "DataTransfer", {"vendorId": "V", "data": [[]] * 400})
    log.heard("CP1", "DataTransfer", wide, frame(3, "m1", {}), 99, 100, valid=False)
    await log.flush()
    (message,) = await logged(bus)
    assert (message.message_id, message.cut, message.size) == ("m1", True, len(wide))
    assert message.request == '[2,"m1","DataTransfer",{"vendorId":"V","data":"…"}]'


async def test_what_finds_no_room_is_counted_and_told(bus: GoneBus, log: MessageLog) -> None:
    bus.away = True
    big = frame(2, "m1", "DataTransfer", {"vendorId": "x" * 10_000})
    for _ in range(20):
        log.heard("CP1", "DataTransfer", big, TIME, 99, 100, valid=True)
    log.heard("CP2", "Heartbeat", HEARTBEAT, TIME, 99, 100, valid=True)
    bus.away = False
    await log.flush()
    messages = await logged(bus)
    *kept, told = messages
    fits = CHARGE_POINT_ROOM // (len(big) + len(TIME) + 2_048)
    assert len(kept) == fits
    assert (told.outcome, told.dropped) == ("dropped", 20 - fits)
    assert len(await logged(bus, "CP2")) == 1


async def test_all_charge_points_together_are_bounded(bus: GoneBus, log: MessageLog) -> None:
    bus.away = True
    big = frame(2, "m1", "DataTransfer", {"vendorId": "x" * 60_000})
    for number in range(400):
        for _ in range(2):
            log.heard(f"CP{number}", "DataTransfer", big, TIME, 99, 100, valid=True)
    assert log._room >= 0
    held = sum(len(waiting.records) for waiting in log._waiting.values())
    assert 200 < held <= ROOM // len(big)
    assert len(log._waiting) <= 400
    bus.away = False
    await log.flush(30)
    assert log._room == ROOM


async def test_while_redis_is_away_messages_wait_and_then_come_once(
    bus: GoneBus, log: MessageLog
) -> None:
    log.heard("CP1", "Heartbeat", HEARTBEAT, TIME, 99, 100, valid=True)
    log.count("CP1", "malformed", 2)
    bus.away = True
    await log.flush()
    log.heard("CP1", "Heartbeat", HEARTBEAT, TIME, 99, 100, valid=True)
    assert await logged(bus) == []
    bus.away, bus.deaf = False, True
    await log.flush()
    bus.deaf = False
    await log.flush()
    assert len(await logged(bus)) == 2
    assert (await read_counts(bus, "CP1"))["malformed"] == 2


async def test_what_takes_long_is_sent_in_parts(bus: GoneBus) -> None:
    ticks = count()
    log = MessageLog(bus, lambda: AT, logs.get_logger("test"), lambda: float(next(ticks)))
    for number in range(20):
        authorize = frame(2, f"m{number}", "Authorize", {"idTag": TAG})
        log.heard("CP1", "Authorize", authorize, TIME, 0, 0, valid=True)
        if number % 5 == 0:
            log.heard("CP1", "Heartbeat", HEARTBEAT, TIME, 0, 0, valid=True)
    log.count("CP1", "refused")
    await log.flush()
    messages = await logged(bus)
    asked = [m.message_id for m in messages if m.action == "Authorize"]
    assert asked == [f"m{number}" for number in range(20)]
    assert len(messages) == 24
    assert len((await bus.read_messages("CP1", "0", 100)).entries) > 10
    assert (await read_counts(bus, "CP1"))["refused"] == 1
    assert log._room == ROOM


async def test_counts_add_up(bus: GoneBus, log: MessageLog) -> None:
    for _ in range(3):
        log.count("CP1", "tolerated.casing")
        await log.flush()
    log.count("CP1", "refused", 5)
    await log.flush()
    counts = await read_counts(bus, "CP1")
    assert {name: number for name, number in counts.items() if number} == {
        "tolerated.casing": 3,
        "refused": 5,
    }
    assert await logged(bus) == []
    assert set((await read_counts(bus, "CP2")).values()) == {0}


async def test_nothing_is_kept_of_a_silent_charge_point(log: MessageLog) -> None:
    for number in range(1_000):
        log.heard(f"CP{number}", "Heartbeat", HEARTBEAT, TIME, 99, 100, valid=True)
    await log.flush()
    assert (log._waiting, log._taken, log._batches, log._room) == ({}, {}, [], ROOM)


async def test_it_sends_by_itself_and_the_rest_at_the_end(
    bus: GoneBus, log: MessageLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_log, "_INTERVAL_S", 0.01)
    async with asyncio.TaskGroup() as group, asyncio.timeout(10):
        running = group.create_task(log.run())
        for number in range(1_500):
            log.heard(f"CP{number}", "Heartbeat", HEARTBEAT, TIME, 99, 100, valid=True)
        while not await logged(bus, "CP0") or not await logged(bus, "CP1499"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        running.cancel()
    log.heard("CP0", "Heartbeat", HEARTBEAT, TIME, 99, 100, valid=True)
    await log.flush()
    assert len(await logged(bus, "CP0")) == 2


async def test_a_reader_skips_what_it_cannot_read(bus: GoneBus) -> None:
    good = b'{"t":1700000000000,"l":5,"q":[2,"m1","Heartbeat",{}],"a":[3,"m1",{}],"new":[1]}'
    damaged = [
        b"\xff",
        b"",
        b"[]",
        b"{}",
        b'{"t":"x"}',
        b'{"t":1e300}',
        b'{"t":1,"o":"unheard of"}',
        b'{"t":[1,2],"l":[1],"q":[],"a":[]}',
        b'{"t":1,"l":"x"}',
        b'{"t":1,"q":[2,3,{"a":1}],"x":"y"}',
    ]
    entry = b"\n".join([good, *[line for line in damaged if line != b"\xff"], good])
    await bus.append_messages([MessageBatch("CP1", "b1", [entry, b"nonsense", good])])
    assert [message.message_id for message in await logged(bus)] == ["m1"] * 3


async def test_last_gives_the_newest(bus: GoneBus, log: MessageLog) -> None:
    for number in range(500):
        request = frame(2, f"m{number}", "Heartbeat", {})
        log.heard("CP1", "Heartbeat", request, TIME, 99, 100, valid=True)
        if number % 3 == 0:
            await log.flush()
    await log.flush()
    found = await MessageReader(bus, "CP1").last(2)
    assert [message.message_id for message in found] == ["m498", "m499"]
