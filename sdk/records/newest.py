"""The newest rows of ended sessions, page by page; only those that are wanted are decoded."""

import asyncio
from heapq import nlargest
from typing import NamedTuple

from sdk.bus.interface import Bus
from sdk.records.choice import Choice, chosen_months
from sdk.records.picked import picked
from sdk.records.row import LAYOUT, Row, decode_rows
from sdk.records.shelf import CHUNK, Held, Shelf

MOST_LOOKED_AT = 50_000
_AT_ONCE = 2_000
_FOR_EVER = 2**62
_NO_BOUND = (_FOR_EVER, 0)


class RowPlace(NamedTuple):
    """Where a row stands among all, the newest highest; rows are never moved."""

    month: str
    ended_ms: int
    charge_point_id: str
    number: int


class PlacedRow(NamedTuple):
    """A row and its place."""

    place: RowPlace
    row: Row


class NewestRows(NamedTuple):
    """Rows, the newest first; `reached` is how far was looked, where there may be more."""

    rows: list[PlacedRow]
    reached: RowPlace | None = None


async def newest_rows(
    bus: Bus,
    choice: Choice,
    count: int,
    before: RowPlace | None = None,
    most: int = MOST_LOOKED_AT,
    shelf: Shelf | None = None,
) -> NewestRows:
    """Read up to `count` rows that are wanted, the newest first, older than `before`.

    No month is begun once `most` rows were looked at, wanted or not. What `shelf` holds is not read
    again. Raises CorruptRecordError, BusUnavailableError.
    """
    wanted = [
        month
        for month in await chosen_months(bus, choice)
        if before is None or month <= before.month
    ]
    search = _Search(bus, choice, before, shelf or Shelf())
    found: list[PlacedRow] = []
    for month in reversed(wanted):
        if search.looked_at >= most:
            return NewestRows(found, RowPlace(month, _FOR_EVER, "", 0))
        found += await search.newest(month, count - len(found))
        if len(found) == count:
            break
    return NewestRows(found)


class _Search:
    """Looks through months, and lets others work between some thousand rows."""

    def __init__(self, bus: Bus, choice: Choice, before: RowPlace | None, shelf: Shelf) -> None:
        self._bus = bus
        self._choice = choice
        self._before = before
        self._shelf = shelf
        self._rested_at = 0
        self.looked_at = 0

    async def newest(self, month: str, count: int) -> list[PlacedRow]:
        """Give up to `count` rows of a month, the newest first."""
        best: list[tuple[RowPlace, bytes]] = []
        async for each in picked(self._bus, self._choice, month, self._shelf):
            held, choice = each.held, each.choice
            bound = _bound(self._before, month, held.charge_point_id)
            for place in range(len(held.spans) - 1, -1, -1):
                if self._is_needed(held.spans[place], bound, best, count):
                    found = _of_chunk(held, choice, place, bound)[:count]
                    best = nlargest(count, [*best, *found])
                    await self._look(CHUNK)
        return [
            PlacedRow(place, row)
            for place, part in best
            for row in decode_rows(place.charge_point_id, part)
        ]

    def _is_needed(
        self,
        span: tuple[int, int],
        bound: tuple[int, int],
        best: list[tuple[RowPlace, bytes]],
        count: int,
    ) -> bool:
        """Tell whether rows that ended within `span` may be better than the best ones."""
        oldest, newest = span
        if oldest > bound[0] or self._choice.excludes(oldest, newest):
            return False
        return len(best) < count or newest >= best[-1][0].ended_ms

    async def _look(self, rows: int) -> None:
        self.looked_at += rows
        if self.looked_at - self._rested_at >= _AT_ONCE:
            self._rested_at = self.looked_at
            await asyncio.sleep(0)


def _bound(before: RowPlace | None, month: str, name: str) -> tuple[int, int]:
    """Give the end and number that the rows of a charge point have to be below."""
    if before is None or month != before.month:
        return _NO_BOUND
    if name == before.charge_point_id:
        return before.ended_ms, before.number
    return before.ended_ms + (name < before.charge_point_id), 0


def _of_chunk(
    held: Held, choice: Choice, place: int, bound: tuple[int, int]
) -> list[tuple[RowPlace, bytes]]:
    """Give the rows of a chunk that are wanted, the newest first."""
    first, size = place * CHUNK, LAYOUT.size
    part = held.blob[first * size : (first + CHUNK) * size]
    found = [each for each in choice.numbers(part, first) if each < bound]
    found.sort(reverse=True)
    return [
        (
            RowPlace(held.month, ended_ms, held.charge_point_id, number),
            held.blob[number * size : (number + 1) * size],
        )
        for ended_ms, number in found
    ]
