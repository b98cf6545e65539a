"""Bytes of rows that may be wanted, month by month, with what decides about each of them."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby

from sdk.bus.interface import Bus
from sdk.records.choice import Choice, chosen_months
from sdk.records.mark import sessions_marked
from sdk.records.reading import batched, charge_points
from sdk.records.row import LAYOUT, Row, decode_rows
from sdk.records.shelf import CHUNK, Held, Shelf, Spans

_CHUNK_BYTES = CHUNK * LAYOUT.size


@dataclass(frozen=True)
class Picked:
    """Rows of a charge point and month; those that `choice` takes are wanted."""

    held: Held
    choice: Choice

    @property
    def blob(self) -> bytes:
        """Give the bytes of the rows that are wanted."""
        parts = self.parts
        return parts[0] if len(parts) == 1 and isinstance(parts[0], bytes) else b"".join(parts)

    @cached_property
    def parts(self) -> Sequence[bytes | memoryview]:
        """Give the same, part by part, copied only where that is needed."""
        held, choice = self.held, self.choice
        if all(choice.includes(*span) for span in held.spans):
            return [held.blob]
        whole = memoryview(held.blob)
        parts: list[bytes | memoryview] = []
        begin = 0
        for is_included, spans in groupby(held.spans, lambda span: choice.includes(*span)):
            some = list(spans)
            end = begin + len(some) * _CHUNK_BYTES
            if is_included:
                parts.append(whole[begin:end])
            else:
                parts += self._looked_through(begin, some)
            begin = end
        return parts

    def rows(self) -> Iterator[Row]:
        """Give the rows that are wanted."""
        return decode_rows(self.held.charge_point_id, self.blob)

    def _looked_through(self, begin: int, spans: Spans) -> Iterator[bytes]:
        for place, span in enumerate(spans):
            if not self.choice.excludes(*span):
                at = begin + place * _CHUNK_BYTES
                yield self.choice.of(self.held.blob[at : at + _CHUNK_BYTES])


async def picked(
    bus: Bus, choice: Choice, month: str, shelf: Shelf, *, all_read: bool = True
) -> AsyncIterator[Picked]:
    """Give what may have wanted rows in a month. Raises CorruptRecordError, BusUnavailableError.

    Without `all_read`, rows of which it is certain that they are not wanted may be left out.
    """
    names = choice.charge_points
    if not choice.needs_marks:
        if not all_read and choice.takes_only_end(month):
            async for held in shelf.end_of_month(bus, month, choice.begin, names):
                yield Picked(held, choice)
            return
        async for held in shelf.month(bus, month, names):
            yield Picked(held, choice)
        return
    known = await charge_points(bus) if names is None else names
    marked = _marked(choice, await shelf.marks(bus, month, known))
    async for held in shelf.month(bus, month, [name for name in known if name in marked]):
        yield Picked(held, replace(choice, sessions=marked[held.charge_point_id]))


def batches(bus: Bus, choice: Choice, shelf: Shelf) -> AsyncIterator[list[Picked]]:
    """Give what may have wanted rows, oldest month first, some 20,000 rows at a time.

    It raises CorruptRecordError, BusUnavailableError.
    """
    return batched(_picked(bus, choice, shelf), lambda each: len(each.held.blob))


async def _picked(bus: Bus, choice: Choice, shelf: Shelf) -> AsyncIterator[Picked]:
    for month in await chosen_months(bus, choice):
        async for each in picked(bus, choice, month, shelf, all_read=False):
            yield each


def _marked(choice: Choice, marks: Mapping[str, bytes]) -> dict[str, frozenset[bytes]]:
    """Give the sessions whose marks are wanted; a session's own id needs no mark."""
    own = () if choice.mark is None or choice.account is not None else (choice.mark,)
    found = {
        name: sessions_marked(blob, choice.account, choice.mark).union(own)
        for name, blob in marks.items()
    }
    return {name: sessions for name, sessions in found.items() if sessions}
