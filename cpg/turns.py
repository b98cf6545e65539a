"""Who may go on when: how many messages a second one socket may bring, and what waits for it."""

import asyncio
from collections.abc import Callable


class Allowance:
    """A token bucket: `burst` messages at once, `per_second` on average; 0 per second: no limit."""

    __slots__ = ("_at", "_burst", "_left", "_per_second")

    def __init__(self, per_second: float, burst: float) -> None:
        """Start full."""
        self._per_second = per_second
        self._burst = burst
        self._left = burst
        self._at = 0.0

    def spend(self) -> None:
        """Count one whatever is left."""
        self._left -= 1

    def pause(self, now: float) -> float:
        """Count one at `now` (seconds of a monotonic clock), or give the seconds to wait first."""
        if self._per_second <= 0:
            return 0.0
        self._left = min(self._burst, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return (1 - self._left) / self._per_second
        self._left -= 1
        return 0.0


class Turns:
    """What the sockets of one gateway share of its event loop."""

    def __init__(self, per_second: float, burst: float) -> None:
        """Allow each socket `per_second` messages, and `burst` at once."""
        self._per_second = per_second
        self._burst = burst
        self._loop = asyncio.get_running_loop()

    def allowance(self) -> Allowance:
        """Give a new socket its own."""
        return Allowance(self._per_second, self._burst)

    def next(self, action: Callable[[], None]) -> None:
        """Go on after the others."""
        self._loop.call_soon(action)

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Go on in `seconds`."""
        self._loop.call_later(seconds, action)
