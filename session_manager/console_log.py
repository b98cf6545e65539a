"""The log as the page reads it: a ring of the newest lines, each numbered by its stream id."""

from bisect import bisect_right
from collections.abc import Sequence

from sdk.bus.interface import Follower, LogLine
from session_manager.console_board import Board
from session_manager.console_page import PageObject

RING = 10_000


class LogRing:
    """The newest lines in order; a page that was away asks for what came after its last line."""

    def __init__(self, most: int = RING) -> None:
        self._most = most
        self._lines: list[PageObject] = []
        self._numbers: list[tuple[int, int]] = []

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

    def after(self, line_id: str, count: int) -> list[PageObject]:
        """Give up to `count` lines after `line_id`, oldest first."""
        start = bisect_right(self._numbers, line_number(line_id))
        return self._lines[start : start + count]


async def follow_log(follower: Follower, ring: LogRing, board: Board) -> None:
    """Keep the ring up to date and wake the pages, until cancelled."""
    subscription = await follower.subscribe_log(after=ring.last_id)
    try:
        async for lines in subscription:
            if ring.extend(lines):
                board.wake()
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
    if not (first.isdecimal() and (second.isdecimal() or not second)):
        return (0, 0)
    return (int(first), int(second or 0))
