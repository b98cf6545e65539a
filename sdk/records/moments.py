"""Moments as whole milliseconds since 1970, which is how rows and curves keep them."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_ms(moment: datetime) -> int:
    """Give the milliseconds since 1970, rounded down."""
    return (moment - _EPOCH) // _MILLISECOND


def from_ms(ms: int) -> datetime:
    """Give the moment, in UTC."""
    return _EPOCH + ms * _MILLISECOND


def month_of(moment: datetime) -> str:
    """Name the month that a moment is in, as YYYY-MM by UTC."""
    return f"{moment.astimezone(UTC):%Y-%m}"


def end_of_month(month: str) -> int:
    """Tell when a month (YYYY-MM, UTC) is over, in ms."""
    year, number = map(int, month.split("-"))
    return to_ms(datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC))
