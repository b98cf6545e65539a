"""Publishing: doubles, order and caps, on every kind of bus."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from sdk.bus.interface import Bus, Commit, OverloadedError
from sdk.bus.keys import Lane
from sdk.bus.limits import Limits

CP = "CP-1"


async def test_a_second_publish_of_an_event_is_a_duplicate(bus: Bus, event: Any) -> None:
    envelope = event()
    first = await bus.publish(Lane.IN, envelope)
    again = await bus.publish(Lane.IN, envelope)
    assert not first.duplicate
    assert again.duplicate
    assert again.stream_id == first.stream_id


async def test_a_double_is_forgotten_after_its_memory(
    make_bus: Callable[[Limits], Bus], event: Any
) -> None:
    bus = make_bus(Limits(event_memory=0.05))
    envelope = event()
    await bus.publish(Lane.OUT, envelope)
    await asyncio.sleep(0.08)
    assert not (await bus.publish(Lane.OUT, envelope)).duplicate
    command = event()
    await bus.publish(Lane.OCPP, command)
    await asyncio.sleep(0.08)
    assert (await bus.publish(Lane.OCPP, command)).duplicate, "commands are remembered longer"


async def test_order_holds_per_publisher_under_concurrency(bus: Bus, event: Any, take: Any) -> None:
    async with bus.follow() as follower:
        subscription = await follower.subscribe(CP, Lane.IN, after=None)

        async def publish(first: int) -> None:
            for value in range(first, first + 50):
                await bus.publish(Lane.IN, event(value))

        async with asyncio.TaskGroup() as tasks:
            for publisher in range(8):
                tasks.create_task(publish(publisher * 100))
        values = await take(subscription, 400)
    for publisher in range(8):
        own = [value for value in values if value // 100 == publisher]
        assert own == list(range(publisher * 100, publisher * 100 + 50))


async def test_an_unread_lane_refuses_the_unreserved_first(
    make_bus: Callable[[Limits], Bus], event: Any
) -> None:
    bus = make_bus(Limits(open_entries=20, reserved_entries=30, kept_entries=4))
    for value in range(20):
        await bus.publish(Lane.IN, event(value))
    with pytest.raises(OverloadedError):
        await bus.publish(Lane.IN, event())
    for value in range(10):
        await bus.publish(Lane.IN, event(value), reserved=True)
    with pytest.raises(OverloadedError):
        await bus.publish(Lane.IN, event(), reserved=True)


async def test_a_refused_event_may_be_published_later(
    make_bus: Callable[[Limits], Bus], event: Any
) -> None:
    bus = make_bus(Limits(open_entries=8, kept_entries=4))
    async with bus.follow() as follower:
        subscription = await follower.subscribe(CP, Lane.IN, after="0", reader="manager")
        for value in range(8):
            await bus.publish(Lane.IN, event(value))
        late = event(8)
        with pytest.raises(OverloadedError):
            await bus.publish(Lane.IN, late)
        for _ in range(8):
            delivery = await anext(aiter(subscription))
            await bus.apply(Commit(CP, reader="manager", stream_id=delivery.stream_id))
        assert not (await bus.publish(Lane.IN, late)).duplicate


async def test_a_read_lane_is_trimmed_and_an_unread_one_is_not(
    make_bus: Callable[[Limits], Bus], event: Any, take: Any
) -> None:
    bus = make_bus(Limits(kept_entries=10))
    async with bus.follow() as follower:
        fast = await follower.subscribe(CP, Lane.IN, after="0", reader="fast")
        slow = await follower.subscribe(CP, Lane.IN, after="0", reader="slow")
        for value in range(100):
            await bus.publish(Lane.IN, event(value))
        for _ in range(100):
            delivery = await anext(aiter(fast))
            await bus.apply(Commit(CP, reader="fast", stream_id=delivery.stream_id))
        assert await take(slow, 100) == list(range(100)), "nothing that slow had not committed"
        last = await bus.publish(Lane.IN, event(100))
        await bus.apply(Commit(CP, reader="slow", stream_id=last.stream_id))
        await bus.apply(Commit(CP, reader="fast", stream_id=last.stream_id))
        for value in range(101, 121):
            await bus.publish(Lane.IN, event(value))
        from_start = await follower.subscribe(CP, Lane.IN, after="0")
        assert (await take(from_start, 1))[0] > 80


async def test_the_out_lane_is_capped_and_never_full(
    make_bus: Callable[[Limits], Bus], event: Any, take: Any
) -> None:
    bus = make_bus(Limits(out_entries=10, open_entries=5))
    for value in range(500):
        await bus.publish(Lane.OUT, event(value))
    async with bus.follow() as follower:
        subscription = await follower.subscribe(CP, Lane.OUT, after="0")
        assert (await take(subscription, 1))[0] > 200
