"""Who may speak next: one at a time, and who has precedence before all who only wait."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Precedence:
    """A lock in the order in which it is asked for; `first` goes before all that are not."""

    __slots__ = ("_is_held", "_waiting")

    def __init__(self) -> None:
        """Be free."""
        self._is_held = False
        self._waiting: list[tuple[bool, asyncio.Future[None]]] | None = None
        """Those with precedence, then the others; a charge point that is idle has no list."""

    @asynccontextmanager
    async def turn(self, *, first: bool = False) -> AsyncIterator[None]:
        """Wait for the turn, and have it until the block ends."""
        if self._is_held:
            await self._wait(first)
        self._is_held = True
        try:
            yield
        finally:
            self._hand_on()

    async def _wait(self, first: bool) -> None:  # noqa: FBT001 - private
        waiting = self._waiting = self._waiting or []
        granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        place = (first, granted)
        ahead = sum(is_first for is_first, _ in waiting) if first else len(waiting)
        waiting.insert(ahead, place)
        try:
            await granted
        except asyncio.CancelledError:
            if place in waiting:
                waiting.remove(place)
            else:
                self._hand_on()
            raise

    def _hand_on(self) -> None:
        """Give the turn to the next; it is not free between the two, so nobody slips in."""
        if not self._waiting:
            self._is_held, self._waiting = False, None
            return
        _, granted = self._waiting.pop(0)
        granted.set_result(None)
