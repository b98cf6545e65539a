"""Days of a time zone, and what they make: weeks, months and years. Pure.

Everything within a day goes by quarters of an hour: each offset since 1972 is a multiple of them,
so that no quarter belongs to two hours of a clock, nor to two days.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cached_property
from typing import Literal

from sdk.errors import InvalidInputError
from sdk.tariff.windows import zone as zone_named

QUARTER_S = 900
QUARTER_MS = QUARTER_S * 1_000
MOST_DAYS = 3_660
FIRST, LAST = date(2000, 1, 1), date(2199, 12, 31)
Period = Literal["day", "week", "month", "year"]
_DAY = timedelta(days=1)
_PLAIN_DAY_S = 86_400
_HOURS = 24


@dataclass(frozen=True)
class Days:
    """The days from `first` to `last`, both included, as clocks in `zone` tell them."""

    first: date
    last: date
    zone: tzinfo = UTC

    def __post_init__(self) -> None:
        """Refuse what can't be, and what is too much. Raises InvalidInputError."""
        if not FIRST <= self.first <= self.last <= LAST:
            raise InvalidInputError(f"the days are from {FIRST} to {LAST}, the first one first")
        if (self.last - self.first).days >= MOST_DAYS:
            raise InvalidInputError(f"they are more than {MOST_DAYS} days")

    @cached_property
    def dates(self) -> Sequence[date]:
        """Give each day."""
        return [self.first + n * _DAY for n in range((self.last - self.first).days + 1)]

    @cached_property
    def begins(self) -> Sequence[int]:
        """Tell when each day begins, and at the end when the last one is over: s since 1970."""
        return [begin_of(day, self.zone) for day in (*self.dates, self.last + _DAY)]

    @property
    def begin_s(self) -> int:
        """Tell when the first day begins."""
        return self.begins[0]

    @property
    def end_s(self) -> int:
        """Tell when the last day is over."""
        return self.begins[-1]

    def number_of_quarters(self) -> list[int]:
        """Tell for each quarter of an hour the place of its day in `dates`."""
        return [
            number
            for number, (begin, end) in enumerate(self._spans())
            for _ in range(begin, end, QUARTER_S)
        ]

    def hours_of_quarters(self) -> list[int]:
        """Tell for each quarter its hour of the week: 0 is Monday from 0:00, 167 Sunday's last."""
        hours: list[int] = []
        for day, (begin, end) in zip(self.dates, self._spans(), strict=True):
            first = day.weekday() * _HOURS
            if end - begin == _PLAIN_DAY_S:
                hours += [first + n // 4 for n in range(_HOURS * 4)]
            else:
                hours += [
                    first + datetime.fromtimestamp(at, self.zone).hour
                    for at in range(begin, end, QUARTER_S)
                ]
        return hours

    def periods(self, by: Period) -> list[tuple[str, int, int]]:
        """Give each period's name, and the places of its first and last day in `dates`."""
        found: list[tuple[str, int, int]] = []
        for number, day in enumerate(self.dates):
            name = period_of(day, by)
            if found and found[-1][0] == name:
                found[-1] = (name, found[-1][1], number)
            else:
                found.append((name, number, number))
        return found

    def _spans(self) -> Iterator[tuple[int, int]]:
        return zip(self.begins[:-1], self.begins[1:], strict=True)


def days_in(zone: str, first: date, last: date) -> Days:
    """Give the days of a zone by its IANA name. Raises InvalidInputError."""
    return Days(first, last, zone_of(zone))


def zone_of(name: str) -> tzinfo:
    """Give a zone by its IANA name. Raises InvalidInputError."""
    try:
        return zone_named(name)
    except ValueError:
        # its text would repeat what was sent
        raise InvalidInputError("the zone is none of the IANA database") from None


def begin_of(day: date, zone: tzinfo) -> int:
    """Tell when a day begins: s since 1970; behind the gap where clocks skip midnight."""
    return int(datetime.combine(day, time(), zone).timestamp())


def period_of(day: date, by: Period) -> str:
    """Name the period of a day: 2026-11-01, 2026-W45 (ISO 8601), 2026-11 or 2026."""
    match by:
        case "day":
            return day.isoformat()
        case "week":
            year, week, _ = day.isocalendar()
            return f"{year}-W{week:02}"
        case "month":
            return day.isoformat()[:7]
        case "year":
            return str(day.year)
