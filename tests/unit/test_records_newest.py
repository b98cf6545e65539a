"""The newest rows, page by page, against a plain sort of all of them."""

import asyncio
from dataclasses import replace

import ended_sessions
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdk.bus import keys
from sdk.bus.memory_bus import MemoryBus
from sdk.records.choice import Choice
from sdk.records.errors import CorruptRecordError
from sdk.records.newest import newest_rows
from sdk.records.row import Row, encode_row

BASE = ended_sessions.row(ended_sessions.record())
MONTH_MS = 31 * 86_400_000
ROWS = st.lists(
    st.builds(
        lambda name, ended, outcome: BASE._replace(
            charge_point_id=name, ended_ms=BASE.ended_ms + ended, outcome=outcome
        ),
        st.sampled_from(("A", "B", "C")),
        st.integers(0, 3 * MONTH_MS),
        st.sampled_from(("settled", "refunded")),
    ),
    max_size=30,
    unique_by=lambda row: row.ended_ms,
)


async def _stored(rows: list[Row]) -> MemoryBus:
    bus, blobs = MemoryBus(), dict[str, bytes]()
    for row in rows:
        name, month = row.charge_point_id, row.month
        await bus.add_member(keys.ROW_STATIONS, name)
        await bus.write(keys.row_months(name), {month: ""})
        key = keys.rows(name, month)
        blobs[key] = blobs.get(key, b"") + encode_row(row)
    bus._store.blobs.update(blobs)
    return bus


@given(ROWS, st.integers(1, 5), st.integers(1, 9), st.sampled_from((None, "settled")))
@settings(max_examples=60)
def test_pages_are_all_rows_from_the_newest_on(
    rows: list[Row], count: int, most: int, outcome: str | None
) -> None:
    asyncio.run(_check_pages(rows, count, most, outcome))


async def _check_pages(rows: list[Row], count: int, most: int, outcome: str | None) -> None:
    bus = await _stored(rows)
    choice = Choice(begin_ms=BASE.ended_ms + 1_000_000, outcome=outcome)
    seen: list[Row] = []
    before = None
    while True:
        page, reached = await newest_rows(bus, choice, count, before, most)
        assert len(page) <= count
        seen += [placed.row for placed in page]
        before = reached or (page[-1].place if page else None)
        if before is None:
            break
    wanted = [row for row in rows if choice.takes(row)]
    assert seen == sorted(wanted, key=lambda row: row.ended_ms, reverse=True)


async def test_only_the_chosen_charge_points_are_read() -> None:
    rows = [BASE._replace(charge_point_id=name) for name in ("A", "B")]
    bus = await _stored(rows)
    choice = replace(Choice(), charge_points=("B",))
    assert [placed.row for placed in (await newest_rows(bus, choice, 9)).rows] == rows[1:]


async def test_damaged_rows_are_told() -> None:
    bus = await _stored([BASE])
    (key,) = bus._store.blobs
    bus._store.blobs[key] = bus._store.blobs[key][:-1]
    with pytest.raises(CorruptRecordError):
        await newest_rows(bus, Choice(), 9)
