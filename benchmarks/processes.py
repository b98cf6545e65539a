"""A process of the benchmarks: its lines one by one, its end certain."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from sdk.child import Child

_KEPT_LINES = 20


class ProcessError(Exception):
    """A process ended, or was silent for too long; the text is what it said last."""


class Process:
    """`python -m <module>` while it runs."""

    def __init__(self, module: str, child: Child) -> None:
        """Read its lines by `follow`."""
        self.module = module
        self.child = child
        self.complaints: deque[str] = deque(maxlen=_KEPT_LINES)
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()

    async def line(self, within_s: float) -> str:
        """Give the next line that it writes to stdout. Raises ProcessError."""
        try:
            async with asyncio.timeout(within_s):
                line = await self._lines.get()
        except TimeoutError:
            raise ProcessError(f"{self.module} said nothing for {within_s:g} s") from None
        if line is None:
            raise ProcessError(f"{self.module} ended: {' | '.join(self.complaints)}")
        return line

    async def follow(self) -> None:
        """Take what it says until it ends."""
        await self.child.follow(self._lines.put, self._complain)
        await self._lines.put(None)

    async def _complain(self, line: str) -> None:
        self.complaints.append(line)


@asynccontextmanager
async def running(module: str, environment: Mapping[str, str]) -> AsyncIterator[Process]:
    """Start a process; kill it at the end."""
    process = Process(module, await Child.start(module, dict(environment)))
    async with asyncio.TaskGroup() as group:
        group.create_task(process.follow())
        try:
            yield process
        finally:
            process.child.kill()


def first_cause(error: BaseException) -> BaseException:
    """Give the first error of a group, or the error itself."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
