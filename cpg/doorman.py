"""Handshakes wait here for their turn: a storm of them may not hold up those who are inside."""

import time
from collections.abc import Awaitable, Callable
from functools import partial

from cpg.desk import Spawn
from cpg.turnstile import Turnstile
from cpg.wire import Wire

_AT_ONCE = 12
_MOST_GUESTS = 4_096
OPEN_S = 10.0
"""Seconds that a handshake may take to arrive."""


class Doorman:
    """Knows every connection that is not let in yet; see `cpg.wire.Door`.

    When too many stand before the door, the one that came first goes: whoever means it comes again.
    """

    def __init__(self, greet: Callable[[Wire], Awaitable[None]], spawn: Spawn) -> None:
        """Have `greet` let in or refuse those who knock, a few at a time."""
        self._greet = greet
        self._came: dict[Wire, float] = {}
        self._turnstile = Turnstile(spawn, _AT_ONCE)

    def came(self, wire: Wire) -> None:
        """See `Door`."""
        self._came[wire] = time.monotonic()
        if len(self._came) > _MOST_GUESTS:
            first = next(iter(self._came))
            del self._came[first]
            first.abort()

    def knocked(self, wire: Wire) -> None:
        """See `Door`."""
        self._turnstile.add(partial(self._serve, wire))

    def left(self, wire: Wire) -> None:
        """Forget a connection: it was let in, or is gone."""
        self._came.pop(wire, None)

    def look(self, now: float) -> None:
        """Turn away who takes too long to say who he is."""
        for wire, at in list(self._came.items()):
            if now - at < OPEN_S:
                return  # they are in the order in which they came
            del self._came[wire]
            wire.abort()

    async def _serve(self, wire: Wire) -> None:
        if not wire.is_gone:
            await self._greet(wire)
