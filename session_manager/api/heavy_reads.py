"""Reads that look at much wait for each other, as sessions are driven by the same loop."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from http import HTTPStatus

from sdk.errors import UnavailableError
from session_manager.api.problems import ProblemError

AT_ONCE = 2
MOST_OF_A_KEY, MOST = 32, 128
"""How many may be at work or wait, of one key and in all."""
WAIT_S = 5.0
MOST_FILES = 3
"""How many files may be sent to a key at once."""
_FILE_S = 10
"""When it is worth to ask for one again."""


class TooManyReadsError(UnavailableError):
    """Too much is read already, by this key or in all; try again later."""


class HeavyReads:
    """Lets `AT_ONCE` heavy reads work at a time, in the order in which they came."""

    def __init__(self, wait: float = WAIT_S) -> None:
        self._wait = wait
        self._free = asyncio.Semaphore(AT_ONCE)
        self._held: Counter[str] = Counter()
        self._files: Counter[str] = Counter()

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

    @contextmanager
    def file(self, key_id: str) -> Iterator[None]:
        """Count a file that is sent to a key while the block runs. Raises ProblemError (429)."""
        if self._files[key_id] >= MOST_FILES:
            raise ProblemError(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"{MOST_FILES} files are being sent to you already; wait until one of them ends.",
                headers={"Retry-After": str(_FILE_S)},
            )
        self._files[key_id] += 1
        try:
            yield
        finally:
            self._files[key_id] -= 1
            if not self._files[key_id]:
                del self._files[key_id]

    async def _begin(self) -> None:
        try:
            async with asyncio.timeout(self._wait):
                await self._free.acquire()
        except TimeoutError:
            raise TooManyReadsError("Long lists take too long now; try again later.") from None


async def let_others_work() -> None:
    """Let everything else that is ready go first; between the parts of a heavy read."""
    await asyncio.sleep(0)
