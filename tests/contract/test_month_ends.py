"""Of a month of which only the end is wanted, only the end is read."""

from datetime import UTC, datetime

import ended_sessions
import pytest

from sdk.bus import keys
from sdk.bus.interface import Bus, Commit
from sdk.ids import new_event_id
from sdk.records.choice import Choice
from sdk.records.errors import CorruptRecordError
from sdk.records.mark import Mark, encode_mark
from sdk.records.moments import end_of_month, to_ms
from sdk.records.picked import Picked, batches
from sdk.records.row import LAYOUT, Row, encode_row
from sdk.records.shelf import Shelf

MONTH = "2026-10"
END_MS = to_ms(datetime(2026, 11, 1, tzinfo=UTC))
BASE = ended_sessions.row(ended_sessions.record())
HOUR_MS = 3_600_000
ROWS = 6_000


def rows_before_the_end(count: int, each_ms: int, late_ms: int) -> list[Row]:
    """Make rows that end one after the other, but for every tenth, which is late."""
    return [
        BASE._replace(
            session_id=f"0x{number:016x}{'0' * 48}",
            ended_ms=END_MS - (count - number) * each_ms - (number % 10 == 0) * late_ms,
        )
        for number in range(count)
    ]


async def store(bus: Bus, name: str, rows: list[Row]) -> None:
    await bus.add_member(keys.ROW_STATIONS, name)
    await bus.write(keys.row_months(name), {MONTH: ""})
    marks = (Mark(bytes.fromhex(row.session_id[2:18])) for row in rows[::2])
    appends = {
        keys.rows(name, MONTH): b"".join(map(encode_row, rows)),
        keys.row_marks(name, MONTH): b"".join(map(encode_mark, marks)),
    }
    await bus.apply(Commit(name, new_event_id(), appends=appends))


async def found(bus: Bus, shelf: Shelf, choice: Choice) -> list[Picked]:
    return [each async for batch in batches(bus, choice, shelf) for each in batch]


def test_a_month_ends_when_the_next_one_begins() -> None:
    assert end_of_month(MONTH) == END_MS
    assert end_of_month("2026-12") == to_ms(datetime(2027, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("each_ms", [500, 30_000, 400_000, 50 * HOUR_MS])
@pytest.mark.parametrize("late_ms", [0, HOUR_MS - 1_000])
async def test_what_ended_late_is_found_from_the_end(bus: Bus, each_ms: int, late_ms: int) -> None:
    rows = rows_before_the_end(min(ROWS, 600 * HOUR_MS // each_ms), each_ms, late_ms)
    await store(bus, "CP-1", rows)
    await store(bus, "CP-2", rows[-1:])
    shelf = Shelf()
    choice = Choice(begin_ms=END_MS - 2 * HOUR_MS)
    picked = await found(bus, shelf, choice)
    one, two = ({row.session_id for e in picked[n : n + 1] for row in e.rows()} for n in (0, 1))
    assert one == {row.session_id for row in rows if choice.takes(row)}
    assert two == {row.session_id for row in rows[-1:] if choice.takes(row)}
    if each_ms == 400_000:
        assert len(picked[0].held.blob) < len(rows) * LAYOUT.size // 10
    marks = await shelf.marks_of(bus, [each.held for each in picked])
    kept = {marks[0][at : at + 8] for at in range(0, len(marks[0]), len(encode_mark(Mark(b""))))}
    marked = {row.session_id[2:18] for row in rows[::2] if choice.takes(row)}
    assert marked <= {each.hex() for each in kept}
    whole = await found(bus, shelf, Choice(begin_ms=END_MS - 24 * 3 * HOUR_MS))
    assert len(whole[0].held.blob) == len(rows) * LAYOUT.size


@pytest.mark.parametrize("damage", [b"cut", b"\2" + bytes(199)])
async def test_a_damaged_end_is_told(bus: Bus, damage: bytes) -> None:
    await store(bus, "CP-1", rows_before_the_end(500, 1_000, 0))
    await bus.apply(Commit("CP-1", new_event_id(), appends={keys.rows("CP-1", MONTH): damage}))
    with pytest.raises(CorruptRecordError, match="rows of CP-1 in 2026-10"):
        await found(bus, Shelf(), Choice(begin_ms=END_MS - HOUR_MS))
