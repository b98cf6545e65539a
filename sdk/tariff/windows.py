"""Windows of the day, and which of them holds when, by the clock of a time zone."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, MutableSequence, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, StringConstraints

from sdk.tariff.values import Price, Sparse

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = get_args(Day)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
_SECOND = 1000
_MINUTE = 60 * _SECOND
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_THURSDAY = 3
_EVER = 2**62
_ZONE_NAME = re.compile(r"[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}")

_Days = Annotated[
    tuple[Day, ...],
    Field(min_length=1, max_length=7),
    AfterValidator(lambda days: tuple(day for day in DAYS if day in days)),
]
_Start = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
_End = Annotated[str, StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]

Rule = tuple[tuple[Day, ...], int, int]
"""A window's days, and the minutes of the day when it begins and ends."""
Piece = tuple[int, int, int]
"""From, to (milliseconds since 1970, the end not included) and the slot that holds there."""


class Window(Sparse):
    """A part of the day with prices of its own; where they are None, the tariff's hold.

    `start` and `end` are local times; `end` is not included and may be "24:00". One that ends at or
    before its start goes on into the next day; `days` are those on which it begins.
    """

    days: _Days = DAYS
    start: _Start
    end: _End
    per_kwh: Price | None = None
    per_minute: Price | None = None

    @property
    def rule(self) -> Rule:
        """When this holds."""
        return self.days, _minutes(self.start), _minutes(self.end)


class Timeline:
    """Which slot holds when: 0 none of the windows, i the i-th. Moments are ms since 1970."""

    def __init__(self, windows: Sequence[Window], timezone: str) -> None:
        self._rules = tuple(window.rule for window in windows)
        self._timezone = timezone
        self._last: Piece = (0, 0, 0) if windows else (-_EVER, _EVER, 0)

    def piece(self, at: int) -> Piece:
        """Give the stretch around `at` in which one slot holds; of one day at most."""
        start, end, _ = self._last
        if not start <= at < end:
            ends, slots = _day(self._rules, self._timezone, at // _DAY)
            index = bisect_right(ends, at)
            start = ends[index - 1] if index else at // _DAY * _DAY
            self._last = (start, ends[index], slots[index])
        return self._last

    def pieces(self, start: int, end: int) -> Iterator[Piece]:
        """Cut the time from `start` to `end` where another slot begins."""
        while start < end:
            _, until, slot = self.piece(start)
            yield start, min(until, end), slot
            start = until

    def spread(
        self, energy: MutableSequence[Fraction | int], start: int, end: int, wh: int
    ) -> None:
        """Add `wh`, flown evenly from `start` to `end`, to the slots; at once if there is no time.

        `energy` holds exact watt-hours per slot.
        """
        _, until, slot = self.piece(start)
        if end <= until:
            energy[slot] += wh
            return
        for since, to, each in self.pieces(start, end):
            energy[each] += Fraction(wh * (to - since), end - start)


def zone(name: str) -> tzinfo:
    """Give the IANA time zone of that name. Raises ValueError where this machine knows none."""
    if name == "UTC":
        return UTC
    if _ZONE_NAME.fullmatch(name) is None:
        raise ValueError(f"{name!r} is no time zone")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone") from error


def milliseconds(moment: datetime) -> int:
    """Give a moment as whole milliseconds since 1970, rounded down."""
    return (moment - EPOCH) // MILLISECOND


def moment_of(at: int) -> datetime:
    """Give the moment at milliseconds since 1970."""
    return EPOCH + at * MILLISECOND


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


@lru_cache(maxsize=4096)
def _day(rules: tuple[Rule, ...], timezone: str, day: int) -> tuple[tuple[int, ...], ...]:
    """Cut a day of UTC, counted since 1970, into stretches: where each ends, and its slot."""
    ends: list[int] = []
    slots: list[int] = []
    edges = sorted({0, *(edge for _, start, end in rules for edge in (start, end % 1440))})
    for start, end, offset in _steady(zone(timezone), day * _DAY):
        cuts = [start, *_cuts(edges, start + offset, end + offset, offset), end]
        for since, to in pairwise(cuts):
            slot = _slot(rules, since + offset)
            if slots and slots[-1] == slot:
                ends[-1] = to
            else:
                ends.append(to)
                slots.append(slot)
    return tuple(ends), tuple(slots)


def _steady(timezone: tzinfo, start: int) -> Iterator[Piece]:
    """Cut a day of UTC where the clocks are put on or back; with their offset in milliseconds."""
    end, offset = start + _DAY, _offset(timezone, start)
    for hour in range(start, end, _HOUR):
        if _offset(timezone, hour + _HOUR) == offset:
            continue
        seconds = range(hour, hour + _HOUR, _SECOND)
        change = hour + _SECOND * bisect_left(
            seconds,
            x=True,
            key=lambda at: _offset(timezone, at) != offset,
        )
        if start < change < end:
            yield start, change, offset
            start = change
        offset = _offset(timezone, hour + _HOUR)
    yield start, end, _offset(timezone, start)


def _offset(timezone: tzinfo, at: int) -> int:
    return (moment_of(at).astimezone(timezone).utcoffset() or timedelta()) // MILLISECOND


def _cuts(edges: Sequence[int], start: int, end: int, offset: int) -> Iterator[int]:
    """Give the moments of UTC at which a local clock from `start` to `end` shows an edge."""
    for midnight in range(start // _DAY * _DAY, end, _DAY):
        for edge in edges:
            at = midnight + edge * _MINUTE
            if start < at < end:
                yield at - offset


def _slot(rules: Sequence[Rule], local: int) -> int:
    day, rest = divmod(local, _DAY)
    today, yesterday = DAYS[(day + _THURSDAY) % 7], DAYS[(day + _THURSDAY - 1) % 7]
    minute = rest // _MINUTE
    for slot, (days, start, end) in enumerate(rules, 1):
        if start < end:
            holds = today in days and start <= minute < end
        else:
            holds = (today in days and minute >= start) or (yesterday in days and minute < end)
        if holds:
            return slot
    return 0
