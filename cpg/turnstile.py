"""Lets so much work in at once: a thousand arrivals or departures may not hold up the messages."""

from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from cpg.desk import Spawn

Work = Callable[[], Coroutine[Any, Any, None]]


class Turnstile:
    """Starts work in the order in which it comes, at most `at_once` at a time."""

    def __init__(self, spawn: Spawn, at_once: int) -> None:
        """Run what is let in by `spawn`."""
        self._spawn = spawn
        self._free = at_once
        self._waiting: deque[Work] = deque()

    def add(self, work: Work) -> None:
        """Start `work` when its turn comes."""
        self._waiting.append(work)
        self._let_in()

    def _let_in(self) -> None:
        while self._waiting and self._free:
            self._free -= 1
            self._spawn(self._run(self._waiting.popleft()))

    async def _run(self, work: Work) -> None:
        try:
            await work()
        finally:
            self._free += 1
            self._let_in()
