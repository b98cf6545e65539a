"""What a Session Manager commits of a session's curve and of its end, as parts of its `Commit`."""

from collections.abc import Mapping
from typing import NamedTuple

from sdk.bus import keys
from sdk.bus.interface import Bus, StateWrite
from sdk.records.curve import Reading, pack_reading, thinned, unpack_readings
from sdk.records.mark import encode_mark, mark_of
from sdk.records.record import SessionRecord, encode_record
from sdk.records.row import Row, encode_row


class Ending(NamedTuple):
    """Parts of the commit that ends a session: its row and mark, its record, and no curve."""

    writes: tuple[StateWrite, ...]
    appends: Mapping[str, bytes]
    constants: Mapping[str, bytes]


async def enlist(bus: Bus, charge_point_id: str) -> None:
    """Put a charge point into the index of those with rows, before its first one.

    Whoever takes its lease does this each time, so that rows are found also when it is removed.
    """
    await bus.add_member(keys.ROW_STATIONS, charge_point_id)


def reading_append(charge_point_id: str, session_id: str, reading: Reading) -> dict[str, bytes]:
    """Give the append that collects a reading; for those that `curve.is_collected` takes."""
    return {keys.curve(charge_point_id, session_id): pack_reading(reading)}


async def collected(
    bus: Bus, charge_point_id: str, session_id: str, last: Reading | None = None
) -> tuple[Reading, ...]:
    """Read the curve at the session's end, with `last` at its end, thinned where it is too long.

    Raises BusUnavailableError, CorruptRecordError.
    """
    blob = (await bus.read_blobs([keys.curve(charge_point_id, session_id)]))[0]
    readings = unpack_readings(blob)
    if last is not None and readings[-1:] != [last]:
        readings.append(last)
    return thinned(readings)


def ending(row: Row, record: SessionRecord) -> Ending:
    """Give what is committed at the end of a session; a record that is there already stays."""
    charge_point_id, session_id = row.charge_point_id, row.session_id
    added = addendum(row)
    return Ending(
        writes=(*added.writes, StateWrite(keys.curve(charge_point_id, session_id), None)),
        appends={
            **added.appends,
            keys.row_marks(charge_point_id, row.month): encode_mark(mark_of(record)),
        },
        constants={keys.record(charge_point_id, session_id): encode_record(record)},
    )


def addendum(row: Row) -> Ending:
    """Give what is committed of a row without a record; its outcome is `addendum`."""
    charge_point_id, month = row.charge_point_id, row.month
    return Ending(
        writes=(StateWrite(keys.row_months(charge_point_id), {month: ""}),),
        appends={keys.rows(charge_point_id, month): encode_row(row)},
        constants={},
    )
