"""Rows and records as they are read from the bus; no hash of a session is ever read for them."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import TypeVar

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.records.errors import CorruptRecordError, UnknownRecordError
from sdk.records.record import SessionRecord, decode_record
from sdk.records.row import Row, decode_rows

T = TypeVar("T")
_FIRST, _AT_ONCE, _BYTES_AT_ONCE = 4, 32, 1_000_000
"""Rows of how many charge points are read in one round trip; few where a month has many."""
_BATCH_BYTES = 4_000_000


async def charge_points(bus: Bus) -> list[str]:
    """Name all charge points that have rows, or may have: also those that were removed."""
    return sorted(await bus.members(keys.ROW_STATIONS) | await bus.members(keys.STATIONS))


async def months(bus: Bus, chosen: Sequence[str] | None = None) -> list[str]:
    """Name the months (YYYY-MM) of which there are rows, oldest first."""
    names = await charge_points(bus) if chosen is None else chosen
    found = await bus.read_many([keys.row_months(name) for name in names])
    return sorted({month for fields in found for month in fields})


async def row_bytes(
    bus: Bus, month: str, chosen: Sequence[str] | None = None
) -> AsyncIterator[tuple[str, bytes]]:
    """Give charge points with the bytes of their rows of a month, some 30 to a round trip."""
    names = await charge_points(bus) if chosen is None else chosen
    begin, count = 0, _FIRST
    while some := names[begin : begin + count]:
        blobs = await bus.read_blobs([keys.rows(name, month) for name in some])
        for name, blob in zip(some, blobs, strict=True):
            if blob:
                yield name, blob
        begin += count
        count = min(_AT_ONCE, max(1, _BYTES_AT_ONCE // (max(map(len, blobs)) or 1)))


async def batched(found: AsyncIterator[T], bytes_of: Callable[[T], int]) -> AsyncIterator[list[T]]:
    """Put together what has some 20,000 rows; `bytes_of` tells how many bytes of rows one has."""
    batch, size = list[T](), 0
    async for each in found:
        batch.append(each)
        size += bytes_of(each)
        if size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


async def rows(
    bus: Bus, wanted: Sequence[str], chosen: Sequence[str] | None = None
) -> AsyncIterator[Row]:
    """Give the rows of months (YYYY-MM), charge point by charge point within each.

    Raises CorruptRecordError, BusUnavailableError.
    """
    names = await charge_points(bus) if chosen is None else chosen
    for month in wanted:
        async for charge_point_id, blob in row_bytes(bus, month, names):
            for row in _named(charge_point_id, month, blob):
                yield row


async def find(bus: Bus, charge_point_id: str, session_id: str) -> SessionRecord:
    """Read the record of an ended session. Raises UnknownRecordError, CorruptRecordError."""
    blob = (await bus.read_blobs([keys.record(charge_point_id, session_id)]))[0]
    if not blob:
        raise UnknownRecordError(f"{charge_point_id} has no record of a session {session_id}")
    return decode_record(blob)


def _named(charge_point_id: str, month: str, blob: bytes) -> Iterator[Row]:
    try:
        yield from decode_rows(charge_point_id, blob)
    except CorruptRecordError as error:
        raise CorruptRecordError(f"rows of {charge_point_id} in {month}: {error}") from error
