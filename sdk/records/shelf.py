"""Rows and marks that were read before, so that of a month only what is new is read again."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.records import mark
from sdk.records.errors import CorruptRecordError
from sdk.records.reading import charge_points
from sdk.records.row import LAYOUT, checked, ended_of
from sdk.records.tails import MOST_BYTES, Tails

CHUNK = 200
"""Rows that are looked at together."""
_MOST_SPANNED = 10_000
_AT_END, _MORE_AT_END = 64, 8
"""Rows that are read of a month's end, and how many times as many where these are too few."""
_OUT_OF_ORDER_MS = 3_600_000
"""Rows come in the order of their ends, but for the clocks of managers that differ."""
_FIRST, _AT_ONCE, _BYTES_AT_ONCE = 4, 32, 4_000_000

Spans = Sequence[tuple[int, int]]
"""First and last end of each `CHUNK` of rows: ms since 1970."""


@dataclass(frozen=True, slots=True)
class Held:
    """The rows of one charge point and month."""

    charge_point_id: str
    month: str
    blob: bytes
    spans: Spans
    is_end: bool = False
    """Only the last rows of that month are in it."""

    @property
    def marks_key(self) -> str:
        """Name the key of the month's marks."""
        return keys.row_marks(self.charge_point_id, self.month)


class Shelf:
    """Holds rows of charge points and months, and their marks, those that were used last."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        """Hold nothing yet, and `most` bytes later on."""
        self._tails = Tails(most)
        self._spans: dict[tuple[str, str], tuple[int, bytes, Spans]] = {}

    async def month(
        self, bus: Bus, month: str, chosen: Sequence[str] | None = None
    ) -> AsyncIterator[Held]:
        """Give the rows of a month (YYYY-MM), up to date, of those charge points that have some.

        Raises CorruptRecordError, BusUnavailableError.
        """
        names = await charge_points(bus) if chosen is None else chosen
        begin, count = 0, _FIRST
        while some := names[begin : begin + count]:
            wanted = [keys.rows(name, month) for name in some]
            blobs = await self._tails.read(bus, wanted, LAYOUT.size)
            for name, blob in zip(some, blobs, strict=True):
                if blob:
                    yield Held(name, month, blob, self._spans_of(name, month, blob))
            begin += count
            count = min(_AT_ONCE, max(1, _BYTES_AT_ONCE // (max(map(len, blobs)) or 1)))

    async def end_of_month(
        self, bus: Bus, month: str, since_ms: int, chosen: Sequence[str] | None = None
    ) -> AsyncIterator[Held]:
        """Give the rows of a month that ended from a moment on, and a few before, as `month` does.

        They are not held for the next time.
        """
        names = await charge_points(bus) if chosen is None else chosen
        for begin in range(0, len(names), _AT_ONCE):
            some = names[begin : begin + _AT_ONCE]
            found = await _ends(bus, [keys.rows(name, month) for name in some], since_ms)
            for name, blob in zip(some, found, strict=True):
                if blob:
                    yield Held(name, month, blob, _spans(name, month, blob), is_end=True)

    async def marks_of(self, bus: Bus, rows: Sequence[Held]) -> list[bytes]:
        """Give the marks of the months of rows, or all that those rows can have."""
        whole = [held.marks_key for held in rows if not held.is_end]
        ends = [
            (held.marks_key, -mark.LAYOUT.size * (len(held.blob) // LAYOUT.size + _AT_END))
            for held in rows
            if held.is_end
        ]
        of_whole = iter(await self._tails.read(bus, whole, mark.LAYOUT.size))
        of_ends = iter(await bus.read_blob_tails(ends))
        return [next(of_ends if held.is_end else of_whole) for held in rows]

    async def marks(self, bus: Bus, month: str, names: Sequence[str]) -> dict[str, bytes]:
        """Give the marks of a month of each of those charge points; empty: there are none."""
        wanted = [keys.row_marks(name, month) for name in names]
        found: list[bytes] = []
        for begin in range(0, len(wanted), _AT_ONCE):
            some = wanted[begin : begin + _AT_ONCE]
            found += await self._tails.read(bus, some, mark.LAYOUT.size)
        return dict(zip(names, found, strict=True))

    def _spans_of(self, name: str, month: str, blob: bytes) -> Spans:
        size, last, spans = self._spans.get((name, month), (0, b"", ()))
        if size == len(blob) and blob.endswith(last):
            return spans
        spans = _spans(name, month, blob)
        if len(self._spans) >= _MOST_SPANNED:
            self._spans.clear()
        self._spans[name, month] = (len(blob), blob[-LAYOUT.size :], spans)
        return spans


def _spans(name: str, month: str, blob: bytes) -> Spans:
    try:
        ended = ended_of(checked(blob))
    except CorruptRecordError as error:
        raise CorruptRecordError(f"rows of {name} in {month}: {error}") from error
    chunks = (ended[at : at + CHUNK] for at in range(0, len(ended), CHUNK))
    return [(min(chunk), max(chunk)) for chunk in chunks]


async def _ends(bus: Bus, wanted: Sequence[str], since_ms: int) -> list[bytes]:
    """Read strings of rows from their ends, until what is before can't have ended since."""
    found = dict.fromkeys(wanted, b"")
    left, size = list(wanted), _AT_END * LAYOUT.size
    while left:
        tails = await bus.read_blob_tails([(key, -size) for key in left])
        found.update(zip(left, tails, strict=True))
        left = [
            key
            for key, tail in zip(left, tails, strict=True)
            if len(tail) == size and ended_of(tail[: LAYOUT.size])[0] >= since_ms - _OUT_OF_ORDER_MS
        ]
        size *= _MORE_AT_END
    return list(found.values())
