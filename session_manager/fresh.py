"""Something read from Redis that may be a little old, read once for all who wait for it."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Generic, TypeVar

from sdk.bus.interface import BusUnavailableError

T = TypeVar("T")

FRESH_S = 2.0
"""How old it may be: a revoked key or a disabled account is refused after this at the latest."""


class Fresh(Generic[T]):
    """Reads with `read` when what it has is too old."""

    def __init__(
        self, read: Callable[[], Awaitable[T]], seconds: Callable[[], float] = monotonic
    ) -> None:
        self._read = read
        self._seconds = seconds
        self._held: tuple[T, float] | None = None
        self._failed_at: float | None = None
        self._reading = asyncio.Lock()

    async def get(self, oldest: float = FRESH_S) -> T:
        """Give it, at most `oldest` seconds old. Raises BusUnavailableError."""
        asked_at = self._seconds()
        held = self._since(asked_at - oldest)
        if held is not None:
            return held[0]
        async with self._reading:
            if self._failed_at is not None and self._failed_at > asked_at:
                # else each who waits here would wait in turn for a Redis that does not answer
                raise BusUnavailableError("it could not be read")
            held = self._since(asked_at - oldest)
            return held[0] if held is not None else await self._renew()

    def forget(self) -> None:
        """Read it again before it is given the next time: it was changed here."""
        self._held = None

    async def _renew(self) -> T:
        began = self._seconds()
        try:
            value = await self._read()
        except BusUnavailableError:
            self._failed_at = self._seconds()
            raise
        self._held, self._failed_at = (value, began), None
        return value

    def _since(self, moment: float) -> tuple[T, float] | None:
        return self._held if self._held is not None and self._held[1] > moment else None
