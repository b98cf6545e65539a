"""A connection that follows channels: what it hears, and how it ends."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis

from sdk.bus.push_stream import PushStream
from sdk.bus.redis_line import packed

PATIENCE = 20.0


@pytest.fixture
async def connection(redis: Redis) -> AsyncIterator[Any]:
    pool: Any = redis.connection_pool
    connection = pool.make_connection()
    await connection.connect()
    yield connection
    await connection.disconnect(nowait=True)


async def test_each_message_is_heard_in_its_order(redis: Redis, connection: Any) -> None:
    heard: asyncio.Queue[tuple[bytes, bytes, bytes | int]] = asyncio.Queue()
    stream = PushStream(lambda kind, name, data: heard.put_nowait((kind, name, data)))
    stream.take_over(connection._writer.transport)
    await connection.send_command("SUBSCRIBE", "a", "b")
    assert await heard.get() == (b"subscribe", b"a", 1)
    assert await heard.get() == (b"subscribe", b"b", 2)
    for number in range(3):
        await redis.publish("ab"[number % 2], str(number))
    messages = [await heard.get() for _ in range(3)]
    assert messages == [
        (b"message", b"a", b"0"),
        (b"message", b"b", b"1"),
        (b"message", b"a", b"2"),
    ]


async def test_a_connection_that_is_cut_ends_the_stay(redis: Redis, connection: Any) -> None:
    stream = PushStream(lambda *_: None)
    stream.take_over(connection._writer.transport)
    await connection.send_command("SUBSCRIBE", "a")
    await redis.client_kill_filter(_type="pubsub")
    with pytest.raises(ConnectionError):
        await stream.stay(PATIENCE)


async def test_one_that_was_cut_before_is_told_of_at_once(connection: Any) -> None:
    connection._writer.transport.abort()
    stream = PushStream(lambda *_: None)
    stream.take_over(connection._writer.transport)
    with pytest.raises(ConnectionError):
        await stream.stay(PATIENCE)


async def test_a_refusal_ends_the_stay(connection: Any) -> None:
    stream = PushStream(lambda *_: None)
    stream.take_over(connection._writer.transport)
    connection._writer.transport.write(packed("SUBSCRIBE"))
    with pytest.raises(ConnectionError, match="wrong number of arguments"):
        await stream.stay(PATIENCE)


async def test_silence_ends_the_stay(redis: Redis, connection: Any) -> None:
    loop, patience = asyncio.get_running_loop(), 0.3
    stream = PushStream(lambda *_: stream.note_life())
    stream.take_over(connection._writer.transport)
    await connection.send_command("SUBSCRIBE", "a")
    began = loop.time()
    async with asyncio.TaskGroup() as group:
        stay = group.create_task(_stay(stream, patience))
        await asyncio.sleep(patience / 2)
        await redis.publish("a", "still here")
    assert stay.result() == "silent"
    assert loop.time() - began >= 1.4 * patience


async def _stay(stream: PushStream, patience: float) -> str:
    try:
        await stream.stay(patience)
    except TimeoutError:
        return "silent"
    return "left"
