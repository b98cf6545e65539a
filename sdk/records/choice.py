"""Which rows are wanted, and of which charge points."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sdk.bus.interface import Bus
from sdk.errors import InvalidInputError
from sdk.records.moments import end_of_month, from_ms, month_of, to_ms
from sdk.records.reading import months, rows
from sdk.records.row import Row
from sdk.records.wanted import Wanted

_MONTH = re.compile(r"\d{4}-\d{2}")
_END_MS = 2 * 86_400_000


@dataclass(frozen=True)
class Choice(Wanted):
    """Rows that are wanted of some charge points.

    `account` is that of the driver; `mark` begins the session's id, its receipt's hash, or its
    payout's transaction hash (`sdk.records.mark`).
    """

    charge_points: tuple[str, ...] | None = None
    """None: all."""
    account: bytes | None = None
    mark: bytes | None = None

    @property
    def needs_marks(self) -> bool:
        """Tell whether rows are to be found by their marks."""
        return self.account is not None or self.mark is not None

    def takes_month(self, month: str) -> bool:
        """Tell whether rows of a month (YYYY-MM) may be wanted."""
        first = None if self.begin_ms is None else month_of(from_ms(self.begin_ms))
        last = None if self.end_ms is None else month_of(from_ms(self.end_ms - 1))
        return (first is None or month >= first) and (last is None or month <= last)

    def takes_only_end(self, month: str) -> bool:
        """Tell whether no more is wanted of a month than what ended in its last two days."""
        return self.begin >= end_of_month(month) - _END_MS


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
    chosen = charge_points or None
    if month is None:
        return Choice(_ms(begin), _ms(end), outcome, charge_points=chosen)
    if begin is not None or end is not None:
        raise InvalidInputError("either a month, or from and to")
    if not _MONTH.fullmatch(month):
        raise InvalidInputError(f"{month!r} is no month such as 2026-11")
    first = _ms(f"{month}-01")
    try:
        end_ms = end_of_month(month)
    except ValueError:
        raise InvalidInputError(f"{month!r} is beyond all months") from None
    return Choice(first, end_ms, outcome, charge_points=chosen)


async def chosen_months(bus: Bus, choice: Choice) -> list[str]:
    """Name the months of which rows may be wanted, oldest first. Raises BusUnavailableError."""
    return [m for m in await months(bus, choice.charge_points) if choice.takes_month(m)]


async def chosen_rows(bus: Bus, choice: Choice) -> AsyncIterator[Row]:
    """Give the rows that are wanted, month by month. Raises CorruptRecordError."""
    async for row in rows(bus, await chosen_months(bus, choice), choice.charge_points):
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
