"""How busy connectors were in each hour of a week, out of rows. Pure.

A session adds to each quarter of an hour the seconds of it that it took, and its energy, spread
evenly. That is added up from where sessions begin and where they end: what a beginning adds to all
quarters from its own on, but for what was before it in that one, an end takes away again. Sums run
over 2^64 on their way, and come back.
"""

from collections.abc import Iterable, Sequence

from sdk.records.arrays import Array, np
from sdk.records.columns import Columns, are_sessions
from sdk.records.days import QUARTER_S, Days
from sdk.records.overview import Hour

HOURS_OF_WEEK = 168
_SCALE = 20
"""Energy is counted in parts of 2^20 to a Wh, so that what is rounded is far below one."""
_MOST_WH = 1 << 36
"""More of one session is not counted."""


class _Edges:
    """Beginnings or ends of sessions, by their quarters."""

    def __init__(self, quarters: int) -> None:
        self._count, self._within, self._each, self._each_within = (
            np.zeros(quarters, np.uint64) for _ in range(4)
        )

    def add(self, seconds: Array, each: Array) -> None:
        """Add moments, and the energy of a second of each one's session."""
        quarters, within = np.divmod(seconds, QUARTER_S)
        size = len(self._count)
        self._count += np.bincount(quarters, minlength=size).astype(np.uint64)
        self._within += np.bincount(quarters, within, size).astype(np.uint64)
        np.add.at(self._each, quarters, each)
        np.add.at(self._each_within, quarters, each * within.astype(np.uint64))

    def seconds(self) -> tuple[Array, Array]:
        """Give what they add to all quarters from theirs on, and what is not so of that one."""
        return self._count, self._within

    def energy(self) -> tuple[Array, Array]:
        """Give the same of energy."""
        return self._each, self._each_within


class Busy:
    """Adds up rows of any charge points over some days."""

    def __init__(self, days: Days) -> None:
        """Begin with nothing."""
        self._begin_s = days.begin_s
        self._span_s = days.end_s - days.begin_s
        self._hours = np.array(days.hours_of_quarters())
        quarters = len(self._hours) + 1
        self._begun, self._ended = _Edges(quarters), _Edges(quarters)

    def add(self, columns: Columns) -> None:
        """Add rows; the part of a session that is outside of the days is left out."""
        rows = columns.rows
        charging = rows["charging_s"].astype(np.int64)
        begin = rows["started_ms"] // 1_000 - self._begin_s
        end = np.minimum(begin + charging, self._span_s)
        took_place = are_sessions(rows) & (rows["started_ms"] != 0)
        begin = np.maximum(begin, 0)
        which = np.flatnonzero(took_place & (begin < end))
        energy = np.minimum(rows["energy_wh"][which], _MOST_WH) << np.uint64(_SCALE)
        each = energy // charging[which].astype(np.uint64)
        self._begun.add(begin[which], each)
        self._ended.add(end[which], each)

    def hours(self, available: Iterable[int]) -> list[Hour]:
        """Give the hours of a week; `available` are their connector-seconds, as `there` gives."""
        used = self._of_week(self._begun.seconds(), self._ended.seconds())
        energy = self._of_week(self._begun.energy(), self._ended.energy())
        return [
            Hour(seconds, there, wh + (1 << _SCALE - 1) >> _SCALE)
            for seconds, there, wh in zip(used, available, energy, strict=True)
        ]

    def there(self, connectors: int, until_s: int) -> list[int]:
        """Tell how long so many connectors were there in each hour of a week, up to a moment."""
        begins = np.arange(len(self._hours)) * QUARTER_S
        seconds = np.clip(until_s - self._begin_s - begins, 0, QUARTER_S)
        found = np.bincount(self._hours, seconds, HOURS_OF_WEEK)
        return [int(each) * connectors for each in found]

    def _of_week(self, begun: tuple[Array, Array], ended: tuple[Array, Array]) -> Sequence[int]:
        running = np.cumsum(begun[0] - ended[0])
        values = running * np.uint64(QUARTER_S) - begun[1] + ended[1]
        found = np.zeros(HOURS_OF_WEEK, np.uint64)
        np.add.at(found, self._hours, values[: len(self._hours)])
        return found.tolist()
