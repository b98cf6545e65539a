"""How busy connectors were in each hour of a week, out of rows. Pure.

A session adds to each quarter of an hour the seconds of it that it took, and its energy, spread
evenly. That is added up from where sessions begin and where they end: what a beginning adds to all
quarters from its own on, but for what was before it in that one, an end takes away again.
"""

from collections.abc import Iterable
from itertools import compress
from typing import NamedTuple

from sdk.records.days import QUARTER_S, Days
from sdk.records.row import charging_of, energy_of, outcomes_of, started_of
from sdk.records.tables import OUTCOMES, code_of

HOURS_OF_WEEK = 168
_ADDENDUM = code_of(OUTCOMES, "addendum")
_SCALE = 20
"""Energy is counted in parts of 2^20 to a Wh, so that what is rounded is far below one."""
_SECONDS = 48
_SECONDS_MASK = (1 << _SECONDS) - 1
_EACH = 192
_EACH_MASK = (1 << _EACH) - 1
_WITHIN = [second << _EACH | 1 for second in range(QUARTER_S)]
"""What a beginning or end adds, by its second within a quarter: itself, and what was before it."""


class Hour(NamedTuple):
    """An hour of the week, over all weeks: connector-seconds in use and there, and Wh."""

    used_s: int
    available_s: int
    energy_wh: int


class Busy:
    """Adds up rows of any charge points over some days."""

    def __init__(self, days: Days) -> None:
        """Begin with nothing."""
        self._begin_s = days.begin_s
        self._span_s = days.end_s - days.begin_s
        self._hours = days.hours_of_quarters()
        self._begun = [0] * (len(self._hours) + 1)
        self._ended = [0] * (len(self._hours) + 1)

    def add(self, blob: bytes) -> None:
        """Add rows; the part of a session that is outside of the days is left out."""
        begin_s, span_s, begun, ended = self._begin_s, self._span_s, self._begun, self._ended
        within, each_quarter = _WITHIN, QUARTER_S
        for started_ms, charging, energy in _charged(blob):
            begin = started_ms // 1_000 - begin_s
            end = begin + charging
            if begin < 0 or end > span_s:
                begin, end = max(begin, 0), min(end, span_s)
                if begin >= end:
                    continue
            each = (energy << _SCALE) // charging << _SECONDS | 1
            begun[begin // each_quarter] += each * within[begin % each_quarter]
            ended[end // each_quarter] += each * within[end % each_quarter]

    def hours(self, available: Iterable[int]) -> list[Hour]:
        """Give the hours of a week; `available` are their connector-seconds, as `there` gives."""
        used, energy = [0] * HOURS_OF_WEEK, [0] * HOURS_OF_WEEK
        running = 0
        for hour, begun, ended in zip(self._hours, self._begun, self._ended, strict=False):
            running += (begun & _EACH_MASK) - (ended & _EACH_MASK)
            value = QUARTER_S * running - (begun >> _EACH) + (ended >> _EACH)
            used[hour] += value & _SECONDS_MASK
            energy[hour] += value >> _SECONDS
        return [
            Hour(seconds, there, wh + (1 << _SCALE - 1) >> _SCALE)
            for seconds, there, wh in zip(used, available, energy, strict=True)
        ]

    def there(self, connectors: int, until_s: int) -> list[int]:
        """Tell how long so many connectors were there in each hour of a week, up to a moment."""
        found = [0] * HOURS_OF_WEEK
        until = until_s - self._begin_s
        for number, hour in enumerate(self._hours):
            found[hour] += min(QUARTER_S, max(0, until - number * QUARTER_S)) * connectors
        return found


def _charged(blob: bytes) -> Iterable[tuple[int, int, int]]:
    """Give start, length and energy of sessions that charged."""
    outcomes, started, charging = outcomes_of(blob), started_of(blob), charging_of(blob)
    rows = zip(started, charging, energy_of(blob), strict=True)
    if _ADDENDUM not in outcomes and 0 not in started and 0 not in charging:
        return rows
    return compress(
        rows,
        (
            outcome != _ADDENDUM and began and lasted
            for outcome, began, lasted in zip(outcomes, started, charging, strict=True)
        ),
    )
