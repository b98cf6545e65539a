"""Brings a service's log lines to the capped log on the bus, off the hot path.

A line goes into a bounded queue, and one task sends batches. While Redis is down lines wait; those
that find no room are counted, and the count is written when it is back.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence

from sdk.errors import UnavailableError
from sdk.logs import Line

CAPACITY = 5_000
"""Lines that wait at most in one process."""
_BATCH = 500
_GATHER_S = 0.05
_RETRY_S = 1.0
_MAX_TEXT = 4_000
_OWN_FIELDS = ("at", "level", "service", "session_id", "charge_point_id")
_NOT_IN_TEXT = frozenset({*_OWN_FIELDS, "event", "area", "exception"})

Append = Callable[[Sequence[Mapping[str, str]]], Awaitable[None]]
"""`Bus.append_log`."""


class LogWriter:
    """Takes lines from any thread, and brings them to the log from one task."""

    def __init__(self, append: Append, capacity: int = CAPACITY) -> None:
        self._append = append
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

    async def flush(self, seconds: float = 1.0) -> None:
        """Send what waits, as far as it goes in that time."""
        try:
            async with asyncio.timeout(seconds):
                while self._waiting and await self._send_batch():
                    pass
        except TimeoutError:
            return

    async def _send_batch(self) -> bool:
        batch = [self._waiting.popleft() for _ in range(min(_BATCH, len(self._waiting)))]
        dropped = self._dropped
        lines = [*batch, _dropped_line(batch[-1], dropped)] if dropped else batch
        sent = False
        try:
            await self._append(lines)
            sent = True
        except UnavailableError:
            return False
        finally:
            if not sent:  # also when cancelled: `flush` comes after
                self._waiting.extendleft(reversed(batch))
        self._dropped -= dropped
        return True


def stream_fields(line: Line) -> dict[str, str]:
    """Give the log's fields of a line: what has no field of its own is put into `text`."""
    extra = [f"{name}={value}" for name, value in line.items() if name not in _NOT_IN_TEXT]
    text = " ".join(part for part in (str(line.get("event", "")), *extra) if part)
    if "exception" in line:
        text = f"{text}\n{line['exception']}"
    fields = {name: str(line[name]) for name in _OWN_FIELDS if line.get(name) is not None}
    return {**fields, "text": text[:_MAX_TEXT]}


def _dropped_line(last: Mapping[str, str], count: int) -> dict[str, str]:
    known = {name: last[name] for name in ("at", "service") if name in last}
    text = f"{count} log lines found no room and were dropped"
    return {**known, "level": "warning", "text": text}
