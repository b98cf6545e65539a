"""Commits named by a hash field, and events that are JSON already."""

from typing import Any

from sdk.bus import keys
from sdk.bus.interface import Bus, Commit, Once, Outcome, StateWrite, WrittenEnvelope
from sdk.bus.keys import Lane
from sdk.events.envelope import Envelope, read_envelope

CP = "CP-1"
CONNECTOR = keys.connector(CP, 1)


def written(envelope: Envelope) -> WrittenEnvelope:
    return WrittenEnvelope(str(envelope.id), envelope.charge_point_id, envelope.to_json().encode())


def named(value: str, energy: int, **more: Any) -> Commit:
    """Give a commit that is named by `last_message`, as the gateway's readings are."""
    return Commit(
        CP,
        writes=[StateWrite(CONNECTOR, {"energy_wh": str(energy), "last_message": value})],
        once=Once(CONNECTOR, "last_message", value),
        **more,
    )


async def test_the_newest_input_is_a_duplicate_when_it_comes_again(bus: Bus, event: Any) -> None:
    async with bus.follow() as follower:
        lane = await follower.subscribe(CP, Lane.IN, after="0")
        assert await bus.apply(named("a", 1, events=[(Lane.IN, event(1))])) is Outcome.APPLIED
        again = named("a", 2, events=[(Lane.IN, event(2))])
        assert await bus.apply(again) is Outcome.DUPLICATE
        assert await bus.apply(named("b", 3, events=[(Lane.IN, event(3))])) is Outcome.APPLIED
        assert await bus.read(CONNECTOR) == {"energy_wh": "3", "last_message": "b"}
        numbers = [
            delivery.envelope.body.energy_wh  # type: ignore[union-attr]
            for _ in range(2)
            if (delivery := await anext(aiter(lane)))
        ]
        assert numbers == [1, 3]


async def test_it_tells_only_the_newest_input(bus: Bus) -> None:
    for energy, value in enumerate(("a", "b", "a")):
        assert await bus.apply(named(value, energy)) is Outcome.APPLIED
    assert (await bus.read(CONNECTOR))["energy_wh"] == "2"


async def test_a_duplicate_still_moves_the_cursor(bus: Bus) -> None:
    assert await bus.apply(named("a", 1)) is Outcome.APPLIED
    again = named("a", 2, reader="manager", stream_id="7-0")
    assert await bus.apply(again) is Outcome.DUPLICATE
    assert await bus.cursor(CP, "manager") == "7-0"


async def test_a_stale_guard_counts_before_the_name(bus: Bus) -> None:
    old = await bus.new_fence(keys.gateway(CP))
    assert await bus.apply(named("a", 1, guards=[old])) is Outcome.APPLIED
    await bus.new_fence(keys.gateway(CP))
    assert await bus.apply(named("a", 2, guards=[old])) is Outcome.FENCED
    assert await bus.apply(named("b", 2, guards=[old])) is Outcome.FENCED
    assert (await bus.read(CONNECTOR))["last_message"] == "a"


async def test_a_duplicate_by_name_is_no_commit_of_its_cause(bus: Bus, event: Any) -> None:
    cause = event().id
    assert await bus.apply(named("a", 1)) is Outcome.APPLIED
    assert await bus.apply(named("a", 2, cause=cause)) is Outcome.DUPLICATE
    assert await bus.apply(named("b", 2, cause=cause)) is Outcome.APPLIED
    assert await bus.apply(named("c", 3, cause=cause)) is Outcome.DUPLICATE
    assert (await bus.read(CONNECTOR))["last_message"] == "b"


async def test_a_written_event_is_delivered_as_the_envelope_it_stands_for(
    bus: Bus, event: Any
) -> None:
    plain, live = event(1), event(2)
    await bus.apply(Commit(CP, events=[(Lane.IN, written(plain))]))
    async with bus.follow() as follower:
        lane = await follower.subscribe(CP, Lane.IN, after="0")
        from_stream = (await anext(aiter(lane))).envelope
        await bus.apply(Commit(CP, events=[(Lane.IN, written(live)), (Lane.IN, event(3))]))
        from_channel = (await anext(aiter(lane))).envelope
        after_it = (await anext(aiter(lane))).envelope
    for got, meant in ((from_stream, plain), (from_channel, live)):
        assert got == read_envelope(meant.to_json())
        assert got.to_json() == meant.to_json()
    assert after_it.body.energy_wh == 3  # type: ignore[union-attr]


async def test_a_written_event_is_not_remembered_as_done(bus: Bus, event: Any, take: Any) -> None:
    envelope = event(1)
    await bus.apply(Commit(CP, events=[(Lane.IN, written(envelope))]))
    await bus.apply(Commit(CP, events=[(Lane.IN, written(envelope))]))
    assert not (await bus.publish(Lane.IN, envelope)).duplicate
    assert (await bus.publish(Lane.IN, envelope)).duplicate
    await bus.apply(Commit(CP, events=[(Lane.IN, written(envelope)), (Lane.IN, event(2))]))
    async with bus.follow() as follower:
        lane = await follower.subscribe(CP, Lane.IN, after="0")
        assert await take(lane, 5) == [1, 1, 1, 1, 2], "its own id is never looked at"


async def test_written_and_other_events_keep_their_order(bus: Bus, event: Any, take: Any) -> None:
    events = [(Lane.IN, written(event(n)) if n % 2 else event(n)) for n in range(6)]
    async with bus.follow() as follower:
        lane = await follower.subscribe(CP, Lane.IN, after=None)
        await bus.apply(Commit(CP, events=events))
        assert await take(lane, 6) == list(range(6))
