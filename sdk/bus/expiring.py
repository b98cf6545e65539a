"""What a bus keeps for a while only: texts, and counts of attempts that make the next one wait."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Patience:
    """How attempts are let through: `free` at once, then each after twice the wait before.

    The first wait is one second, none is longer than `longest` (seconds); `memory` (seconds) after
    the last attempt all are forgotten.
    """

    free: int
    longest: float
    memory: float

    def wait(self, count: int) -> float:
        """Give the seconds that the next attempt waits after `count` of them."""
        over = count - self.free
        return 0.0 if over < 0 else min(2.0 ** min(over, 40), self.longest)


class ExpiringStore(Protocol):
    """What expires by itself; every method raises BusUnavailableError."""

    async def keep(self, key: str, text: str, seconds: float) -> None:
        """Write a text that is gone in `seconds`."""
        ...

    async def kept(self, key: str) -> str | None:
        """Read such a text."""
        ...

    async def extend(self, key: str, seconds: float) -> None:
        """Let a text live for `seconds` from now; nothing if it is gone."""
        ...

    async def attempt(self, key: str, patience: Patience) -> float:
        """Count an attempt and give 0; or count nothing, and give the seconds to wait before one.

        All processes share the count, and the clock is that of the store.
        """
        ...

    async def forgive(self, key: str) -> None:
        """Take the last attempt off the count: it did not fail. The next need not wait."""
        ...
