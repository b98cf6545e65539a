"""Rows as they are stored, found again, chosen, added up and exported."""

import csv
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import ended_sessions as ended
import pytest
from pyarrow import parquet

from sdk.bus import keys
from sdk.bus.interface import Commit
from sdk.bus.memory_bus import MemoryBus
from sdk.cli_sessions_show import print_record
from sdk.cli_show import PRIVATE
from sdk.errors import InvalidInputError
from sdk.ids import new_event_id
from sdk.records.choice import Choice, choose, chosen_rows
from sdk.records.curve import Reading
from sdk.records.ending import addendum, collected, reading_append
from sdk.records.errors import CorruptRecordError, UnknownRecordError
from sdk.records.export import COLUMNS, MONEY, open_export
from sdk.records.moments import to_ms
from sdk.records.reading import charge_points, find, months, rows
from sdk.records.report import month_report
from sdk.records.row import LARGEST_AMOUNT, Row
from sdk.records.shown import record_shown

DAY = 86_400_000
NOVEMBER = to_ms(ended.STARTED.replace(day=1, hour=0, minute=0, second=0, microsecond=0))


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus()


async def put(bus: MemoryBus, cp: str, day: int, **changes: object) -> Row:
    record = ended.record(ended.receipt(charge_point_id=cp))
    row = ended.row(record, ended_ms=NOVEMBER + day * DAY, **changes)
    await ended.store(bus, record, row)
    return row


async def test_an_ended_session_is_found_by_month_and_by_name(bus: MemoryBus) -> None:
    first = await put(bus, "CP-1", 0)
    second = await put(bus, "CP-1", 30)
    other = await put(bus, "CP-2", 3)
    assert await months(bus) == ["2026-11", "2026-12"]
    assert [row async for row in rows(bus, ["2026-11", "2026-12"])] == [first, other, second]
    assert [row async for row in rows(bus, ["2026-11"], ["CP-2"])] == [other]
    record = await find(bus, "CP-2", other.session_id)
    assert record.session_id == other.session_id
    with pytest.raises(UnknownRecordError):
        await find(bus, "CP-1", other.session_id)


async def test_rows_of_a_removed_charge_point_are_found(bus: MemoryBus) -> None:
    await bus.add_member(keys.STATIONS, "CP-NEW")
    row = await put(bus, "CP-GONE", 1)
    assert await charge_points(bus) == ["CP-GONE", "CP-NEW"]
    assert [found async for found in rows(bus, ["2026-11"])] == [row]


async def test_a_curve_is_collected_and_gone_with_the_end(bus: MemoryBus) -> None:
    record = ended.record()
    cp, sid = record.charge_point_id, record.session_id
    readings = ended.readings(5)
    for reading in readings:
        await bus.apply(Commit(cp, new_event_id(), appends=reading_append(cp, sid, reading)))
    assert await collected(bus, cp, sid) == readings
    assert await collected(bus, cp, sid, readings[-1]) == readings
    last = Reading(readings[-1].at_ms + 5, readings[-1].energy_wh)
    curve = await collected(bus, cp, sid, last)
    assert curve == (*readings, last)
    await ended.store(bus, record.model_copy(update={"curve": curve}), ended.row(record))
    assert await collected(bus, cp, sid) == ()
    assert (await find(bus, cp, sid)).curve == curve


async def test_choices(bus: MemoryBus) -> None:
    rows_ = [await put(bus, "CP-1", day) for day in (0, 5, 29, 31)]

    async def chosen(choice: Choice) -> list[Row]:
        return [row async for row in chosen_rows(bus, choice)]

    assert await chosen(choose(None, None, None)) == rows_
    assert await chosen(choose("2026-11", None, None)) == rows_[:3]
    assert await chosen(choose("2026-12", None, None)) == rows_[3:]
    assert await chosen(choose(None, "2026-11-06", "2026-11-30")) == rows_[1:2]
    assert await chosen(choose(None, "2026-11-30T00:00:00+00:00", None)) == rows_[2:]
    assert await chosen(choose(None, None, None, ("CP-2",))) == []
    assert await chosen(choose(None, None, None, (), "rejected")) == []


@pytest.mark.parametrize(
    ("month", "begin", "end", "outcome"),
    [
        ("2026-13", None, None, None),
        ("2026-1", None, None, None),
        ("2026-11", "2026-11-01", None, None),
        (None, "yesterday", None, None),
        (None, "2026-11-02", "2026-11-02", None),
        (None, None, None, "paid"),
    ],
)
def test_choices_that_make_no_sense(
    month: str | None, begin: str | None, end: str | None, outcome: str | None
) -> None:
    with pytest.raises(InvalidInputError):
        choose(month, begin, end, (), outcome)


async def test_a_report_adds_up(bus: MemoryBus) -> None:
    huge = 10**37
    token = "0x" + "ab" * 20
    settled = [await put(bus, "CP-1", day, spent=huge, idle_s=60) for day in (0, 0, 5)]
    refunded = await put(bus, "CP-2", 5, outcome="refunded", spent=0, refund=7, deposit=7, tax=0)
    paid = await put(bus, "CP-2", 6, token=token, spent=11, tax=2, flags=("unbilled",))
    await put(bus, "CP-2", 6, flags=("private",), energy_wh=99)
    await put(bus, "CP-2", 31)
    more = addendum(
        paid._replace(outcome="addendum", energy_wh=0, unbilled_wh=40, spent=0, deposit=0)._replace(
            refund=0, tax=0, gas_used=0, gas_fee=0, charging_s=0
        )
    )
    await bus.apply(Commit("CP-2", new_event_id(), writes=more.writes, appends=more.appends))
    report = await month_report(bus, "2026-11")
    native = f"{ended.CHAIN_ID}:0x{'0' * 40}"
    total = report.total
    assert (total.sessions, total.private, total.unbilled_wh) == (5, 1, 40)
    assert total.energy_wh == 5 * 3_000
    assert total.tokens[native].spent == 3 * huge
    assert total.tokens[native].deposit == sum(r.deposit for r in settled) + refunded.deposit
    assert (total.tokens[f"{ended.CHAIN_ID}:{token}"].spent, paid.spent) == (11, 11)
    assert total.gas_used == 5 * 350_705
    assert total.gas_fees == {str(ended.CHAIN_ID): 5 * 350_705 * 10**9}
    assert {name: each.sessions for name, each in report.by_outcome.items()} == {
        "settled": 4,
        "refunded": 1,
        "addendum": 0,
    }
    assert {name: each.sessions for name, each in report.by_charge_point.items()} == {
        "CP-1": 3,
        "CP-2": 2,
    }
    assert {day: each.sessions for day, each in report.by_day.items()} == {
        "2026-11-01": 2,
        "2026-11-06": 2,
        "2026-11-07": 1,
    }
    for parts in (report.by_charge_point, report.by_day, report.by_outcome):
        assert sum(each.energy_wh for each in parts.values()) == total.energy_wh
    alone = await month_report(bus, "2026-11", ["CP-1"])
    assert alone.total == report.by_charge_point["CP-1"]
    assert (await month_report(bus, "2027-01")).total.sessions == 0


async def test_damaged_rows_are_named(bus: MemoryBus) -> None:
    await put(bus, "CP-1", 0)
    key = keys.rows("CP-1", "2026-11")
    await bus.apply(Commit("CP-1", new_event_id(), appends={key: b"x"}))
    for read in (month_report(bus, "2026-11"), _list(bus)):
        with pytest.raises(CorruptRecordError, match="CP-1 in 2026-11"):
            await read


async def _list(bus: MemoryBus) -> list[Row]:
    return [row async for row in rows(bus, ["2026-11"])]


def some_rows() -> Sequence[Row]:
    record = ended.record()
    return [
        ended.row(record, spent=LARGEST_AMOUNT, flags=("private", "unbilled")),
        ended.row(record, started_ms=0, transaction_id=None, outcome="rejected", failure="x,\ny"),
    ]


def test_csv_keeps_every_digit(tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    file.write_text("old")
    with open_export(file) as writer:
        writer.write(some_rows())
        writer.write([])
    with file.open(newline="") as opened:
        first, second = csv.DictReader(opened)
    assert tuple(first) == COLUMNS
    assert (first["spent"], first["private"]) == (str(LARGEST_AMOUNT), "true")
    assert (first["ended_at"], first["flags"]) == ("2026-11-14T13:00:20.595Z", "private unbilled")
    assert (second["started_at"], second["transaction_id"]) == ("", "")
    assert second["failure"] == "x,\ny"


def test_parquet_keeps_every_digit(tmp_path: Path) -> None:
    file = tmp_path / "out.parquet"
    with open_export(file) as writer:
        writer.write(some_rows())
        writer.write(some_rows()[1:])
    table = parquet.read_table(file)
    assert tuple(table.column_names) == COLUMNS
    assert {str(table.schema.field(name).type) for name in MONEY} == {"decimal128(38, 0)"}
    assert table.column("spent")[0].as_py() == Decimal(LARGEST_AMOUNT)
    assert table.column("started_at").to_pylist()[1] is None
    assert str(table.column("ended_at")[0].as_py()) == "2026-11-14 13:00:20.595000+00:00"
    assert table.num_rows == 3


def test_an_export_is_whole_or_not_there(tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    with pytest.raises(AttributeError), open_export(file) as writer:
        writer.write([*some_rows(), None])  # type: ignore[list-item]
    assert list(tmp_path.iterdir()) == []
    for path in (tmp_path / "out.xlsx", tmp_path / "absent" / "out.csv"):
        with pytest.raises(InvalidInputError), open_export(path):
            pass


def test_a_session_that_was_never_paid_is_shown_without_a_receipt(
    capsys: pytest.CaptureFixture[str],
) -> None:
    whole = ended.record()
    status = whole.status.model_copy(update={"private": True, "failure": "deposit_missing"})
    record = whole.model_copy(update={"receipt": None, "quote": None, "status": status})
    shown = record_shown(record)
    assert (shown["price"], shown["quoted"], shown["curve"]) == ([], None, {"readings": 0})
    print_record(record)
    text = capsys.readouterr().out
    assert PRIVATE in text
    assert "deposit_missing" in text
