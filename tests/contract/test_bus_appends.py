"""Strings of bytes in commits: appended once with the input, or written once and never again."""

import asyncio
from typing import Any

import pytest
from lossy_redis import bus_at, thief
from redis.asyncio import Redis

from sdk.bus import keys
from sdk.bus.interface import Bus, Commit, Guard, Once, Outcome, StateWrite
from sdk.ids import new_event_id

CP = "CP-1"
ROWS = keys.rows(CP, "2026-11")
CURVE = keys.curve(CP, "0x01")
RECORD = keys.record(CP, "0x01")
ANY_BYTES = bytes(range(256)) + b"\r\n$-1\r\n\x00"
CALLS = 200


async def test_bytes_come_back_as_they_went(bus: Bus) -> None:
    commit = Commit(
        CP, new_event_id(), appends={ROWS: ANY_BYTES, CURVE: b"\x00"}, constants={RECORD: ANY_BYTES}
    )
    assert await bus.apply(commit) is Outcome.APPLIED
    found = await bus.read_blobs([ROWS, "absent", CURVE, RECORD])
    assert found == [ANY_BYTES, b"", b"\x00", ANY_BYTES]
    assert await bus.read_blobs([]) == []


async def test_each_append_goes_to_the_end(bus: Bus) -> None:
    for part in (b"one,", b"two,", b"three"):
        await bus.apply(Commit(CP, new_event_id(), appends={ROWS: part}))
    assert await bus.read_blobs([ROWS]) == [b"one,two,three"]


@pytest.mark.parametrize("by", ["cause", "once", "version"])
async def test_a_repeat_appends_nothing(bus: Bus, by: str) -> None:
    state = keys.last_receipt(CP)
    cause = new_event_id() if by == "cause" else None
    once = Once(state, "hash", "a") if by == "once" else None
    write = StateWrite(state, {"hash": "a", "version": "1"}, 0 if by == "version" else None)
    commit = Commit(CP, cause, writes=[write], once=once, appends={ROWS: b"row"})
    outcomes = [await bus.apply(commit) for _ in range(3)]
    again = Outcome.CONFLICT if by == "version" else Outcome.DUPLICATE
    assert outcomes == [Outcome.APPLIED, again, again]
    assert await bus.read_blobs([ROWS]) == [b"row"]


def test_what_a_repeat_would_append_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="appends need"):
        Commit(CP, appends={ROWS: b"row"})


async def test_a_fenced_commit_appends_and_keeps_nothing(bus: Bus) -> None:
    fence = keys.fence(CP)
    old = await bus.new_fence(fence)
    await bus.new_fence(fence)
    commit = Commit(
        CP,
        new_event_id(),
        [Guard(fence, old.token)],
        appends={ROWS: b"a"},
        constants={RECORD: b"b"},
    )
    assert await bus.apply(commit) is Outcome.FENCED
    assert await bus.read_blobs([ROWS, RECORD]) == [b"", b""]


async def test_a_constant_that_is_there_stays(bus: Bus) -> None:
    for value in (b"first", b"second"):
        commit = Commit(CP, new_event_id(), constants={RECORD: value})
        assert await bus.apply(commit) is Outcome.APPLIED
    assert await bus.read_blobs([RECORD]) == [b"first"]


async def test_a_commit_deletes_also_what_it_appends(bus: Bus) -> None:
    await bus.apply(Commit(CP, new_event_id(), appends={CURVE: b"old", ROWS: b"old"}))
    gone = [StateWrite(CURVE, None)]
    await bus.apply(Commit(CP, new_event_id(), writes=gone, appends={CURVE: b"last", ROWS: b"new"}))
    assert await bus.read_blobs([CURVE, ROWS]) == [b"", b"oldnew"]
    await bus.delete(ROWS)
    assert await bus.read_blobs([ROWS]) == [b""]


async def test_calls_whose_answers_are_lost_append_once(redis: Redis, redis_url: str) -> None:
    del redis  # emptied
    async with thief(redis_url) as (url, steal), bus_at(url) as bus:
        await bus.read("any")
        steal.set()
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            calls: list[Any] = [
                group.create_task(bus.apply(Commit(CP, new_event_id(), appends={ROWS: part})))
                for part in (bytes([value]) for value in range(CALLS))
            ]
        assert not steal.is_set(), "it took some"
        assert {call.result() for call in calls} == {Outcome.APPLIED}
        found = await bus.read_blobs([ROWS])
    assert sorted(found[0]) == list(range(CALLS))
