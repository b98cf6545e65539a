"""Many packed commands in one write and one round trip, past redis-py's packing in Python."""

import asyncio
import math
from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

Answer = Any


async def exchange(redis: Redis, packed: Sequence[bytes], count: int) -> list[Answer]:
    """Send `count` commands, and give their answers in order; of a refused one a ResponseError.

    A lost connection is retried with all of them: each must give a repeat the same answer. Raises
    what redis-py raises when the server does not answer.
    """
    pool: Any = redis.connection_pool
    connection = await pool.get_connection()
    try:
        answers: list[Answer] = await connection.retry.call_with_retry(
            lambda: _roundtrip(connection, packed, count),
            lambda error: connection.disconnect(error=error),
        )
    finally:
        await pool.release(connection)
    return answers


async def _roundtrip(
    connection: Any,  # noqa: ANN401 - untyped in redis-py
    packed: Sequence[bytes],
    count: int,
) -> list[Answer]:
    await connection.send_packed_command(list(packed), check_health=False)
    try:
        async with asyncio.timeout(connection.socket_timeout):
            return [await _answer(connection) for _ in range(count)]
    except BaseException as error:
        # answers that nobody reads would be taken for those of the next commands
        await connection.disconnect(nowait=True)
        if isinstance(error, TimeoutError):
            raise RedisTimeoutError("no answer in time") from None
        raise


async def _answer(connection: Any) -> Answer:  # noqa: ANN401 - untyped in redis-py
    try:
        return await connection.read_response(timeout=math.inf, disconnect_on_error=False)
    except ResponseError as error:
        return error
