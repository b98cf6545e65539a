"""Commits to a lane whose durable readers lag: what is left out, what is refused, what goes."""

from collections.abc import Callable
from typing import Any

import pytest

from sdk.bus import keys
from sdk.bus.interface import (
    Bus,
    Commit,
    Guard,
    Once,
    Outcome,
    OverloadedError,
    Room,
    StateWrite,
    WrittenEnvelope,
)
from sdk.bus.keys import Lane
from sdk.bus.limits import Limits

CP = "CP-1"
CONNECTOR, TRANSACTION = keys.connector(CP, 1), keys.transaction(CP, 1)
LIMITS = Limits(open_entries=6, reserved_entries=9, kept_entries=2)
FULL_AT = {Room.STATE_ONLY: 6, Room.READINGS: 9, Room.TRANSACTIONS: 15}
REFUSED = (Room.READINGS, Room.TRANSACTIONS)

MakeBus = Callable[[Limits], Bus]


@pytest.fixture
def small(make_bus: MakeBus) -> Bus:
    """A bus whose lanes are soon full."""
    return make_bus(LIMITS)


@pytest.fixture
async def guard(small: Bus) -> Guard:
    return await small.new_fence(keys.gateway(CP))


@pytest.fixture(params=["any", "report"])
def make_commit(request: pytest.FixtureRequest, event: Any) -> Any:
    """Make a commit of `value`: of any shape, or of the gateway's readings, made to be quick."""

    def make(value: int, room: Room, guard: Guard, **more: Any) -> Commit:
        envelope, name = event(value), f"message {value}"
        text = WrittenEnvelope(str(envelope.id), CP, envelope.to_json().encode())
        is_report = request.param == "report"
        fields = {"energy_wh": str(value)} | ({"last_message": name} if is_report else {})
        return Commit(
            CP,
            guards=[guard],
            writes=[StateWrite(CONNECTOR, fields), StateWrite(TRANSACTION, {"at": str(value)})],
            events=[(Lane.IN, text if is_report else envelope)],
            once=Once(CONNECTOR, "last_message", name) if is_report else None,
            room=room,
            **more,
        )

    return make


async def register(bus: Bus, reader: str = "manager") -> None:
    async with bus.follow() as follower:
        await follower.subscribe(CP, Lane.IN, after="0", reader=reader)


async def fill(bus: Bus, event: Any, count: int) -> list[str]:
    """Put events into the lane, whatever its limits; give their stream ids."""
    for value in range(count):
        await bus.apply(Commit(CP, events=[(Lane.IN, event(value))]))
    return [stream_id for stream_id, _ in await entries(bus)]


async def entries(bus: Bus) -> list[tuple[str, int]]:
    """Give stream id and number of all that is in the lane."""
    found = []
    async with bus.follow() as follower:
        lane = await follower.subscribe(CP, Lane.IN, after="0")
        while delivery := await lane.take():
            body: Any = delivery.envelope.body
            found.append((delivery.stream_id, body.energy_wh))
    return found


async def numbers(bus: Bus) -> list[int]:
    return [number for _, number in await entries(bus)]


@pytest.mark.parametrize("room", REFUSED)
async def test_a_full_lane_refuses_and_changes_nothing(
    small: Bus, event: Any, guard: Guard, make_commit: Any, room: Room
) -> None:
    await register(small)
    await fill(small, event, FULL_AT[room] - 1)
    first = make_commit(100, room, guard)
    assert await small.apply(first) is Outcome.APPLIED, "one below its limit"
    stored = [await small.read(key) for key in (CONNECTOR, TRANSACTION)]
    held = await entries(small)
    refused = make_commit(101, room, guard)
    for _ in range(2):
        with pytest.raises(OverloadedError):
            await small.apply(refused)
    assert [await small.read(key) for key in (CONNECTOR, TRANSACTION)] == stored
    assert await entries(small) == held


async def test_a_refused_commit_leaves_neither_cursor_nor_cause(
    small: Bus, event: Any, guard: Guard, make_commit: Any
) -> None:
    await register(small)
    ids = await fill(small, event, FULL_AT[Room.TRANSACTIONS])
    more = {"cause": event().id, "reader": "another", "stream_id": "7-0"}
    commit = make_commit(100, Room.TRANSACTIONS, guard, **more)
    with pytest.raises(OverloadedError):
        await small.apply(commit)
    assert await small.cursor(CP, "another") is None
    await small.apply(Commit(CP, reader="manager", stream_id=ids[-1]))
    assert await small.apply(commit) is Outcome.APPLIED
    assert await small.cursor(CP, "another") == "7-0"


async def test_above_its_limit_the_state_is_written_and_the_events_are_left_out(
    small: Bus, event: Any, guard: Guard, make_commit: Any
) -> None:
    await register(small)
    await fill(small, event, 5)
    assert await small.apply(make_commit(5, Room.STATE_ONLY, guard)) is Outcome.APPLIED
    more = {"cause": event().id, "reader": "another", "stream_id": "7-0"}
    commit = make_commit(100, Room.STATE_ONLY, guard, **more)
    assert await small.apply(commit) is Outcome.APPLIED
    assert (await small.read(CONNECTOR))["energy_wh"] == "100"
    assert await small.read(TRANSACTION) == {"at": "100"}
    assert await small.cursor(CP, "another") == "7-0"
    assert await numbers(small) == list(range(6))
    assert await small.apply(commit) is Outcome.DUPLICATE


async def test_each_room_is_wider_than_the_one_before(
    small: Bus, event: Any, guard: Guard, make_commit: Any
) -> None:
    await register(small)
    await fill(small, event, 6)
    assert await small.apply(make_commit(100, Room.STATE_ONLY, guard)) is Outcome.APPLIED
    for value in range(6, 9):
        assert await small.apply(make_commit(value, Room.READINGS, guard)) is Outcome.APPLIED
    with pytest.raises(OverloadedError):
        await small.apply(make_commit(101, Room.READINGS, guard))
    for value in range(9, 15):
        assert await small.apply(make_commit(value, Room.TRANSACTIONS, guard)) is Outcome.APPLIED
    with pytest.raises(OverloadedError):
        await small.apply(make_commit(102, Room.TRANSACTIONS, guard))
    assert await numbers(small) == list(range(15))


@pytest.mark.parametrize("room", Room)
async def test_a_reader_that_commits_makes_room_again(
    small: Bus, event: Any, guard: Guard, make_commit: Any, room: Room
) -> None:
    await register(small)
    await register(small, "slower")
    ids = await fill(small, event, FULL_AT[room])
    await small.apply(Commit(CP, reader="manager", stream_id=ids[-1]))
    if room is Room.STATE_ONLY:
        await small.apply(make_commit(100, room, guard))
        assert await numbers(small) == list(range(FULL_AT[room])), "the slowest one counts"
    else:
        with pytest.raises(OverloadedError):
            await small.apply(make_commit(100, room, guard))
    await small.apply(Commit(CP, reader="slower", stream_id=ids[2]))
    assert await small.apply(make_commit(101, room, guard)) is Outcome.APPLIED
    assert await numbers(small) == [*range(2, FULL_AT[room]), 101], "from its cursor on"


@pytest.mark.parametrize("room", Room)
async def test_without_a_durable_reader_the_oldest_entries_go(
    make_bus: MakeBus, make_commit: Any, room: Room
) -> None:
    limits = Limits(open_entries=300, reserved_entries=300, kept_entries=8)
    limit, _ = limits.room(room)
    bus = make_bus(limits)
    guard = await bus.new_fence(keys.gateway(CP))
    total = 2 * limit
    for value in range(total):
        assert await bus.apply(make_commit(value, room, guard)) is Outcome.APPLIED
    kept = await numbers(bus)
    assert kept == list(range(total - len(kept), total)), "the newest, without a gap"
    assert limit - 1 <= len(kept) <= limit + 110, "Redis drops a block of about 100 at once"
    assert (await bus.read(CONNECTOR))["energy_wh"] == str(total - 1)


async def test_a_stale_guard_counts_before_the_room(
    small: Bus, event: Any, guard: Guard, make_commit: Any
) -> None:
    await register(small)
    await fill(small, event, FULL_AT[Room.READINGS])
    await small.new_fence(keys.gateway(CP))
    assert await small.apply(make_commit(1, Room.READINGS, guard)) is Outcome.FENCED


@pytest.mark.parametrize("make_commit", ["report"], indirect=True)
async def test_what_came_before_is_a_duplicate_also_where_the_lane_is_full(
    small: Bus, event: Any, guard: Guard, make_commit: Any
) -> None:
    await register(small)
    commit = make_commit(1, Room.READINGS, guard)
    assert await small.apply(commit) is Outcome.APPLIED
    await fill(small, event, FULL_AT[Room.READINGS])
    assert await small.apply(commit) is Outcome.DUPLICATE


@pytest.mark.parametrize("room", Room)
async def test_without_events_there_is_always_room(
    small: Bus, event: Any, guard: Guard, room: Room
) -> None:
    await register(small)
    await fill(small, event, 20)
    write = StateWrite(CONNECTOR, {"energy_wh": "1"})
    commit = Commit(CP, guards=[guard], writes=[write], room=room)
    assert await small.apply(commit) is Outcome.APPLIED
    assert await small.read(CONNECTOR) == {"energy_wh": "1"}


async def test_a_commit_without_room_is_never_refused(small: Bus, event: Any) -> None:
    await register(small)
    await fill(small, event, 40)
    assert await numbers(small) == list(range(40))


async def test_where_one_lane_is_full_the_others_are_told_all_the_same(
    small: Bus, event: Any, take: Any
) -> None:
    await register(small)
    await fill(small, event, 6)
    events = [(Lane.IN, event(100)), (Lane.OUT, event(101)), (Lane.IN, event(102))]
    async with small.follow() as follower:
        out = await follower.subscribe(CP, Lane.OUT, after=None)
        commit = Commit(CP, events=events, room=Room.STATE_ONLY)
        assert await small.apply(commit) is Outcome.APPLIED
        assert await take(out, 1) == [101]
    assert await numbers(small) == list(range(6))
