"""Adds up the sessions of some days by all that a report tells of them (`sdk.records.overview`).

Pure: it is fed with the bytes of rows, which are of these days and wanted.
"""

from collections.abc import Mapping, Sequence

from sdk.records.adding import add_by_day
from sdk.records.arrays import Array, np
from sdk.records.busy import Busy
from sdk.records.columns import Columns, are_paid, are_sessions
from sdk.records.days import QUARTER_MS, Days, Period
from sdk.records.overview import LENGTHS, Counted, Hour, Overview, Station, overview_of
from sdk.records.sums import Cells

_CODES = 256
_BOUNDS = [60 * minutes for minutes in LENGTHS]


class Sessions:
    """Adds up the rows of some days."""

    def __init__(self, days: Days) -> None:
        """Begin with nothing."""
        self._days = days
        self._day_of_quarter = np.array(days.number_of_quarters())
        self._cells: Cells = {}
        self._lengths = np.zeros(len(LENGTHS), np.int64)
        self._failures = np.zeros(_CODES, np.int64)
        self._stops = np.zeros(_CODES, np.int64)
        self._busy = Busy(days)

    def add(self, parts: Sequence[tuple[str, bytes | memoryview]]) -> None:
        """Add rows, each of which ended within the days, of charge points by their ids."""
        columns = add_by_day(self._cells, parts, self._days_of)
        self._count(columns)
        self._busy.add(columns)

    def overview(
        self, zone: str, by: Period, stations: Mapping[str, Station], now_s: int
    ) -> Overview:
        """Tell what the rows come to; `stations` are those that might have had some."""
        counted = Counted(
            self._cells, self._failures.tolist(), self._stops.tolist(), self._lengths.tolist()
        )

        def hours(connectors: int) -> list[Hour]:
            return self._busy.hours(self._busy.there(connectors, now_s))

        return overview_of(self._days, zone, by, counted, stations, hours)

    def _days_of(self, ended_ms: Array) -> Array:
        days: Array = self._day_of_quarter[(ended_ms - self._days.begin_s * 1_000) // QUARTER_MS]
        return days

    def _count(self, columns: Columns) -> None:
        """Count reasons and lengths of sessions that were no test without money."""
        rows = columns.rows
        counted = are_sessions(rows) & are_paid(rows)
        self._failures += _numbers(rows["failure"][counted])
        self._stops += _numbers(rows["stop_reason"][counted])
        lengths = rows["charging_s"][counted & (rows["started_ms"] != 0)]
        classes = np.searchsorted(_BOUNDS, lengths, "right") - 1
        self._lengths += np.bincount(classes, minlength=len(LENGTHS))


def _numbers(codes: Array) -> Array:
    return np.bincount(codes, minlength=_CODES)
