"""The capped `log` stream in Redis: services write their lines there, the console reads them.

Writing is off the hot path: a line goes into a bounded queue, and a task sends batches. While Redis
is down lines wait; those that no longer fit are counted, and the count is written when it is back.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import Any, cast

from redis.asyncio import Redis
from redis.exceptions import RedisError
from redis.typing import EncodableT, FieldT

from sdk.bus import keys
from sdk.logs import Line

CAPACITY = 5_000
"""Lines that wait at most in one process."""
STREAM_LENGTH = 20_000
"""Lines that the stream keeps, about."""
_BATCH = 500
_GATHER_S = 0.05
_RETRY_S = 1.0
_MAX_TEXT = 4_000
_OWN_FIELDS = ("at", "level", "service", "session_id", "charge_point_id")


class LogWriter:
    """Takes lines from any thread, and brings them to the stream from one task."""

    def __init__(self, redis: "Redis", capacity: int = CAPACITY) -> None:
        self._redis = redis
        self._capacity = capacity
        self._waiting: deque[dict[str, str]] = deque()
        self._dropped = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._signalled = False

    @property
    def dropped(self) -> int:
        """How many lines found no room since the last batch went through."""
        return self._dropped

    def put(self, line: Line) -> None:
        """Take one line; never blocks, never raises."""
        if len(self._waiting) >= self._capacity:
            self._dropped += 1
            return
        self._waiting.append(stream_fields(line))
        if self._loop is not None and not self._signalled:
            self._signalled = True
            try:
                self._loop.call_soon_threadsafe(self._wake.set)
            except RuntimeError:  # the loop is closed: the process ends
                self._loop = None

    async def run(self) -> None:
        """Send what comes until cancelled."""
        self._loop = asyncio.get_running_loop()
        self._wake.set()
        while True:
            await self._wake.wait()
            await asyncio.sleep(_GATHER_S)
            self._wake.clear()
            self._signalled = False
            while self._waiting:
                if not await self._send_batch():
                    await asyncio.sleep(_RETRY_S)

    async def flush(self, timeout: float = 1.0) -> None:  # noqa: ASYNC109 - gives up silently
        """Send what waits, as far as it goes in `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                while self._waiting and await self._send_batch():
                    pass
        except TimeoutError:
            return

    async def _send_batch(self) -> bool:
        batch = [self._waiting.popleft() for _ in range(min(_BATCH, len(self._waiting)))]
        dropped = self._dropped
        lines = [*batch, _dropped_line(batch[-1], dropped)] if dropped else batch
        try:
            pipeline = self._redis.pipeline(transaction=False)
            for fields in lines:
                pipeline.xadd(
                    keys.LOG,
                    cast("dict[FieldT, EncodableT]", fields),
                    maxlen=STREAM_LENGTH,
                    approximate=True,
                )
            await pipeline.execute()
        except (RedisError, OSError):
            self._waiting.extendleft(reversed(batch))
            return False
        self._dropped -= dropped
        return True


class LogReader:
    """Reads lines, each with its number, the stream id."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis

    async def since(self, after: str | None, count: int = 1000) -> list[dict[str, str]]:
        """Give up to `count` lines behind id `after`, oldest first; None: the newest `count`.

        A line has `id`, `at`, `level`, `service`, `session_id`, `charge_point_id`, `text`;
        absent ones are "". Raises redis' errors, and its ResponseError for an id that is none.
        """
        if after is None:
            newest: Any = await self._redis.xrevrange(keys.LOG, count=count)
            return [_line(*entry) for entry in reversed(newest)]
        entries: Any = await self._redis.xrange(keys.LOG, min=f"({after}", count=count)
        return [_line(*entry) for entry in entries]

    async def follow(
        self, after: str, interval: float = 0.1
    ) -> AsyncIterator[list[dict[str, str]]]:
        """Give batches of new lines behind id `after`, at most one per `interval` seconds.

        Asks again by itself while Redis is down.
        """
        while True:
            try:
                lines = await self.since(after)
            except (RedisError, OSError):
                await asyncio.sleep(_RETRY_S)
                continue
            if lines:
                after = lines[-1]["id"]
                yield lines
            await asyncio.sleep(interval)


def stream_fields(line: Line) -> dict[str, str]:
    """Give the stream's fields of a line: what has no field of its own is put into `text`."""
    extra = " ".join(
        f"{name}={value}"
        for name, value in line.items()
        if name not in _OWN_FIELDS and name not in {"event", "area", "exception"}
    )
    text = " ".join(part for part in (str(line.get("event", "")), extra) if part)
    if "exception" in line:
        text = f"{text}\n{line['exception']}"
    fields = {name: str(line[name]) for name in _OWN_FIELDS if line.get(name) is not None}
    return {**fields, "text": text[:_MAX_TEXT]}


def _dropped_line(last: Mapping[str, str], count: int) -> dict[str, str]:
    return {
        **{name: last[name] for name in ("at", "service") if name in last},
        "level": "warning",
        "text": f"{count} log lines found no room and were dropped",
    }


def _line(entry_id: Any, fields: Mapping[Any, Any]) -> dict[str, str]:  # noqa: ANN401 - redis gives str or bytes
    read = {_text(name): _text(value) for name, value in fields.items()}
    line = {name: read.get(name, "") for name in (*_OWN_FIELDS, "text")}
    return {"id": _text(entry_id), **line}


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
