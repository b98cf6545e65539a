"""Who may go on when: how many messages a second one socket may bring, and what waits for it."""

import asyncio
import time
from collections.abc import Callable


class Allowance:
    """A token bucket: `burst` messages at once, `per_second` on average; 0 per second: no limit."""

    __slots__ = ("_at", "_burst", "_left", "_per_second")

    def __init__(self, per_second: float, burst: float, now: float) -> None:
        """Start full."""
        self._per_second = per_second
        self._burst = burst
        self._left = burst
        self._at = now

    @property
    def is_overdrawn(self) -> bool:
        """Whether more was spent than there was, as far as was looked: ask `pause` then."""
        return self._left < 1

    def spend(self) -> None:
        """Count one; nobody gets deeper into debt than `burst`."""
        self._left = max(self._left - 1, -self._burst)

    def pause(self, now: float) -> float:
        """Give the seconds to wait from `now` (of a monotonic clock) until one more may come."""
        if self._per_second <= 0:
            self._left = self._burst
            return 0.0
        self._left = min(self._burst, self._left + (now - self._at) * self._per_second)
        self._at = now
        return max(0.0, 1 - self._left) / self._per_second


class Turns:
    """What the sockets of one gateway share of its event loop."""

    def __init__(self, per_second: float, burst: float) -> None:
        """Allow each socket `per_second` messages, and `burst` at once."""
        self._per_second = per_second
        self._burst = burst
        self._loop = asyncio.get_running_loop()

    def allowance(self) -> Allowance:
        """Give a new socket its own."""
        return Allowance(self._per_second, self._burst, time.monotonic())

    def next(self, action: Callable[[], None]) -> None:
        """Go on after the others."""
        self._loop.call_soon(action)

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Go on in `seconds`."""
        self._loop.call_later(seconds, action)
