"""Vital signs of the process that serves: its memory, and the tasks that visitors leave."""

import asyncio
from pathlib import Path

from fuzz_history import History

MOST_GROWTH_KB = 40_000
MOST_TASKS_MORE = 10
_WARM_UP = 0.4
_TIDY_S = 20.0


class P2pVitals:
    """Takes the process as it is before anyone attacks."""

    def __init__(self, history: History) -> None:
        self.growth_kb = 0
        self._history = history
        self._tasks = len(asyncio.all_tasks())

    async def run(self, end: float) -> None:
        """Watch the memory until the loop's clock shows `end`."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep((end - loop.time()) * _WARM_UP)
        settled = _memory_kb()
        while loop.time() < end:
            await asyncio.sleep(0.5)
            self.growth_kb = _memory_kb() - settled
            self._history.hold(
                self.growth_kb < MOST_GROWTH_KB, f"memory grew by {self.growth_kb} kB"
            )

    async def until_tidy(self) -> None:
        """Wait until the tasks of those who left are over."""
        try:
            async with asyncio.timeout(_TIDY_S):
                while len(asyncio.all_tasks()) > self._tasks + MOST_TASKS_MORE:  # noqa: ASYNC110 - nobody tells
                    await asyncio.sleep(0.2)
        except TimeoutError:
            left = len(asyncio.all_tasks()) - self._tasks
            self._history.fail(f"{left} more tasks than before")


def _memory_kb() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("no VmRSS")
