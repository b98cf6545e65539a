"""Listening: a lane is heard before it is known from where on it is to be read."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from lane_reader import Bell, Reader

from sdk.bus.interface import Bus, Commit, Entrance, Follower, Subscription
from sdk.bus.keys import GATEWAY_READER, Lane

CP = "CP-1"


@pytest.fixture
async def follower(bus: Bus) -> AsyncIterator[Follower]:
    async with bus.follow() as follower:
        yield follower


@pytest.fixture
def bell() -> Bell:
    return Bell()


async def entered(bus: Bus, subscription: Subscription) -> Entrance:
    entrance = await bus.enter(CP, GATEWAY_READER)
    subscription.begin(entrance.cursor, entrance.newest)
    return entrance


async def test_an_empty_lane_has_nothing_and_then_what_comes(
    bus: Bus, follower: Follower, bell: Bell, event: Any
) -> None:
    subscription = await follower.listen(CP, Lane.OCPP, bell.ring)
    await entered(bus, subscription)
    assert await subscription.take() is None
    bell.forget()
    published = await bus.publish(Lane.OCPP, event(1))
    await bell.heard()
    delivery = await subscription.take()
    assert delivery is not None
    assert (delivery.stream_id, delivery.lane, delivery.gap) == (
        published.stream_id,
        Lane.OCPP,
        False,
    )
    assert await subscription.take() is None


async def test_nothing_is_lost_or_doubled_around_listening_and_beginning(
    bus: Bus, follower: Follower, bell: Bell, event: Any
) -> None:
    for value in range(3):
        await bus.publish(Lane.OCPP, event(value))
    subscription = await follower.listen(CP, Lane.OCPP, bell.ring)
    for value in range(3, 6):
        await bus.publish(Lane.OCPP, event(value))
    entrance = await bus.enter(CP, GATEWAY_READER)
    for value in range(6, 9):
        await bus.publish(Lane.OCPP, event(value))
    subscription.begin(entrance.cursor, entrance.newest)
    for value in range(9, 12):
        await bus.publish(Lane.OCPP, event(value))
    reader = Reader(subscription, bell)
    assert await reader.until(12) == list(range(12))
    await bus.publish(Lane.OCPP, event(12))
    assert await reader.until(13) == list(range(13))
    await asyncio.sleep(0.02)
    assert await reader.drain() == list(range(13))


async def test_what_is_committed_is_not_delivered_again(
    bus: Bus, follower: Follower, bell: Bell, event: Any
) -> None:
    published = [await bus.publish(Lane.OCPP, event(value)) for value in range(4)]
    await bus.apply(Commit(CP, reader=GATEWAY_READER, stream_id=published[2].stream_id))
    subscription = await follower.listen(CP, Lane.OCPP, bell.ring)
    await entered(bus, subscription)
    reader = Reader(subscription, bell)
    assert await reader.until(1) == [3]
    assert await subscription.take() is None


async def test_a_lane_that_is_read_to_its_end_is_heard_without_its_stream(
    bus: Bus, follower: Follower, bell: Bell, event: Any
) -> None:
    published = await bus.publish(Lane.OCPP, event(1))
    await bus.apply(Commit(CP, reader=GATEWAY_READER, stream_id=published.stream_id))
    subscription = await follower.listen(CP, Lane.OCPP, bell.ring)
    await entered(bus, subscription)
    assert not subscription._stale  # type: ignore[attr-defined]
    assert await subscription.take() is None
    await bus.publish(Lane.OCPP, event(2))
    assert await Reader(subscription, bell).until(1) == [2]


@pytest.mark.parametrize("listens_first", [True, False])
async def test_listening_and_beginning_in_the_midst_of_publishing(
    bus: Bus, follower: Follower, event: Any, *, listens_first: bool
) -> None:
    total = 300

    async def publish() -> None:
        for value in range(total):
            await bus.publish(Lane.OCPP, event(value))
            if value % 10 == 0:
                await asyncio.sleep(0)

    async def visit() -> None:
        """Listen, read for a while, commit, and leave it to the next one."""
        bell = Bell()
        subscription = await follower.listen(CP, Lane.OCPP, bell.ring)
        await entered(bus, subscription)
        reader = Reader(subscription, bell)
        seen.extend(await reader.until(min(23, total - len(seen))))
        await bus.apply(Commit(CP, reader=GATEWAY_READER, stream_id=reader.last))
        await subscription.close()

    async def read() -> None:
        while len(seen) < total:
            await visit()

    seen: list[int] = []
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        for work in (read, publish) if listens_first else (publish, read):
            tasks.create_task(work())
    assert seen == list(range(total))


async def test_a_second_listener_of_the_lane_is_heard_too(
    bus: Bus, follower: Follower, bell: Bell, event: Any
) -> None:
    """An old and a new socket of one charge point at one gateway."""
    old = await follower.listen(CP, Lane.OCPP, bell.ring)
    await entered(bus, old)
    await bus.publish(Lane.OCPP, event(0))
    second = Bell()
    new = await follower.listen(CP, Lane.OCPP, second.ring)
    await entered(bus, new)
    await bus.publish(Lane.OCPP, event(1))
    assert await Reader(new, second).until(2) == [0, 1]
    assert await Reader(old, bell).until(2) == [0, 1]
    await old.close()
    assert await old.take() is None
    await bus.publish(Lane.OCPP, event(2))
    assert await Reader(new, second).until(1) == [2]


async def test_a_burst_that_nobody_takes_is_read_all_the_same(
    bus: Bus, follower: Follower, bell: Bell, event: Any
) -> None:
    subscription = await follower.listen(CP, Lane.OCPP, bell.ring)
    await entered(bus, subscription)
    for value in range(700):
        await bus.publish(Lane.OCPP, event(value))
    assert await Reader(subscription, bell).until(700) == list(range(700))


async def test_whoever_is_closed_is_woken_no_more(
    bus: Bus, follower: Follower, bell: Bell, event: Any
) -> None:
    subscription = await follower.listen(CP, Lane.OCPP, bell.ring)
    await entered(bus, subscription)
    await subscription.close()
    before = bell.rung
    await bus.publish(Lane.OCPP, event(1))
    await asyncio.sleep(0.02)
    assert bell.rung == before
    assert await subscription.take() is None


async def test_a_subscription_rings_too(
    bus: Bus, follower: Follower, bell: Bell, event: Any
) -> None:
    await bus.publish(Lane.IN, event(1))
    subscription = await follower.subscribe(CP, Lane.IN, after="0", on_wake=bell.ring)
    assert await Reader(subscription, bell).until(1) == [1]
    await bus.publish(Lane.IN, event(2))
    assert await Reader(subscription, bell).until(1) == [2]


async def test_what_nobody_can_read_is_buried(
    bus: Bus, follower: Follower, bell: Bell, event: Any, append_raw: Any
) -> None:
    await append_raw(b"nonsense")
    subscription = await follower.listen(CP, Lane.IN, bell.ring)
    last = await bus.publish(Lane.IN, event(1))
    subscription.begin("0-0", last.stream_id)
    assert await Reader(subscription, bell).until(1) == [1]
    assert [letter.data for letter in await bus.dead_letters(CP)] == ["nonsense"]
