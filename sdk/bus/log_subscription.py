"""The log as it grows; the channel only wakes, the lines are read from the stream in chunks."""

import asyncio
from collections.abc import Awaitable, Callable

from sdk.bus.interface import BusUnavailableError, LogLine
from sdk.bus.subscription import RETRY_SECONDS, Announcement

CHUNK = 500


class LogLineSubscription:
    """Follows the log from behind line id `after`; read by one task."""

    def __init__(
        self,
        after: str,
        *,
        read: Callable[[str, int], Awaitable[list[LogLine]]],
        on_close: Callable[["LogLineSubscription"], Awaitable[None]],
    ) -> None:
        self._last = after
        self._read = read
        self._on_close = on_close
        self._closed = False
        self._wake = asyncio.Event()
        self._wake.set()

    def offer(self, announcement: Announcement) -> None:
        """Be woken by the channel."""
        del announcement
        self._wake.set()

    def catch_up(self) -> None:
        """Read what is new."""
        self._wake.set()

    def end(self) -> None:
        """End the iteration."""
        self._closed = True
        self._wake.set()

    async def close(self) -> None:
        """Stop following."""
        if not self._closed:
            self.end()
            await self._on_close(self)

    def __aiter__(self) -> "LogLineSubscription":
        return self

    async def __anext__(self) -> list[LogLine]:
        while not self._closed:
            await self._wake.wait()
            self._wake.clear()
            lines = await self._chunk()
            if len(lines) == CHUNK:
                self._wake.set()
            if lines:
                self._last = lines[-1].line_id
                return lines
        raise StopAsyncIteration

    async def _chunk(self) -> list[LogLine]:
        if self._closed:
            return []
        try:
            return await self._read(self._last, CHUNK)
        except BusUnavailableError:
            self._wake.set()
            await asyncio.sleep(RETRY_SECONDS)
            return []
