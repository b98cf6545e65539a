"""The log as the page reads it: the newest lines in a ring, older ones from Redis.

A line's number is its id in Redis' stream, so that all consoles number it alike.
"""

from bisect import bisect_right
from collections.abc import Sequence
from secrets import token_hex
from typing import NamedTuple

from sdk.bus import keys
from sdk.bus.interface import Bus, Follower, LogLine
from session_manager.console_board import Board
from session_manager.console_page import PageObject

RING = 5_000
CHUNK = 500
"""Lines in one packet at most."""
FIRST = 1_000
"""So many lines a page gets that has none yet; it asks for older ones."""


class Missed(NamedTuple):
    """Lines that a page has not seen, oldest first; `gap` if some before them are lost to it."""

    lines: list[PageObject]
    gap: bool = False


class LogRing:
    """The newest lines in order, without a hole."""

    def __init__(self, most: int = RING) -> None:
        self._most = most
        self._lines: list[PageObject] = []
        self._numbers: list[tuple[int, int]] = []
        self.is_loaded = False

    @property
    def most(self) -> int:
        """How many lines it keeps, at least, once they came."""
        return self._most

    @property
    def last_id(self) -> str:
        """The newest line's id, or "0" before the first."""
        return str(self._lines[-1]["id"]) if self._lines else "0"

    def extend(self, lines: Sequence[LogLine]) -> bool:
        """Take lines in order and tell whether any was new."""
        last = self._numbers[-1] if self._numbers else (0, 0)
        fresh = [line for line in lines if line_number(line.line_id) > last]
        self._lines.extend(line_object(line) for line in fresh)
        self._numbers.extend(line_number(line.line_id) for line in fresh)
        if len(self._lines) > self._most + self._most // 10:
            del self._lines[: -self._most]
            del self._numbers[: -self._most]
        return bool(fresh)

    def reaches(self, line_id: str) -> bool:
        """Tell whether all lines that came after `line_id` are here."""
        return not self._numbers or line_number(line_id) >= self._numbers[0]

    def after(self, line_id: str, count: int) -> list[PageObject]:
        """Give up to `count` lines after `line_id`, oldest first."""
        start = bisect_right(self._numbers, line_number(line_id))
        return self._lines[start : start + count]

    def before_newest(self, count: int) -> str:
        """Give the id behind which `count` lines come; "0": behind which all come."""
        return str(self._lines[-count - 1]["id"]) if len(self._lines) > count else "0"


class LogBook:
    """The ring, and Redis for what it does not reach back to."""

    def __init__(self, bus: Bus, board: Board, ring: LogRing | None = None) -> None:
        """The board's readers are woken when lines come."""
        self._bus = bus
        self._board = board
        self.ring = LogRing() if ring is None else ring
        self._name: str | None = None

    async def name(self) -> str:
        """Tell which log this is: the same for all consoles, another one when Redis lost it.

        Raises BusUnavailableError.
        """
        names = await self._bus.members(keys.LOG_NAMES)
        if not names:
            await self._bus.add_member(keys.LOG_NAMES, token_hex(8))
            names = await self._bus.members(keys.LOG_NAMES)
        self._name = min(names)
        return self._name

    async def after(self, line_id: str | None) -> Missed:
        """Give up to `CHUNK` lines behind `line_id`; None: the newest. Raises BusUnavailableError.

        Nothing before the ring was filled for the first time.
        """
        ring = self.ring
        if not ring.is_loaded:
            return Missed([])
        if line_id is None:
            return Missed(ring.after(ring.before_newest(FIRST), CHUNK))
        if ring.reaches(line_id):
            return Missed(ring.after(line_id, CHUNK))
        lines = await self._bus.read_log(line_id, CHUNK)
        # Read after them: what was trimmed in between counts, too.
        kept = await self._bus.read_log("0", 1)
        gap = not kept or line_number(kept[0].line_id) > line_number(line_id)
        return Missed([line_object(line) for line in lines], gap)

    async def follow(self, follower: Follower) -> None:
        """Keep the ring up to date and wake the pages, until cancelled."""
        ring = self.ring
        if not ring.is_loaded:
            ring.extend((await self._bus.read_log_back(None, ring.most))[::-1])
            ring.is_loaded = True
            self._board.wake()
        subscription = await follower.subscribe_log(after=ring.last_id)
        try:
            async for lines in subscription:
                if ring.extend(lines):
                    self._board.wake()
        finally:
            await subscription.close()


def line_object(line: LogLine) -> PageObject:
    """Show one line."""
    fields = line.fields
    return {
        "id": line.line_id,
        "at": fields.get("at", ""),
        "level": fields.get("level") or "info",
        "service": fields.get("service", ""),
        "session_id": fields.get("session_id") or None,
        "charge_point_id": fields.get("charge_point_id") or None,
        "text": fields.get("text", ""),
    }


def line_number(line_id: str) -> tuple[int, int]:
    """Order line ids (`<milliseconds>-<sequence>`); what is none comes before all."""
    first, _, second = line_id.partition("-")
    if not (first.isdecimal() and first.isascii() and (not second or second.isdecimal())):
        return (0, 0)
    return (int(first), int(second or 0))
