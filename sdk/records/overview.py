"""What sessions of some days come to: by period, charge point, connector, reason, hour of the week.

Pure: it is fed with the bytes of rows, which are of these days and wanted.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import compress, pairwise
from operator import and_
from typing import Any, NamedTuple

from pydantic import Field

from sdk.fields import Frozen, Moment
from sdk.records.busy import Busy
from sdk.records.days import QUARTER_MS, Days, Period
from sdk.records.moments import from_ms
from sdk.records.row import charging_of, ended_of, paid_sessions_of, reasons_of, started_of
from sdk.records.sums import Cells, add_rows, grouped
from sdk.records.tables import (
    FAILURES,
    OUTCOMES,
    PRIVATE_BIT,
    STOP_REASONS,
    code_of,
    word_of,
)
from sdk.records.totals import Totals, totals

LENGTHS = (0, 5, 15, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 1_440)
"""Minutes at which the classes of sessions' lengths begin; the last one has no end."""
_ADDENDUM = code_of(OUTCOMES, "addendum")
_HOURS = 24


class PeriodTotals(Totals):
    """A day (2026-11-01), week (2026-W45), month or year; days as far as they were asked for."""

    period: str
    first_day: date
    last_day: date


class StationTotals(Totals):
    """One charge point; `earns_nothing`: no token was spent there."""

    charge_point_id: str
    name: str | None
    is_registered: bool
    earns_nothing: bool


class ConnectorTotals(Totals):
    """One connector."""

    charge_point_id: str
    connector_id: int


class FailureCount(Frozen):
    """How many sessions failed so."""

    failure: str
    sessions: int


class StopCount(Frozen):
    """How many sessions were stopped so."""

    stop_reason: str
    sessions: int


class LengthCount(Frozen):
    """How many sessions lasted so long, from start to stop; None: or longer."""

    from_minutes: int
    to_minutes: int | None
    sessions: int


class HourOfWeek(Frozen):
    """An hour by the clocks of the zone; weekday 1 is Monday. Utilisation: used by available."""

    weekday: int
    hour: int
    used_s: int = Field(description="Connector-seconds in use.")
    available_s: int = Field(description="Connector-seconds of all connectors.")
    energy_wh: int


class Overview(Frozen):
    """All sums of some days; `end` is the moment behind the last one."""

    zone: str
    first_day: date
    last_day: date
    begin: Moment
    end: Moment
    by: Period
    total: Totals
    periods: tuple[PeriodTotals, ...]
    charge_points: tuple[StationTotals, ...]
    connectors: tuple[ConnectorTotals, ...]
    failures: tuple[FailureCount, ...]
    stop_reasons: tuple[StopCount, ...]
    lengths: tuple[LengthCount, ...]
    heat: tuple[HourOfWeek, ...]


class Station(NamedTuple):
    """A charge point that is registered now."""

    name: str
    connectors: int


class Sessions:
    """Adds up the rows of some days."""

    def __init__(self, days: Days) -> None:
        """Begin with nothing."""
        self._days = days
        self._day_of_quarter = days.number_of_quarters()
        self._stations: dict[str, Cells] = {}
        self._lengths: Counter[int] = Counter()
        self._reasons: Counter[tuple[int, int, int, int]] = Counter()
        self._busy = Busy(days)

    def add(self, charge_point_id: str, blob: bytes) -> None:
        """Add rows of a charge point, each of which ended within the days."""
        days, begin_ms = self._day_of_quarter, self._days.begin_s * 1_000
        numbers = [days[(ended_ms - begin_ms) // QUARTER_MS] for ended_ms in ended_of(blob)]
        add_rows(self._stations.setdefault(charge_point_id, {}), blob, numbers)
        self._reasons.update(reasons_of(blob))
        self._lengths.update(_counted(blob))
        self._busy.add(blob)

    def overview(
        self, zone: str, by: Period, stations: Mapping[str, Station], now_s: int
    ) -> Overview:
        """Tell what the rows come to; `stations` are those that might have had some."""
        days, cells = self._days, self._cells()
        return Overview(
            zone=zone,
            first_day=days.first,
            last_day=days.last,
            begin=from_ms(days.begin_s * 1_000),
            end=from_ms(days.end_s * 1_000),
            by=by,
            total=totals(cells),
            periods=tuple(_periods(cells, days, by)),
            charge_points=tuple(_stations(cells, stations)),
            connectors=tuple(_connectors(cells)),
            failures=tuple(
                FailureCount(failure=word, sessions=count) for word, count in self._failures()
            ),
            stop_reasons=tuple(
                StopCount(stop_reason=word, sessions=count) for word, count in self._stops()
            ),
            lengths=tuple(_lengths(self._lengths)),
            heat=tuple(self._heat(cells, stations, now_s)),
        )

    def _cells(self) -> Cells:
        """Give all sums; their labels are a charge point and the number of a day."""
        return {
            ((name, key[0]), *key[1:]): sums
            for name, cells in self._stations.items()
            for key, sums in cells.items()
        }

    def _failures(self) -> Iterable[tuple[str, int]]:
        return _most_first(FAILURES, ((row[2], row, n) for row, n in self._reasons.items()))

    def _stops(self) -> Iterable[tuple[str, int]]:
        return _most_first(STOP_REASONS, ((row[1], row, n) for row, n in self._reasons.items()))

    def _heat(
        self, cells: Cells, stations: Mapping[str, Station], now_s: int
    ) -> Iterable[HourOfWeek]:
        had: Counter[str] = Counter()
        for name, _ in {(label[0], connector_id) for (label, connector_id, *_) in cells}:
            had[name] += 1
        known = {name: station.connectors for name, station in stations.items()}
        connectors = sum((had | Counter(known)).values())
        there = self._busy.there(connectors, now_s)
        for number, hour in enumerate(self._busy.hours(there)):
            weekday, of_day = divmod(number, _HOURS)
            yield HourOfWeek(weekday=weekday + 1, hour=of_day, **hour._asdict())


def _counted(blob: bytes) -> Iterable[int]:
    """Give the lengths of sessions that began and were no test without money."""
    paid, started, lengths = paid_sessions_of(blob), started_of(blob), charging_of(blob)
    if 0 not in paid and 0 not in started:
        return lengths
    return compress(lengths, map(and_, paid, map(bool, started)))


def _periods(cells: Cells, days: Days, by: Period) -> Iterable[PeriodTotals]:
    periods = days.periods(by)
    place = {
        number: at
        for at, (_, first, last) in enumerate(periods)
        for number in range(first, last + 1)
    }
    parts = grouped(cells, lambda kind: place[kind.label[1]])
    for at, (name, first, last) in enumerate(periods):
        yield PeriodTotals(
            period=name,
            first_day=days.dates[first],
            last_day=days.dates[last],
            **_fields(parts.get(at, {})),
        )


def _stations(cells: Cells, stations: Mapping[str, Station]) -> Iterable[StationTotals]:
    parts = grouped(cells, lambda kind: kind.label[0])
    for charge_point_id in sorted(parts.keys() | stations.keys()):
        station = stations.get(charge_point_id)
        found = _fields(parts.get(charge_point_id, {}))
        yield StationTotals(
            charge_point_id=charge_point_id,
            name=(station.name or None) if station else None,
            is_registered=station is not None,
            earns_nothing=not any(token.spent for token in found["tokens"].values()),
            **found,
        )


def _connectors(cells: Cells) -> Iterable[ConnectorTotals]:
    parts = grouped(cells, lambda kind: (kind.label[0], kind.connector_id))
    for charge_point_id, connector_id in sorted(parts):
        yield ConnectorTotals(
            charge_point_id=charge_point_id,
            connector_id=connector_id,
            **_fields(parts[charge_point_id, connector_id]),
        )


def _fields(cells: Cells) -> dict[str, Any]:
    return dict(totals(cells))


def _most_first(
    table: Sequence[str], rows: Iterable[tuple[int, tuple[int, int, int, int], int]]
) -> Iterable[tuple[str, int]]:
    found: Counter[str] = Counter()
    for code, (outcome, _, _, bits), count in rows:
        word = word_of(tuple(table), code)
        if word is not None and outcome != _ADDENDUM and not bits & PRIVATE_BIT:
            found[word] += count
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))


def _lengths(seconds: Mapping[int, int]) -> Iterable[LengthCount]:
    found = [0] * len(LENGTHS)
    for each, count in seconds.items():
        found[bisect_right(LENGTHS, each // 60) - 1] += count
    for (begin, end), count in zip(pairwise((*LENGTHS, None)), found, strict=True):
        yield LengthCount(from_minutes=begin or 0, to_minutes=end, sessions=count)
