"""Adds up what the sessions of each driver come to; import it only where that is asked for."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from sdk.bus.interface import Bus
from sdk.records.choice import Choice
from sdk.records.drivers import Consumers, Order
from sdk.records.marked import Marked, MarkedRows
from sdk.records.picked import batches
from sdk.records.ranking import FirstDrivers, Ranking
from sdk.records.shelf import Shelf
from sdk.records.tails import MOST_BYTES


async def drivers_of(bus: Bus, shelf: Shelf, choice: Choice, order: Order, limit: int) -> Consumers:
    """Add up the rows that are wanted. Raises CorruptRecordError, BusUnavailableError."""
    ranking, held = Ranking(), _Held()
    async for rows in _marked(bus, shelf, choice):
        marked = await asyncio.to_thread(_rank, ranking, rows)
        held.take(marked)
    first = await asyncio.to_thread(ranking.first, order, limit)
    sums = FirstDrivers(first)
    if held.is_all:
        await asyncio.to_thread(_add, sums, held.rows)
    else:
        async for rows in _marked(bus, shelf, choice):
            await asyncio.to_thread(_add, sums, [Marked(rows)])
    return await asyncio.to_thread(ranking.consumers, first, sums)


class _Held:
    """Holds rows for a second look at them, if they are not too many."""

    def __init__(self) -> None:
        self.rows: list[Marked] = []
        self.is_all = True
        self._bytes = 0

    def take(self, marked: Marked) -> None:
        """Hold rows, or none at all any more."""
        self._bytes += marked.nbytes
        self.is_all = self._bytes <= MOST_BYTES
        self.rows = [*self.rows, marked] if self.is_all else []


async def _marked(bus: Bus, shelf: Shelf, choice: Choice) -> AsyncIterator[list[MarkedRows]]:
    async for batch in batches(bus, choice, shelf):
        marks = await shelf.marks_of(bus, [each.held for each in batch])
        yield [
            MarkedRows(part, own)
            for each, own in zip(batch, marks, strict=True)
            for part in each.parts
        ]


def _rank(ranking: Ranking, rows: Sequence[MarkedRows]) -> Marked:
    marked = Marked(rows)
    ranking.add(marked)
    return marked


def _add(sums: FirstDrivers, some: Sequence[Marked]) -> None:
    for marked in some:
        sums.add(marked)
