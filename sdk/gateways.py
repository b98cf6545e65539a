"""Which gateways died without a word: what they hold is not connected, whatever is stored."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from time import monotonic

from sdk.availability import is_connected
from sdk.bus import keys
from sdk.bus.interface import Bus, BusUnavailableError
from sdk.ids import Clock

__all__ = ["DEAD_AFTER_S", "FRESH_S", "LiveGateways", "dead_gateways", "is_connected"]

DEAD_AFTER_S = 8.0
"""A gateway gives a sign of life every two seconds."""
FRESH_S = 2.0
_NOBODY: frozenset[str] = frozenset()


def dead_gateways(
    signs: Mapping[str, str], now: datetime, after: float = DEAD_AFTER_S
) -> frozenset[str]:
    """Give the gateways whose last sign of life is `after` s old; `signs` is the hash `GATEWAYS`.

    One without any sign is not among them: it has just begun, or its charge points were told gone.
    """
    oldest = now - timedelta(seconds=after)
    return frozenset(name for name, at in signs.items() if datetime.fromisoformat(at) <= oldest)


class LiveGateways:
    """Knows which gateways are dead; it looks at most every `FRESH_S`, however often it is asked.

    After a failure of Redis nobody is dead until signs could be given for long enough.
    """

    def __init__(self, bus: Bus, clock: Clock, seconds: Callable[[], float] = monotonic) -> None:
        """`seconds` never run backwards."""
        self._bus = bus
        self._clock = clock
        self._seconds = seconds
        self._dead = _NOBODY
        self._read_at: float | None = None
        self._failed_at: float | None = None
        self._reading = asyncio.Lock()

    async def dead(self) -> frozenset[str]:
        """Give the names of the dead ones. Raises BusUnavailableError."""
        asked_at = self._seconds()
        if not self._is_fresh(asked_at):
            async with self._reading:
                if self._failed_at is not None and self._failed_at > asked_at:
                    # else each who waits here would wait in turn for a Redis that does not answer
                    raise BusUnavailableError("the signs of life could not be read")
                if not self._is_fresh(asked_at):
                    await self._read()
        return self._dead

    def _is_fresh(self, asked_at: float) -> bool:
        return self._read_at is not None and asked_at - self._read_at < FRESH_S

    async def _read(self) -> None:
        began = self._seconds()
        try:
            signs = await self._bus.read(keys.GATEWAYS)
        except BusUnavailableError:
            self._failed_at = self._seconds()
            raise
        is_steady = self._failed_at is None or began - self._failed_at >= DEAD_AFTER_S
        self._dead = dead_gateways(signs, self._clock()) if is_steady else _NOBODY
        self._read_at = began
