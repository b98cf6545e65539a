"""The newest rows of ended sessions, page by page; only those that are wanted are decoded."""

import asyncio
from heapq import nlargest
from struct import Struct
from typing import NamedTuple

from sdk.bus.interface import Bus
from sdk.records.choice import Choice
from sdk.records.reading import months, row_bytes
from sdk.records.row import LAYOUT, Row, checked, decode_rows
from sdk.records.tables import OUTCOMES, code_of

MOST_LOOKED_AT = 50_000
_AT_ONCE = 2_000
_FOR_EVER = 2**62
_NO_BOUND = (_FOR_EVER, 0)
_HEAD = Struct("<xB6xQ184x")


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
) -> NewestRows:
    """Read up to `count` rows that are wanted, the newest first, older than `before`.

    No month is begun once `most` rows were looked at, wanted or not. Raises CorruptRecordError,
    BusUnavailableError.
    """
    wanted = [
        month
        for month in await months(bus, choice.charge_points or None)
        if choice.takes_month(month) and (before is None or month <= before.month)
    ]
    search = _Search(bus, choice, before)
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

    def __init__(self, bus: Bus, choice: Choice, before: RowPlace | None) -> None:
        self._bus = bus
        self._choice = choice
        self._before = before
        self._rested_at = 0
        self.looked_at = 0

    async def newest(self, month: str, count: int) -> list[PlacedRow]:
        """Give up to `count` rows of a month, the newest first."""
        best: list[tuple[RowPlace, bytes]] = []
        async for name, blob in row_bytes(self._bus, month, self._choice.charge_points or None):
            checked(blob)
            bound = _bound(self._before, month, name)
            for first in range(0, len(blob) // LAYOUT.size, _AT_ONCE):
                part = blob[first * LAYOUT.size : (first + _AT_ONCE) * LAYOUT.size]
                newest = _newest(part, first, self._choice, bound)[:count]
                placed = (
                    (RowPlace(month, ended_ms, name, number), _bytes(blob, number))
                    for ended_ms, number in newest
                )
                best = nlargest(count, [*best, *placed])
                await self._look(len(part) // LAYOUT.size)
        return [
            PlacedRow(place, row)
            for place, part in best
            for row in decode_rows(place.charge_point_id, part)
        ]

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


def _newest(
    blob: bytes, first: int, choice: Choice, bound: tuple[int, int]
) -> list[tuple[int, int]]:
    """Give end and number of the rows that are wanted, the newest first."""
    wanted = code_of(OUTCOMES, choice.outcome)
    begin, end = choice.begin_ms or 0, _FOR_EVER if choice.end_ms is None else choice.end_ms
    found = [
        (ended_ms, number)
        for number, (outcome, ended_ms) in enumerate(_HEAD.iter_unpack(blob), first)
        if begin <= ended_ms < end
        and (not wanted or outcome == wanted)
        and (ended_ms, number) < bound
    ]
    found.sort(reverse=True)
    return found


def _bytes(blob: bytes, number: int) -> bytes:
    return blob[number * LAYOUT.size : (number + 1) * LAYOUT.size]
