"""Bytes of rows that may be wanted, month by month, with what decides about each of them."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from sdk.bus.interface import Bus
from sdk.records.choice import Choice, chosen_months
from sdk.records.mark import sessions_marked
from sdk.records.reading import charge_points
from sdk.records.row import LAYOUT, Row, decode_rows
from sdk.records.shelf import CHUNK, Held, Shelf

_BATCH_BYTES = 1_000_000
_CHUNK_BYTES = CHUNK * LAYOUT.size


class Picked(NamedTuple):
    """Rows of a charge point and month; those that `choice` takes are wanted."""

    held: Held
    choice: Choice

    @property
    def blob(self) -> bytes:
        """Give the bytes of the rows that are wanted."""
        held, choice = self.held, self.choice
        if all(choice.includes(*span) for span in held.spans):
            return held.blob
        parts: list[bytes] = []
        for place, span in enumerate(held.spans):
            if not choice.excludes(*span):
                part = held.blob[place * _CHUNK_BYTES : (place + 1) * _CHUNK_BYTES]
                parts.append(part if choice.includes(*span) else choice.of(part))
        return b"".join(parts)

    def rows(self) -> Iterator[Row]:
        """Give the rows that are wanted."""
        return decode_rows(self.held.charge_point_id, self.blob)


async def picked(bus: Bus, choice: Choice, month: str, shelf: Shelf) -> AsyncIterator[Picked]:
    """Give what may have wanted rows in a month. Raises CorruptRecordError, BusUnavailableError."""
    names = choice.charge_points
    if not choice.needs_marks:
        async for held in shelf.month(bus, month, names):
            yield Picked(held, choice)
        return
    known = await charge_points(bus) if names is None else names
    marked = _marked(choice, await shelf.marks(bus, month, known))
    async for held in shelf.month(bus, month, [name for name in known if name in marked]):
        yield Picked(held, replace(choice, sessions=marked[held.charge_point_id]))


async def batches(bus: Bus, choice: Choice, shelf: Shelf) -> AsyncIterator[list[Picked]]:
    """Give what may have wanted rows, oldest month first, some 5,000 rows at a time.

    Raises CorruptRecordError, BusUnavailableError.
    """
    batch: list[Picked] = []
    size = 0
    for month in await chosen_months(bus, choice):
        async for each in picked(bus, choice, month, shelf):
            batch.append(each)
            size += len(each.held.blob)
            if size >= _BATCH_BYTES:
                yield batch
                batch, size = [], 0
    if batch:
        yield batch


def _marked(choice: Choice, marks: Mapping[str, bytes]) -> dict[str, frozenset[bytes]]:
    """Give the sessions whose marks are wanted; a session's own id needs no mark."""
    own = () if choice.mark is None or choice.account is not None else (choice.mark,)
    found = {
        name: sessions_marked(blob, choice.account, choice.mark).union(own)
        for name, blob in marks.items()
    }
    return {name: sessions for name, sessions in found.items() if sessions}
