"""What a month's sessions come to, computed from their rows alone."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

from sdk.bus.interface import Bus
from sdk.fields import ChargePointId, Frozen
from sdk.records.errors import CorruptRecordError
from sdk.records.reading import batched, row_bytes
from sdk.records.row import checked
from sdk.records.sums import Cells, grouped
from sdk.records.tables import OUTCOMES, word_of
from sdk.records.totals import TokenTotals, Totals, totals

__all__ = ["Report", "TokenTotals", "Totals", "month_report"]

_DAY_MS = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Report(Frozen):
    """The sessions that ended in a month (YYYY-MM, UTC); days are YYYY-MM-DD."""

    month: str
    total: Totals
    by_outcome: dict[str, Totals]
    by_charge_point: dict[ChargePointId, Totals]
    by_day: dict[str, Totals]


async def month_report(bus: Bus, month: str, chosen: Sequence[str] | None = None) -> Report:
    """Add up a month. Raises CorruptRecordError, BusUnavailableError."""
    cells: Cells = {}
    async for parts in batched(_parts(bus, month, chosen), lambda part: len(part[1])):
        _add(cells, parts)
    outcomes = grouped(cells, lambda key: key[2])
    stations = grouped(cells, lambda key: key[0][0])
    by_day = grouped(cells, lambda key: key[0][1])
    return Report(
        month=month,
        total=totals(cells),
        by_outcome={word_of(OUTCOMES, code) or "": totals(outcomes[code]) for code in outcomes},
        by_charge_point={name: totals(stations[name]) for name in sorted(stations)},
        by_day={_day(day): totals(by_day[day]) for day in sorted(by_day)},
    )


async def _parts(
    bus: Bus, month: str, chosen: Sequence[str] | None
) -> AsyncIterator[tuple[str, bytes]]:
    """Give rows by charge point."""
    async for charge_point_id, blob in row_bytes(bus, month, chosen):
        try:
            yield charge_point_id, checked(blob)
        except CorruptRecordError as error:
            raise CorruptRecordError(f"rows of {charge_point_id} in {month}: {error}") from error


def _add(cells: Cells, parts: Sequence[tuple[str, bytes]]) -> None:
    from sdk.records.adding import add_by_day  # noqa: PLC0415 - NumPy is slow to load

    add_by_day(cells, parts, lambda ended_ms: ended_ms // _DAY_MS)


def _day(number: int) -> str:
    return f"{_EPOCH + timedelta(days=number):%Y-%m-%d}"
