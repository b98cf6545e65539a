"""How busy connectors were in each hour of a week, out of rows. Pure.

A session adds to each quarter of an hour the seconds of it that it took, and its energy, spread
evenly. That is added up from where sessions begin and where they end: what a beginning adds to all
quarters from its own on, but for what was before it in that one, an end takes away again.
"""

from collections.abc import Iterable
from itertools import accumulate
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
        self._steps = [0] * (len(self._hours) + 1)
        self._before = [0] * (len(self._hours) + 1)

    def add(self, blob: bytes) -> None:
        """Add rows; the part of a session that is outside of the days is left out."""
        begin_s, span_s, steps, before = self._begin_s, self._span_s, self._steps, self._before
        for outcome, started_ms, charging, energy in zip(
            outcomes_of(blob), started_of(blob), charging_of(blob), energy_of(blob), strict=True
        ):
            if not started_ms or not charging or outcome == _ADDENDUM:
                continue
            begin = started_ms // 1_000 - begin_s
            end = begin + charging
            if begin < 0 or end > span_s:
                begin, end = max(begin, 0), min(end, span_s)
                if begin >= end:
                    continue
            each = (energy << _SCALE) // charging << _SECONDS | 1
            quarter = begin // QUARTER_S
            steps[quarter] += each
            before[quarter] += (begin - quarter * QUARTER_S) * each
            quarter = end // QUARTER_S
            steps[quarter] -= each
            before[quarter] -= (end - quarter * QUARTER_S) * each

    def hours(self, available: Iterable[int]) -> list[Hour]:
        """Give the hours of a week; `available` are their connector-seconds, as `there` gives."""
        used, energy = [0] * HOURS_OF_WEEK, [0] * HOURS_OF_WEEK
        running = accumulate(self._steps)
        for hour, each, before in zip(self._hours, running, self._before, strict=False):
            value = QUARTER_S * each - before
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
