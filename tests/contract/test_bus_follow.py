"""Following lanes: where a reader starts, slow readers, what no one can read."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from sdk.bus.interface import Bus
from sdk.bus.keys import Lane
from sdk.bus.limits import Limits

CP = "CP-1"


async def test_after_none_gives_only_what_is_new(bus: Bus, event: Any, take: Any) -> None:
    await bus.publish(Lane.IN, event(1))
    async with bus.follow() as follower:
        subscription = await follower.subscribe(CP, Lane.IN, after=None)
        await bus.publish(Lane.IN, event(2))
        assert await take(subscription, 1) == [2]


async def test_after_zero_gives_all(bus: Bus, event: Any, take: Any) -> None:
    for value in range(3):
        await bus.publish(Lane.IN, event(value))
    async with bus.follow() as follower:
        subscription = await follower.subscribe(CP, Lane.IN, after="0")
        await bus.publish(Lane.IN, event(3))
        assert await take(subscription, 4) == [0, 1, 2, 3]


async def test_after_an_id_gives_what_is_behind_it(bus: Bus, event: Any, take: Any) -> None:
    published = [await bus.publish(Lane.IN, event(value)) for value in range(4)]
    async with bus.follow() as follower:
        subscription = await follower.subscribe(CP, Lane.IN, after=published[1].stream_id)
        assert await take(subscription, 2) == [2, 3]


async def test_the_delivery_tells_what_was_published(bus: Bus, event: Any) -> None:
    async with bus.follow() as follower:
        subscription = await follower.subscribe(CP, Lane.OUT, after=None)
        envelope = event(7)
        published = await bus.publish(Lane.OUT, envelope)
        delivery = await anext(aiter(subscription))
    assert delivery.lane is Lane.OUT
    assert delivery.stream_id == published.stream_id
    assert delivery.envelope.to_json() == envelope.to_json()
    assert not delivery.gap


async def test_lanes_and_charge_points_are_apart(bus: Bus, event: Any, take: Any) -> None:
    async with bus.follow() as follower:
        one = await follower.subscribe(CP, Lane.IN, after=None)
        other = await follower.subscribe("CP-2", Lane.IN, after=None)
        await bus.publish(Lane.IN, event(1))
        await bus.publish(Lane.OUT, event(2))
        await bus.publish(Lane.IN, event(3, "CP-2"))
        await bus.publish(Lane.IN, event(4))
        assert await take(one, 2) == [1, 4]
        assert await take(other, 1) == [3]


async def test_two_subscriptions_of_one_lane_get_all_each(bus: Bus, event: Any, take: Any) -> None:
    async with bus.follow() as follower:
        one = await follower.subscribe(CP, Lane.IN, after=None)
        two = await follower.subscribe(CP, Lane.IN, after="0")
        for value in range(3):
            await bus.publish(Lane.IN, event(value))
        assert await take(one, 3) == [0, 1, 2]
        await one.close()
        await bus.publish(Lane.IN, event(3))
        assert await take(two, 4) == [0, 1, 2, 3]


async def test_a_slow_reader_gets_everything_in_order(bus: Bus, event: Any, take: Any) -> None:
    async with bus.follow() as follower:
        subscription = await follower.subscribe(CP, Lane.IN, after=None, reader="slow")
        for value in range(1500):
            await bus.publish(Lane.IN, event(value))
        await asyncio.sleep(0.05)
        assert len(subscription._live) <= 256  # type: ignore[attr-defined]
        assert await take(subscription, 1500) == list(range(1500))


async def test_a_reader_that_was_trimmed_past_is_told(
    make_bus: Callable[[Limits], Bus], event: Any
) -> None:
    bus = make_bus(Limits(out_entries=10))
    first = await bus.publish(Lane.OUT, event(0))
    for value in range(1, 500):
        await bus.publish(Lane.OUT, event(value))
    async with bus.follow() as follower:
        subscription = await follower.subscribe(CP, Lane.OUT, after=first.stream_id)
        assert (await anext(aiter(subscription))).gap
        assert not (await anext(aiter(subscription))).gap


async def test_closing_ends_the_iteration(bus: Bus, event: Any) -> None:
    seen: list[Any] = []

    async def read(subscription: Any) -> None:
        seen.extend([delivery async for delivery in subscription])

    async with asyncio.TaskGroup() as tasks, bus.follow() as follower:
        closed = await follower.subscribe(CP, Lane.IN, after=None)
        left = await follower.subscribe("CP-2", Lane.IN, after=None)
        tasks.create_task(read(closed))
        tasks.create_task(read(left))
        await asyncio.sleep(0.01)
        await closed.close()
        await closed.close()
        await bus.publish(Lane.IN, event())
    assert seen == [], "the follower's end ended the other one"


async def test_a_lane_can_be_followed_again_after_closing(bus: Bus, event: Any, take: Any) -> None:
    async with bus.follow() as follower:
        subscription = await follower.subscribe(CP, Lane.IN, after=None)
        await subscription.close()
        again = await follower.subscribe(CP, Lane.IN, after=None)
        await bus.publish(Lane.IN, event(5))
        assert await take(again, 1) == [5]


async def test_a_failure_inside_the_follower_is_raised_as_it_is(bus: Bus) -> None:
    async def fail() -> None:
        async with bus.follow() as follower:
            await follower.subscribe(CP, Lane.IN, after=None)
            raise LookupError

    with pytest.raises(LookupError):
        await fail()


@pytest.mark.parametrize("data", [b"nonsense", b"{}", b'{"body":{"type":"Unheard"}}'])
async def test_what_no_one_can_read_goes_to_the_dead_letters_once(
    bus: Bus, event: Any, take: Any, append_raw: Callable[[bytes], Awaitable[None]], data: bytes
) -> None:
    await append_raw(data)
    for _ in range(2):
        async with bus.follow() as follower:
            durable = await follower.subscribe(CP, Lane.IN, after="0", reader="manager")
            passing = await follower.subscribe(CP, Lane.IN, after="0")
            await bus.publish(Lane.IN, event(1))
            assert await take(durable, 1) == [1]
            assert await take(passing, 1) == [1]
    letters = await bus.dead_letters(CP)
    assert [letter.data.encode() for letter in letters] == [data]
    assert letters[0].lane is Lane.IN
    assert letters[0].reason


async def test_a_reader_that_is_not_durable_buries_nothing(
    bus: Bus, event: Any, take: Any, append_raw: Callable[[bytes], Awaitable[None]]
) -> None:
    await append_raw(b"nonsense")
    await bus.publish(Lane.IN, event(1))
    async with bus.follow() as follower:
        assert await take(await follower.subscribe(CP, Lane.IN, after="0"), 1) == [1]
    assert await bus.dead_letters(CP) == []


async def test_a_service_can_bury_what_it_fails_on(bus: Bus, event: Any) -> None:
    async with bus.follow() as follower:
        subscription = await follower.subscribe(CP, Lane.IN, after=None, reader="manager")
        await bus.publish(Lane.IN, event(9))
        delivery = await anext(aiter(subscription))
    await bus.dead_letter(delivery, "no rule for it")
    await bus.dead_letter(delivery, "no rule for it")
    (letter,) = await bus.dead_letters(CP)
    assert letter.reason == "no rule for it"
    assert letter.stream_id == delivery.stream_id
    assert '"energy_wh":9' in letter.data


async def test_what_is_erased_is_gone_and_no_gap(bus: Bus, event: Any, take: Any) -> None:
    async with bus.follow() as follower:
        subscription = await follower.subscribe(CP, Lane.OCPP, after=None, reader="gateway")
        erased = await bus.publish(Lane.OCPP, event(1))
        assert await take(subscription, 1) == [1]
        await bus.erase(CP, Lane.OCPP, erased.stream_id)
        await bus.erase(CP, Lane.OCPP, erased.stream_id)
        await bus.publish(Lane.OCPP, event(2))
        delivery = await anext(aiter(subscription))
        assert '"energy_wh":2' in delivery.envelope.to_json()
        assert not delivery.gap
    async with bus.follow() as follower:
        later = await follower.subscribe(CP, Lane.OCPP, after="0")
        assert await take(later, 1) == [2]
