"""Sums, calendars and heat maps of reports, against plain sums over the rows themselves."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import ended_sessions
from hypothesis import given, settings
from hypothesis import strategies as st

from sdk.records.adding import add_rows
from sdk.records.busy import Busy
from sdk.records.choice import Choice
from sdk.records.columns import Columns
from sdk.records.days import Period, begin_of, days_in
from sdk.records.drivers import did_of
from sdk.records.mark import Mark, encode_mark
from sdk.records.marked import Marked, MarkedRows
from sdk.records.moments import from_ms
from sdk.records.overview import Overview, Station
from sdk.records.picked import Picked
from sdk.records.ranking import FirstDrivers, Ranking
from sdk.records.row import LARGEST_AMOUNT, Row, encode_row
from sdk.records.sessions import Sessions
from sdk.records.shelf import Held
from sdk.records.sums import Cells
from sdk.records.totals import Totals, totals
from sdk.records.wanted import Wanted

BASE = ended_sessions.row(ended_sessions.record())
NATIVE, OTHER = "0x" + "00" * 20, "0x" + "ab" * 20
NAMES = ("A", "B")
ZONES = ("UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu")
# with the end of summer time in Europe (25 Oct) and the beginning of that of Lord Howe (4 Oct)
FIRST, LAST = date(2026, 9, 28), date(2026, 11, 2)
EARLIEST = int(datetime(2026, 9, 27, tzinfo=UTC).timestamp()) * 1_000
SPAN_MS = 38 * 86_400_000
AMOUNT = st.one_of(st.integers(0, 10**20), st.just(LARGEST_AMOUNT))


@st.composite
def a_row(draw: st.DrawFn) -> Row:
    outcome = draw(st.sampled_from(("settled", "settled", "refunded", "rejected", "addendum")))
    charging = draw(st.integers(0, 40_000))
    ended = EARLIEST + draw(st.integers(0, SPAN_MS))
    began = outcome in ("settled", "refunded") and draw(st.booleans())
    return BASE._replace(
        charge_point_id=draw(st.sampled_from(NAMES)),
        connector_id=draw(st.integers(1, 3)),
        session_id="0x" + draw(st.binary(min_size=32, max_size=32)).hex(),
        outcome=outcome,
        ended_ms=ended,
        started_ms=ended - charging * 1_000 if began else 0,
        stop_reason=draw(st.sampled_from((None, "consumer", "operator"))),
        failure=draw(st.sampled_from((None, "start_timeout", "deposit_short"))),
        flags=draw(st.sampled_from(((), (), ("private",), ("unbilled", "late_start")))),
        energy_wh=draw(st.integers(0, 100_000)),
        unbilled_wh=draw(st.integers(0, 100)),
        charging_s=charging if began else 0,
        idle_s=draw(st.integers(0, 900)),
        chain_id=draw(st.sampled_from((31_337, 3_338))),
        token=draw(st.sampled_from((NATIVE, OTHER))),
        deposit=draw(AMOUNT),
        spent=draw(AMOUNT),
        refund=draw(AMOUNT),
        tax=draw(AMOUNT),
        gas_used=draw(st.integers(0, 10**7)),
        gas_fee=draw(AMOUNT),
    )


ROWS = st.lists(a_row(), max_size=40, unique_by=lambda row: row.session_id[:18])


def bytes_of(rows: Iterable[Row]) -> bytes:
    return b"".join(map(encode_row, rows))


def plain_totals(rows: Iterable[Row]) -> Totals:
    """Add up rows one by one, as they are read."""
    counts: defaultdict[str, int] = defaultdict(int)
    fees: defaultdict[str, int] = defaultdict(int)
    tokens: defaultdict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        if row.outcome != "addendum":
            counts["private" if "private" in row.flags else "sessions"] += 1
        if "private" in row.flags:
            continue
        if row.outcome != "addendum":
            counts[row.outcome] += 1
        for name in ("energy_wh", "unbilled_wh", "charging_s", "idle_s", "gas_used"):
            counts[name] += getattr(row, name)
        fees[str(row.chain_id)] += row.gas_fee
        for name in ("deposit", "spent", "refund", "tax"):
            tokens[f"{row.chain_id}:{row.token}"][name] += getattr(row, name)
    return Totals.model_validate({**counts, "gas_fees": fees, "tokens": tokens})


def only_totals(found: Totals) -> Totals:
    return Totals(**{name: getattr(found, name) for name in Totals.model_fields})


def local_day(row: Row, zone: str) -> date:
    return row.ended_at.astimezone(ZoneInfo(zone)).date()


def overview(rows: list[Row], zone: str, by: Period) -> Overview:
    sessions = Sessions(days_in(zone, FIRST, LAST))
    wanted = Wanted(
        begin_of(FIRST, ZoneInfo(zone)) * 1_000,
        begin_of(LAST + timedelta(days=1), ZoneInfo(zone)) * 1_000,
    )
    parts = [
        (name, wanted.of(bytes_of(row for row in rows if row.charge_point_id == name)))
        for name in NAMES
    ]
    sessions.add(parts[:1])
    sessions.add(parts[1:])
    stations = {"A": Station("Alpha", 2), "IDLE": Station("", 1)}
    return sessions.overview(zone, by, stations, 2**31)


@given(ROWS, st.sampled_from(ZONES), st.sampled_from(("day", "week", "month", "year")))
@settings(max_examples=60, deadline=None)
def test_an_overview_is_the_sum_of_its_rows(rows: list[Row], zone: str, by: Period) -> None:
    found = overview(rows, zone, by)
    rows = [row for row in rows if FIRST <= local_day(row, zone) <= LAST]
    assert found.total == plain_totals(rows)
    for period in found.periods:
        within = [r for r in rows if period.first_day <= local_day(r, zone) <= period.last_day]
        assert only_totals(period) == plain_totals(within)
    assert found.periods[0].first_day == FIRST
    assert found.periods[-1].last_day == LAST
    for one, after in zip(found.periods, found.periods[1:], strict=False):
        assert one.last_day + timedelta(days=1) == after.first_day
    stations = {each.charge_point_id: each for each in found.charge_points}
    assert stations.keys() == {"A", "IDLE"} | {row.charge_point_id for row in rows}
    for name, station in stations.items():
        own = plain_totals(row for row in rows if row.charge_point_id == name)
        assert only_totals(station) == own
        assert station.earns_nothing == (not any(each.spent for each in own.tokens.values()))
        assert station.is_registered == (name in ("A", "IDLE"))
    for each in found.connectors:
        place = (each.charge_point_id, each.connector_id)
        assert only_totals(each) == plain_totals(
            row for row in rows if (row.charge_point_id, row.connector_id) == place
        )
    _check_reasons(found, rows)


def _check_reasons(found: Overview, rows: list[Row]) -> None:
    counted = [r for r in rows if "private" not in r.flags and r.outcome != "addendum"]
    failures = {each.failure: each.sessions for each in found.failures}
    assert failures == _counted(row.failure for row in counted)
    stops = {each.stop_reason: each.sessions for each in found.stop_reasons}
    assert stops == _counted(row.stop_reason for row in counted)
    for length in found.lengths:
        end = length.to_minutes or 10**9
        assert length.sessions == sum(
            length.from_minutes <= row.charging_s // 60 < end for row in counted if row.started_ms
        )


def _counted(words: Iterable[str | None]) -> dict[str, int]:
    found: defaultdict[str, int] = defaultdict(int)
    for word in words:
        if word is not None:
            found[word] += 1
    return found


@given(ROWS, st.sampled_from(ZONES))
@settings(max_examples=25, deadline=None)
def test_a_heat_map_tells_each_second_by_the_clocks_of_the_zone(rows: list[Row], zone: str) -> None:
    days = days_in(zone, FIRST, LAST)
    busy = Busy(days)
    busy.add(Columns([bytes_of(rows)]))
    used, energy = [0] * 168, [Fraction(0)] * 168
    for row in rows:
        if row.outcome == "addendum" or not row.started_ms:
            continue
        begin = row.started_ms // 1_000
        at = max(begin, days.begin_s)
        end = min(begin + row.charging_s, days.end_s)
        while at < end:
            until = min(end, at - at % 900 + 900)
            moment = datetime.fromtimestamp(at, ZoneInfo(zone))
            hour = moment.weekday() * 24 + moment.hour
            used[hour] += until - at
            energy[hour] += Fraction(row.energy_wh * (until - at), row.charging_s)
            at = until
    hours = busy.hours([0] * 168)
    assert [hour.used_s for hour in hours] == used
    assert all(abs(h.energy_wh - wh) <= 1 for h, wh in zip(hours, energy, strict=True))


def test_hours_that_are_there_twice_or_not_at_all() -> None:
    autumn = Busy(days_in("Europe/Berlin", date(2026, 10, 25), date(2026, 10, 25)))
    there = autumn.there(2, 2**31)[6 * 24 :]
    assert there == [7_200, 7_200, 14_400, *[7_200] * 21]
    spring = Busy(days_in("Europe/Berlin", date(2026, 3, 29), date(2026, 3, 29)))
    assert spring.there(1, 2**31)[6 * 24 :] == [3_600, 3_600, 0, *[3_600] * 21]
    begin = begin_of(date(2026, 3, 29), ZoneInfo("Europe/Berlin"))
    assert sum(spring.there(1, begin + 1_000)) == 1_000
    assert sum(spring.there(1, begin - 1)) == 0


def test_weeks_are_those_of_iso() -> None:
    days = days_in("UTC", date(2026, 12, 27), date(2027, 1, 4))
    names = [name for name, _, _ in days.periods("week")]
    assert names == ["2026-W52", "2026-W53", "2027-W01"]
    assert [name for name, _, _ in days.periods("year")] == ["2026", "2027"]
    assert [name for name, _, _ in days.periods("month")] == ["2026-12", "2027-01"]


@given(ROWS, st.data())
@settings(max_examples=60, deadline=None)
def test_bytes_are_picked_as_rows_are(rows: list[Row], data: st.DataObject) -> None:
    moments = st.integers(EARLIEST, EARLIEST + SPAN_MS)
    begin = data.draw(st.none() | moments)
    sessions = frozenset(bytes.fromhex(row.session_id[2:18]) for row in rows[::2])
    choice = Choice(
        begin_ms=begin,
        end_ms=data.draw(st.none() | moments.map(lambda end: max(end, (begin or 0) + 1))),
        outcome=data.draw(st.sampled_from((None, "settled", "addendum"))),
        connector_id=data.draw(st.sampled_from((None, 1, 2))),
        failure=data.draw(st.sampled_from((None, "any", "start_timeout"))),
        stop_reason=data.draw(st.sampled_from((None, "operator"))),
        token=data.draw(st.sampled_from((None, OTHER.upper().replace("X", "x")))),
        is_private=data.draw(st.sampled_from((None, True, False))),
        sessions=data.draw(st.sampled_from((None, sessions))),
    )
    blob = bytes_of(rows)
    ends = [row.ended_ms for row in rows]
    held = Held("A", "2026-10", blob, [(min(ends), max(ends))] if ends else [])
    assert Picked(held, choice).blob == bytes_of(row for row in rows if choice.takes(row))


@given(
    ROWS,
    st.integers(1, 3),
    st.sampled_from(("energy", "sessions")),
    st.sampled_from(("all", "turned", "one lacks", "last lacks")),
)
@settings(max_examples=80, deadline=None)
def test_drivers_are_added_up_by_their_marks(
    rows: list[Row], limit: int, order: str, kept: str
) -> None:
    # some begin alike, and one is nobody
    accounts = {row.session_id: bytes([n % 2] * 8 + [n % 4] * 12) for n, row in enumerate(rows)}
    if kept == "last lacks" and rows:
        accounts[rows[-1].session_id] = bytes(20)
    with_marks = {"one lacks": rows[1:], "last lacks": rows[:-1], "turned": rows[::-1]}
    # account 0, that of the first row, is nobody; rows before and behind were not picked
    other = encode_mark(Mark(b"unpicked", b"\7" * 20))
    marks = b"".join(
        encode_mark(Mark(bytes.fromhex(row.session_id[2:18]), accounts[row.session_id]))
        for row in with_marks.get(kept, rows)
    )
    half = len(rows) // 2
    batches = [
        Marked([MarkedRows(bytes_of(some), other + marks + other) for some in parts])
        for parts in ((rows[:1], rows[1:half]), (rows[max(1, half) :],))
    ]
    ranking = Ranking()
    for marked in batches:
        ranking.add(marked)
    first = ranking.first("energy" if order == "energy" else "sessions", limit)
    sums = FirstDrivers(first)
    for marked in batches:
        sums.add(marked)
    found = ranking.consumers(first, sums)
    drivers: defaultdict[bytes, list[Row]] = defaultdict(list)
    for number, row in enumerate(rows):
        drivers[accounts[row.session_id] if number else bytes(20)].append(row)
    unknown = plain_totals(drivers.pop(bytes(20), []))
    assert (found.unknown.sessions, found.unknown.energy_wh) == (
        unknown.sessions,
        unknown.energy_wh,
    )
    for account, item in zip(first, found.items, strict=True):
        assert only_totals(item) == plain_totals(drivers[account])
        assert item.consumer_did in {did_of(row.chain_id, account) for row in drivers[account]}
    behind = [plain_totals(own) for account, own in drivers.items() if account not in first]
    assert found.others.sessions == sum(each.sessions for each in behind)
    assert found.others.energy_wh == sum(each.energy_wh for each in behind)
    worth = [item.energy_wh if order == "energy" else item.sessions for item in found.items]
    assert worth == sorted(worth, reverse=True)


def test_sums_of_many_large_numbers_have_every_digit() -> None:
    large = BASE._replace(
        energy_wh=2**64 - 1,
        unbilled_wh=2**32 - 1,
        charging_s=2**32 - 1,
        gas_used=2**64 - 1,
        connector_id=2**16 - 1,
        chain_id=2**63 + 1,
        deposit=LARGEST_AMOUNT,
        spent=LARGEST_AMOUNT - 1,
        gas_fee=2**96,
    )
    small = large._replace(connector_id=1, deposit=1)
    count = 70_000
    cells: Cells = {}
    for _ in range(2):
        add_rows(cells, Columns([encode_row(large) * count, encode_row(small)]))
    assert {key[1] for key in cells} == {1, 2**16 - 1}
    found = totals(cells)
    every = 2 * count + 2
    assert found.sessions == every
    assert found.energy_wh == every * large.energy_wh
    assert found.unbilled_wh == every * large.unbilled_wh
    assert found.charging_s == every * large.charging_s
    assert found.gas_used == every * large.gas_used
    (token,) = found.tokens.values()
    assert token.deposit == 2 * count * LARGEST_AMOUNT + 2
    assert token.spent == every * (LARGEST_AMOUNT - 1)
    assert found.gas_fees == {str(2**63 + 1): every * 2**96}


def test_there_may_be_many_tokens() -> None:
    rows = [
        BASE._replace(token=f"0x{number % 50:040x}", spent=number, chain_id=1 + number % 2)
        for number in range(200)
    ]
    cells: Cells = {}
    add_rows(cells, Columns([bytes_of(rows)]))
    assert totals(cells) == plain_totals(rows)


def test_a_row_that_ends_at_midnight_is_of_the_new_day() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    midnight = begin_of(date(2026, 10, 26), berlin) * 1_000
    assert from_ms(midnight).astimezone(berlin).hour == 0
    rows = [BASE._replace(charge_point_id="A", ended_ms=midnight + more) for more in (-1, 0)]
    found = {each.period: each.sessions for each in overview(rows, "Europe/Berlin", "day").periods}
    assert (found["2026-10-25"], found["2026-10-26"]) == (1, 1)
