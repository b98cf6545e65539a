"""Commits: all that one input changes, once, or nothing."""

import asyncio
from typing import Any

from sdk.bus import keys
from sdk.bus.interface import Bus, Commit, Guard, Outcome, StateWrite
from sdk.bus.keys import Lane

CP = "CP-1"
SESSION = keys.session(CP, 1)


async def test_a_commit_changes_everything_it_names(bus: Bus, event: Any, take: Any) -> None:
    await bus.write(SESSION, {"version": "1", "phase": "idle", "old": "x"})
    await bus.write(keys.id_tags(CP), {"TAG": "{}", "OTHER": "{}"})
    commit = Commit(
        CP,
        cause=event().id,
        writes=[
            StateWrite(SESSION, {"version": "2", "phase": "verifying"}, expected_version=1),
            StateWrite(keys.connector(CP, 1), {"status": "Available"}),
        ],
        events=[(Lane.OUT, event(1)), (Lane.OCPP, event(2)), (Lane.OUT, event(3))],
        reader="manager",
        stream_id="5-1",
        removed_fields={keys.id_tags(CP): ["TAG", "ABSENT"]},
    )
    async with bus.follow() as follower:
        out = await follower.subscribe(CP, Lane.OUT, after=None)
        ocpp = await follower.subscribe(CP, Lane.OCPP, after=None)
        assert await bus.apply(commit) is Outcome.APPLIED
        assert await take(out, 2) == [1, 3]
        assert await take(ocpp, 1) == [2]
    assert await bus.read(SESSION) == {"version": "2", "phase": "verifying", "old": "x"}
    assert await bus.read(keys.connector(CP, 1)) == {"status": "Available"}
    assert await bus.read(keys.id_tags(CP)) == {"OTHER": "{}"}
    assert await bus.cursor(CP, "manager") == "5-1"


async def test_replace_and_delete(bus: Bus) -> None:
    record = keys.record(CP, "s1")
    await bus.write(SESSION, {"version": "4", "phase": "settled", "receipt": "{}"})
    await bus.write(record, {"a": "b"})
    commit = Commit(
        CP,
        writes=[
            StateWrite(SESSION, {"version": "5", "phase": "idle"}, 4, replace=True),
            StateWrite(record, None),
        ],
    )
    assert await bus.apply(commit) is Outcome.APPLIED
    assert await bus.read(SESSION) == {"version": "5", "phase": "idle"}
    assert await bus.read(record) == {}


async def test_a_repeat_is_a_duplicate_that_only_moves_the_cursor(bus: Bus, event: Any) -> None:
    cause = event().id
    write = StateWrite(SESSION, {"version": "1"}, expected_version=0)
    assert await bus.apply(Commit(CP, cause, writes=[write])) is Outcome.APPLIED
    again = Commit(
        CP,
        cause,
        writes=[StateWrite(SESSION, {"phase": "changed"})],
        events=[(Lane.OUT, event())],
        reader="manager",
        stream_id="7-0",
    )
    assert await bus.apply(again) is Outcome.DUPLICATE
    assert await bus.read(SESSION) == {"version": "1"}
    assert await bus.cursor(CP, "manager") == "7-0"


async def test_a_version_conflict_changes_nothing(bus: Bus, event: Any) -> None:
    await bus.write(SESSION, {"version": "3"})
    cause = event().id
    stale = Commit(
        CP,
        cause,
        writes=[
            StateWrite(keys.connector(CP, 1), {"status": "Charging"}),
            StateWrite(SESSION, {"version": "3"}, expected_version=2),
        ],
        events=[(Lane.OUT, event())],
        reader="manager",
        stream_id="9-0",
    )
    assert await bus.apply(stale) is Outcome.CONFLICT
    assert await bus.read(keys.connector(CP, 1)) == {}
    assert await bus.cursor(CP, "manager") is None
    fresh = Commit(CP, cause, writes=[StateWrite(SESSION, {"version": "4"}, 3)])
    assert await bus.apply(fresh) is Outcome.APPLIED, "a conflict is no commit of the cause"


async def test_version_zero_means_absent(bus: Bus) -> None:
    create = Commit(CP, writes=[StateWrite(SESSION, {"version": "1"}, expected_version=0)])
    assert await bus.apply(create) is Outcome.APPLIED
    assert await bus.apply(create) is Outcome.CONFLICT


async def test_a_stale_owner_is_refused(bus: Bus, event: Any) -> None:
    first = await bus.acquire_lease(CP, "one", ttl=0.05)
    assert first is not None
    await asyncio.sleep(0.08)
    second = await bus.acquire_lease(CP, "two", ttl=5)
    assert second is not None
    write = StateWrite(SESSION, {"by": "one"})
    stale = Commit(CP, event().id, [first.guard], [write], [(Lane.OUT, event())], "manager", "3-0")
    assert await bus.apply(stale) is Outcome.FENCED
    assert await bus.read(SESSION) == {}
    assert await bus.cursor(CP, "manager") is None
    assert await bus.apply(Commit(CP, guards=[second.guard], writes=[write])) is Outcome.APPLIED


async def test_every_guard_must_hold(bus: Bus) -> None:
    lease = await bus.new_fence(keys.fence(CP))
    socket = await bus.new_fence(keys.gateway(CP))
    assert await bus.apply(Commit(CP, guards=[lease, socket])) is Outcome.APPLIED
    await bus.new_fence(keys.gateway(CP))
    assert await bus.apply(Commit(CP, guards=[lease, socket])) is Outcome.FENCED
    nothing = Guard(keys.fence("CP-2"), "1-x")
    assert await bus.apply(Commit("CP-2", guards=[nothing])) is Outcome.FENCED


async def test_the_cursor_never_moves_back(bus: Bus) -> None:
    for stream_id in ("9-5", "10-0", "9-9", "10-2", "10-1"):
        await bus.apply(Commit(CP, reader="manager", stream_id=stream_id))
    assert await bus.cursor(CP, "manager") == "10-2"
    assert await bus.cursor(CP, "another") is None


async def test_events_of_a_commit_are_dropped_when_published_before(
    bus: Bus, event: Any, take: Any
) -> None:
    known, new = event(1), event(2)
    async with bus.follow() as follower:
        out = await follower.subscribe(CP, Lane.OUT, after=None)
        await bus.publish(Lane.OUT, known)
        await bus.apply(Commit(CP, events=[(Lane.OUT, known), (Lane.OUT, new)]))
        await bus.publish(Lane.OUT, new)
        await bus.publish(Lane.OUT, event(3))
        assert await take(out, 3) == [1, 2, 3]


async def test_commits_of_concurrent_writers_are_one_after_the_other(bus: Bus) -> None:
    async def count_up(times: int) -> None:
        for _ in range(times):
            while True:
                version = int((await bus.read(SESSION)).get("version", "0"))
                write = StateWrite(SESSION, {"version": str(version + 1)}, version)
                if await bus.apply(Commit(CP, writes=[write])) is Outcome.APPLIED:
                    break

    async with asyncio.TaskGroup() as tasks:
        for _ in range(4):
            tasks.create_task(count_up(10))
    assert await bus.read(SESSION) == {"version": "40"}
