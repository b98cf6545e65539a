"""Clients of Redis or Valkey with explicit retries and timeouts, and their errors as ours."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError, ReadOnlyError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from sdk.bus.interface import BusUnavailableError

CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 3.0
RETRIES = 6
"""With the backoff below about two seconds in all: longer than a restart of the private server."""

UNAVAILABLE = (
    RedisConnectionError,
    RedisTimeoutError,
    ReadOnlyError,
    OutOfMemoryError,
    OSError,
)
"""What redis-py raises when the server does not answer, or takes no writes."""

UNAVAILABLE_CODES = frozenset(
    {
        "BUSY",
        "CLUSTERDOWN",
        "LOADING",
        "MASTERDOWN",
        "MISCONF",
        "NOREPLICAS",
        "OOM",
        "READONLY",
        "TRYAGAIN",
    }
)
"""Refusals of the server that say nothing of what was asked: another time it is taken."""


def connect(
    url: str, *, max_connections: int = 16, answer_seconds: float = ANSWER_SECONDS
) -> Redis:
    """Make a client; it connects when it is first used. Answers are bytes.

    A lost connection is retried; a server that holds it but does not answer for `answer_seconds` is
    not, so that nobody waits for a multiple of that.
    redis-py's `from_url` retries nothing unless told to. RESP2, because the bus parses nothing but
    bytes and RESP3 starts with a longer handshake.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=max_connections,
        timeout=answer_seconds,
        protocol=2,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=answer_seconds,
        socket_keepalive=True,
        retry=Retry(
            ExponentialWithJitterBackoff(base=0.05, cap=0.6), RETRIES, (RedisConnectionError,)
        ),
    )
    return Redis.from_pool(pool)


@contextmanager
def availability() -> Iterator[None]:
    """Turn the errors of a server that does not answer, or takes no writes, into our own."""
    try:
        with keeping_cancellation():
            yield
    except UNAVAILABLE as error:
        raise BusUnavailableError(f"Redis does not answer: {error}") from error
    except ResponseError as error:
        # of a pipeline redis-py puts a text of its own in front
        if UNAVAILABLE_CODES.isdisjoint(str(error).split()):
            raise
        raise BusUnavailableError(f"Redis takes no calls: {error}") from error


@contextmanager
def keeping_cancellation() -> Iterator[None]:
    """Raise a cancellation that came while redis-py was awaited and that it lost.

    It sends through `asyncio.wait_for`, which on Python 3.11 drops a cancellation that arrives just
    when the sending is done; the task would live on, and its group wait for it for ever.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task else 0
    yield
    if task is not None and task.cancelling() > before:
        raise asyncio.CancelledError
