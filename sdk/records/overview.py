"""What sessions of some days come to: by period, charge point, connector, reason, hour of the week.

Pure; `sdk.records.sessions` adds them up.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple

from pydantic import Field

from sdk.fields import Frozen, Moment
from sdk.records.days import Days, Period
from sdk.records.moments import from_ms
from sdk.records.sums import Cells, grouped
from sdk.records.tables import FAILURES, STOP_REASONS, word_of
from sdk.records.totals import Totals, totals

LENGTHS = (0, 5, 15, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 1_440)
"""Minutes at which the classes of sessions' lengths begin; the last one has no end."""
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


class Hour(NamedTuple):
    """An hour of the week, over all weeks: connector-seconds in use and there, and Wh."""

    used_s: int
    available_s: int
    energy_wh: int


class Counted(NamedTuple):
    """What was counted of rows.

    The labels of `cells` are a charge point's id and the number of a day. Sessions by the codes of
    failures and stop reasons, and by classes of lengths; tests without money are left out.
    """

    cells: Cells
    failures: Sequence[int]
    stops: Sequence[int]
    lengths: Sequence[int]


def overview_of(
    days: Days,
    zone: str,
    by: Period,
    counted: Counted,
    stations: Mapping[str, Station],
    hours: Callable[[int], Sequence[Hour]],
) -> Overview:
    """Tell what was counted; `hours` gives the week's, of so many connectors."""
    cells = counted.cells
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
            FailureCount(failure=word, sessions=count)
            for word, count in _most_first(FAILURES, counted.failures)
        ),
        stop_reasons=tuple(
            StopCount(stop_reason=word, sessions=count)
            for word, count in _most_first(STOP_REASONS, counted.stops)
        ),
        lengths=tuple(_lengths(counted.lengths)),
        heat=tuple(_heat(hours(_connector_count(cells, stations)))),
    )


def _connector_count(cells: Cells, stations: Mapping[str, Station]) -> int:
    """Tell how many connectors there are, or were."""
    had: Counter[str] = Counter()
    for name, _ in {(label[0], connector_id) for (label, connector_id, *_) in cells}:
        had[name] += 1
    known = {name: station.connectors for name, station in stations.items()}
    return sum((had | Counter(known)).values())


def _heat(hours: Sequence[Hour]) -> Iterable[HourOfWeek]:
    for number, hour in enumerate(hours):
        weekday, of_day = divmod(number, _HOURS)
        yield HourOfWeek(
            weekday=weekday + 1,
            hour=of_day,
            used_s=hour.used_s,
            available_s=hour.available_s,
            energy_wh=hour.energy_wh,
        )


def _periods(cells: Cells, days: Days, by: Period) -> Iterable[PeriodTotals]:
    periods = days.periods(by)
    place = {
        number: at
        for at, (_, first, last) in enumerate(periods)
        for number in range(first, last + 1)
    }
    parts = grouped(cells, lambda key: place[key[0][1]])
    for at, (name, first, last) in enumerate(periods):
        yield PeriodTotals(
            period=name,
            first_day=days.dates[first],
            last_day=days.dates[last],
            **_fields(parts.get(at, {})),
        )


def _stations(cells: Cells, stations: Mapping[str, Station]) -> Iterable[StationTotals]:
    parts = grouped(cells, lambda key: key[0][0])
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
    parts = grouped(cells, lambda key: (key[0][0], key[1]))
    for charge_point_id, connector_id in sorted(parts):
        yield ConnectorTotals(
            charge_point_id=charge_point_id,
            connector_id=connector_id,
            **_fields(parts[charge_point_id, connector_id]),
        )


def _fields(cells: Cells) -> dict[str, Any]:
    return dict(totals(cells))


def _most_first(table: Sequence[str], counts: Sequence[int]) -> Iterable[tuple[str, int]]:
    found: Counter[str] = Counter()
    for code, count in enumerate(counts):
        word = word_of(tuple(table), code)
        if word is not None and count:
            found[word] += count
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))


def _lengths(counts: Sequence[int]) -> Iterable[LengthCount]:
    for (begin, end), count in zip(pairwise((*LENGTHS, None)), counts, strict=True):
        yield LengthCount(from_minutes=begin or 0, to_minutes=end, sessions=count)
