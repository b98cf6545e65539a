"""Calls that the gateway makes of its own accord: few, one after the other, and nobody waits."""

from typing import Any

from cpg.calls import Calls
from cpg.desk import Spawn

_MOST = 32


class Errands:
    """What one charge point still has to be asked. Beyond 32 nothing more is taken."""

    __slots__ = ("_calls", "_running", "_spawn", "_waiting")

    def __init__(self, calls: Calls, spawn: Spawn) -> None:
        """Ask over `calls`."""
        self._calls = calls
        self._spawn = spawn
        self._waiting: list[tuple[str, dict[str, Any]]] = []
        self._running = False

    def add(self, action: str, payload: dict[str, Any]) -> None:
        """Ask for this when its turn comes; what waits already is not asked for twice."""
        errand = (action, payload)
        if errand in self._waiting or len(self._waiting) >= _MOST:
            return
        self._waiting.append(errand)
        if not self._running:
            self._running = True
            self._spawn(self._run())

    async def _run(self) -> None:
        try:
            while self._waiting and not self._calls.closed:
                action, payload = self._waiting.pop(0)
                await self._calls.call(action, payload)
        finally:
            self._running = False
