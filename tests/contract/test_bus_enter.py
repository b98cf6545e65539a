"""Entering: what the gateway of a charge point's newest socket is given."""

import asyncio
from collections.abc import Callable
from typing import Any

from sdk.bus import keys
from sdk.bus.interface import Bus, Commit, Outcome, StateWrite
from sdk.bus.keys import GATEWAY_READER, Lane
from sdk.bus.limits import Limits

CP = "CP-1"


def generation(token: str) -> int:
    return int(token.partition("-")[0])


async def test_generations_rise_and_only_the_newest_may_write(bus: Bus) -> None:
    entrances = [await bus.enter(CP, GATEWAY_READER) for _ in range(3)]
    guards = [entrance.guard for entrance in entrances]
    assert [generation(guard.token) for guard in guards] == [1, 2, 3]
    assert {guard.key for guard in guards} == {keys.gateway(CP)}
    fresh = await bus.new_fence(keys.gateway(CP))
    last = (await bus.enter(CP, GATEWAY_READER)).guard
    assert generation(fresh.token) == 4, "both ways give generations of one sequence"
    assert generation(last.token) == 5
    outcomes = [await bus.apply(Commit(CP, guards=[guard])) for guard in (*guards, fresh, last)]
    assert outcomes == [*[Outcome.FENCED] * 4, Outcome.APPLIED]


async def test_tokens_of_one_generation_can_never_be_the_same(bus: Bus) -> None:
    first = (await bus.enter(CP, GATEWAY_READER)).guard
    await bus.delete(keys.gateway(CP))
    second = (await bus.enter(CP, GATEWAY_READER)).guard
    assert generation(first.token) == generation(second.token)
    assert await bus.apply(Commit(CP, guards=[first])) is Outcome.FENCED


async def test_those_who_enter_at_once_get_a_generation_each(bus: Bus) -> None:
    entrances = await asyncio.gather(*(bus.enter(CP, GATEWAY_READER) for _ in range(20)))
    tokens = [entrance.guard.token for entrance in entrances]
    assert sorted(map(generation, tokens)) == list(range(1, 21))
    newest = max(entrances, key=lambda each: generation(each.guard.token)).guard
    assert await bus.apply(Commit(CP, guards=[newest])) is Outcome.APPLIED


async def test_a_charge_point_that_was_never_here_has_nothing(bus: Bus) -> None:
    entrance = await bus.enter(CP, GATEWAY_READER)
    assert entrance.state == {}
    assert entrance.unanswered == {}
    assert (entrance.cursor, entrance.newest) == ("0-0", "0-0")


async def test_it_tells_what_was_before(bus: Bus, event: Any) -> None:
    state, unanswered = {"connected": "1", "boot": '{"ä": 1}'}, {str(event().id): "{}"}
    await bus.apply(
        Commit(
            CP,
            writes=[
                StateWrite(keys.state(CP), state),
                StateWrite(keys.commands(CP), unanswered),
                StateWrite(keys.state("CP-2"), {"connected": "0"}),
            ],
        )
    )
    published = [await bus.publish(Lane.OCPP, event(value)) for value in range(3)]
    await bus.publish(Lane.IN, event(9))
    await bus.apply(Commit(CP, reader=GATEWAY_READER, stream_id=published[1].stream_id))
    for _ in range(2):
        entrance = await bus.enter(CP, GATEWAY_READER)
        assert entrance.state == state
        assert entrance.unanswered == unanswered
        assert entrance.cursor == published[1].stream_id
        assert entrance.newest == published[2].stream_id


async def test_from_then_on_the_lane_keeps_what_is_unread(
    make_bus: Callable[[Limits], Bus], event: Any, take: Any
) -> None:
    bus = make_bus(Limits(kept_entries=4))
    async with bus.follow() as follower:
        other = await follower.subscribe(CP, Lane.OCPP, after="0", reader="other")
        await bus.enter(CP, GATEWAY_READER)
        for value in range(40):
            await bus.publish(Lane.OCPP, event(value))
        assert await take(other, 39) == list(range(39))
        last = await anext(aiter(other))
        await bus.apply(Commit(CP, reader="other", stream_id=last.stream_id))
        for value in range(40, 60):
            await bus.publish(Lane.OCPP, event(value))
        lane = await follower.subscribe(CP, Lane.OCPP, after="0")
        assert await take(lane, 60) == list(range(60))


async def test_to_enter_again_gives_up_nothing_that_is_unread(
    make_bus: Callable[[Limits], Bus], event: Any, take: Any
) -> None:
    bus = make_bus(Limits(kept_entries=4))
    await bus.enter(CP, GATEWAY_READER)
    published = [await bus.publish(Lane.OCPP, event(value)) for value in range(20)]
    await bus.apply(Commit(CP, reader=GATEWAY_READER, stream_id=published[4].stream_id))
    entrance = await bus.enter(CP, GATEWAY_READER)
    assert entrance.cursor == published[4].stream_id
    for value in range(20, 60):
        await bus.publish(Lane.OCPP, event(value))
    async with bus.follow() as follower:
        lane = await follower.subscribe(CP, Lane.OCPP, after=entrance.cursor)
        assert await take(lane, 55) == list(range(5, 60))
