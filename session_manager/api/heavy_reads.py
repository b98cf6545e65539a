"""Reads that look at much wait for each other, as sessions are driven by the same loop."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sdk.errors import UnavailableError

AT_ONCE = 2
MOST_OF_A_KEY, MOST = 32, 128
"""How many may be at work or wait, of one key and in all."""
WAIT_S = 5.0


class TooManyReadsError(UnavailableError):
    """Too much is read already, by this key or in all; try again later."""


class HeavyReads:
    """Lets `AT_ONCE` heavy reads work at a time, in the order in which they came."""

    def __init__(self, wait: float = WAIT_S) -> None:
        self._wait = wait
        self._free = asyncio.Semaphore(AT_ONCE)
        self._held: Counter[str] = Counter()

    @asynccontextmanager
    async def turn(self, key_id: str) -> AsyncIterator[None]:
        """Wait until it is a key's turn, which lasts while the block runs.

        Raises TooManyReadsError, also when its turn does not come within `wait` seconds.
        """
        if self._held[key_id] >= MOST_OF_A_KEY or self._held.total() >= MOST:
            raise TooManyReadsError("Too many long lists are read at once; try again later.")
        self._held[key_id] += 1
        try:
            await self._begin()
            try:
                yield
            finally:
                self._free.release()
        finally:
            self._held[key_id] -= 1
            if not self._held[key_id]:
                del self._held[key_id]

    async def _begin(self) -> None:
        try:
            async with asyncio.timeout(self._wait):
                await self._free.acquire()
        except TimeoutError:
            raise TooManyReadsError("Long lists take too long now; try again later.") from None


async def let_others_work() -> None:
    """Let everything else that is ready go first; between the parts of a heavy read."""
    await asyncio.sleep(0)
