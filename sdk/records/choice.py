"""Which rows are wanted: a span of time, charge points, one outcome."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sdk.bus.interface import Bus
from sdk.errors import InvalidInputError
from sdk.records.moments import from_ms, month_of, to_ms
from sdk.records.reading import months, rows
from sdk.records.row import Row
from sdk.records.tables import OUTCOMES

_MONTH = re.compile(r"\d{4}-\d{2}")


@dataclass(frozen=True, slots=True)
class Choice:
    """Rows of sessions that ended from `begin_ms` on and before `end_ms`; None: without a bound."""

    begin_ms: int | None = None
    end_ms: int | None = None
    charge_points: tuple[str, ...] = ()
    """Empty: all."""
    outcome: str | None = None

    def __post_init__(self) -> None:
        """Refuse what no row can match."""
        if self.outcome is not None and self.outcome not in OUTCOMES:
            raise InvalidInputError(f"{self.outcome!r} is none of {', '.join(OUTCOMES)}")
        if None not in (self.begin_ms, self.end_ms) and not self._is_span:
            raise InvalidInputError("the time ends before it begins")

    @property
    def _is_span(self) -> bool:
        return (self.begin_ms or 0) < (self.end_ms or 0)

    def takes(self, row: Row) -> bool:
        """Tell whether a row is wanted."""
        if self.outcome is not None and row.outcome != self.outcome:
            return False
        if self.begin_ms is not None and row.ended_ms < self.begin_ms:
            return False
        return self.end_ms is None or row.ended_ms < self.end_ms

    def takes_month(self, month: str) -> bool:
        """Tell whether rows of a month (YYYY-MM) may be wanted."""
        first = None if self.begin_ms is None else month_of(from_ms(self.begin_ms))
        last = None if self.end_ms is None else month_of(from_ms(self.end_ms - 1))
        return (first is None or month >= first) and (last is None or month <= last)


def choose(
    month: str | None,
    begin: str | None,
    end: str | None,
    charge_points: tuple[str, ...] = (),
    outcome: str | None = None,
) -> Choice:
    """Make a choice of texts: `month` as YYYY-MM, or `begin` and `end` as days or moments (UTC).

    Raises InvalidInputError.
    """
    if month is None:
        return Choice(_ms(begin), _ms(end), charge_points, outcome)
    if begin is not None or end is not None:
        raise InvalidInputError("either a month, or from and to")
    if not _MONTH.fullmatch(month):
        raise InvalidInputError(f"{month!r} is no month such as 2026-11")
    year, number = map(int, month.split("-"))
    after = f"{year + number // 12}-{number % 12 + 1:02}"
    return Choice(_ms(f"{month}-01"), _ms(f"{after}-01"), charge_points, outcome)


async def chosen_rows(bus: Bus, choice: Choice) -> AsyncIterator[Row]:
    """Give the rows that are wanted, month by month. Raises CorruptRecordError."""
    names = choice.charge_points or None
    wanted = [month for month in await months(bus, names) if choice.takes_month(month)]
    async for row in rows(bus, wanted, names):
        if choice.takes(row):
            yield row


def _ms(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInputError(f"{text!r} is no day or moment such as 2026-11-30") from None
    return to_ms(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
