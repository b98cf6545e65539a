"""The newest rows of ended sessions, page by page; only those that are wanted are decoded."""

from collections.abc import Iterator
from heapq import nlargest
from struct import Struct
from typing import NamedTuple

from sdk.bus.interface import Bus
from sdk.records.choice import Choice
from sdk.records.reading import months, row_bytes
from sdk.records.row import LAYOUT, Row, checked, decode_rows
from sdk.records.tables import OUTCOMES, code_of

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


async def newest_rows(
    bus: Bus, choice: Choice, count: int, before: RowPlace | None = None
) -> list[PlacedRow]:
    """Read up to `count` rows that are wanted, the newest first, older than `before`.

    Raises CorruptRecordError, BusUnavailableError.
    """
    names = choice.charge_points or None
    wanted = [month for month in await months(bus, names) if choice.takes_month(month)]
    found: list[PlacedRow] = []
    for month in reversed(wanted):
        if before is not None and month > before.month:
            continue
        found += await _of_month(bus, month, choice, count - len(found), before)
        if len(found) == count:
            break
    return found


async def _of_month(
    bus: Bus, month: str, choice: Choice, count: int, before: RowPlace | None
) -> list[PlacedRow]:
    best: list[tuple[RowPlace, bytes]] = []
    async for name, blob in row_bytes(bus, month, choice.charge_points or None):
        places = (
            RowPlace(month, ended_ms, name, number)
            for number, ended_ms in _chosen(checked(blob), choice)
        )
        newest = nlargest(count, (it for it in places if before is None or it < before))
        best = nlargest(count, [*best, *((place, _bytes(blob, place.number)) for place in newest)])
    return [
        PlacedRow(place, row)
        for place, part in best
        for row in decode_rows(place.charge_point_id, part)
    ]


def _chosen(blob: bytes, choice: Choice) -> Iterator[tuple[int, int]]:
    """Give number and end of the rows that are wanted."""
    wanted = code_of(OUTCOMES, choice.outcome)
    begin, end = choice.begin_ms or 0, choice.end_ms
    for number, (outcome, ended_ms) in enumerate(_HEAD.iter_unpack(blob)):
        is_within = ended_ms >= begin and (end is None or ended_ms < end)
        if is_within and (not wanted or outcome == wanted):
            yield number, ended_ms


def _bytes(blob: bytes, number: int) -> bytes:
    return blob[number * LAYOUT.size : (number + 1) * LAYOUT.size]
