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
        try:
            ended = ended_of(checked(blob))
        except CorruptRecordError as error:
            raise CorruptRecordError(f"rows of {name} in {month}: {error}") from error
        chunks = (ended[at : at + CHUNK] for at in range(0, len(ended), CHUNK))
        spans = [(min(chunk), max(chunk)) for chunk in chunks]
        if len(self._spans) >= _MOST_SPANNED:
            self._spans.clear()
        self._spans[name, month] = (len(blob), blob[-LAYOUT.size :], spans)
        return spans
