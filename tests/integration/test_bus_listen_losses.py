"""Listening over a real server that ends the follower's connection."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from lane_reader import Bell, Reader
from redis.asyncio import Redis

from sdk.bus.interface import Commit, Follower, Subscription
from sdk.bus.keys import GATEWAY_READER, Lane
from sdk.bus.redis_bus import RedisBus
from sdk.events.envelope import Envelope
from sdk.ids import new_event_id, utc_now

CP = "CP-1"


def make_event(value: int) -> Envelope:
    body = {"type": "MeterValueReported", "sampled_at": utc_now(), "energy_wh": value}
    return Envelope.model_validate(
        {"id": new_event_id(), "charge_point_id": CP, "at": utc_now(), "body": body}
    )


@pytest.fixture
async def follower(redis_bus: RedisBus) -> AsyncIterator[Follower]:
    async with redis_bus.follow() as follower:
        yield follower


@pytest.fixture
def lose(redis: Redis) -> Callable[[], Any]:
    """End the follower's connection."""

    async def kill() -> None:
        assert await redis.client_kill_filter(_type="pubsub")

    return kill


async def begin(bus: RedisBus, subscription: Subscription) -> None:
    entrance = await bus.enter(CP, GATEWAY_READER)
    subscription.begin(entrance.cursor, entrance.newest)


async def publish(bus: RedisBus, first: int, last: int) -> None:
    for value in range(first, last):
        await bus.publish(Lane.OCPP, make_event(value))


async def test_a_loss_before_it_begins(
    redis_bus: RedisBus, follower: Follower, lose: Callable[[], Any]
) -> None:
    bell = Bell()
    subscription = await follower.listen(CP, Lane.OCPP, bell.ring)
    await lose()
    await publish(redis_bus, 0, 5)
    await begin(redis_bus, subscription)
    await publish(redis_bus, 5, 10)
    assert await Reader(subscription, bell).until(10) == list(range(10))


async def test_a_loss_between_entering_and_beginning(
    redis_bus: RedisBus, follower: Follower, lose: Callable[[], Any]
) -> None:
    bell = Bell()
    subscription = await follower.listen(CP, Lane.OCPP, bell.ring)
    entrance = await redis_bus.enter(CP, GATEWAY_READER)
    await lose()
    await publish(redis_bus, 0, 5)
    subscription.begin(entrance.cursor, entrance.newest)
    assert await Reader(subscription, bell).until(5) == list(range(5))


async def test_who_waits_is_woken_for_what_came_during_a_loss(
    redis_bus: RedisBus, follower: Follower, lose: Callable[[], Any]
) -> None:
    bell = Bell()
    subscription = await follower.listen(CP, Lane.OCPP, bell.ring)
    await begin(redis_bus, subscription)
    reader = Reader(subscription, bell)
    for round_ in range(5):
        first = 10 * round_
        await publish(redis_bus, first, first + 5)
        await reader.until(first + 5)
        assert await subscription.take() is None
        await lose()
        await publish(redis_bus, first + 5, first + 10)
        assert await reader.until(first + 10) == list(range(first + 10))


async def test_sockets_that_come_and_go_while_connections_are_lost(
    redis_bus: RedisBus, redis: Redis, follower: Follower
) -> None:
    total = 400
    seen: list[int] = []
    done = asyncio.Event()

    async def kill() -> None:
        while not done.is_set():
            await asyncio.sleep(0.03)
            await redis.client_kill_filter(_type="pubsub")

    async def visits() -> None:
        while len(seen) < total:
            bell = Bell()
            subscription = await follower.listen(CP, Lane.OCPP, bell.ring)
            await begin(redis_bus, subscription)
            reader = Reader(subscription, bell)
            seen.extend(await reader.until(min(37, total - len(seen))))
            await redis_bus.apply(Commit(CP, reader=GATEWAY_READER, stream_id=reader.last))
            await subscription.close()
        done.set()

    async def publish_slowly() -> None:
        for value in range(total):
            await publish(redis_bus, value, value + 1)
            await asyncio.sleep(0.001)

    async with asyncio.timeout(40), asyncio.TaskGroup() as tasks:
        for work in (kill, publish_slowly, visits):
            tasks.create_task(work())
    assert seen == list(range(total))


@pytest.mark.parametrize("ticks", range(6))
async def test_a_connection_that_goes_while_a_channel_is_asked_for_is_no_failure(
    redis_bus: RedisBus, follower: Follower, ticks: int
) -> None:
    await follower.listen("CP-2", Lane.OCPP, Bell().ring)
    connection, bell = follower._connection, Bell()  # type: ignore[attr-defined]
    async with asyncio.TaskGroup() as group:
        listening = group.create_task(follower.listen(CP, Lane.OCPP, bell.ring))
        for _ in range(ticks):
            await asyncio.sleep(0)
        await connection.disconnect(nowait=True)
    subscription = listening.result()
    await begin(redis_bus, subscription)
    await publish(redis_bus, 0, 1)
    assert await Reader(subscription, bell).until(1) == [0]
