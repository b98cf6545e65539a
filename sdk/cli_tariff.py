"""The options that give the parts of a tariff."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from sdk.amounts import read_amount
from sdk.errors import InvalidInputError
from sdk.tariff import Tariff
from sdk.tariff.windows import DAYS, Day

SMALLEST = "smallest"
_NONE = "none"
_WINDOW = re.compile(
    r"(?:(?P<days>[a-z,-]+) +)?(?P<start>[0-9:]+)-(?P<end>[0-9:]+)"
    r"(?: +kwh=(?P<per_kwh>[^ ]+))?(?: +minute=(?P<per_minute>[^ ]+))?"
)
_WINDOW_HELP = (
    "Other prices in a part of the day, e.g. 'mon-fri 17:00-20:00 kwh=0.5 minute=0'; without days "
    "every day. Can be given several times, the first that holds counts; takes the place of what "
    "was set, also none."
)

PerMinute = Annotated[
    str | None, typer.Option("--price-per-minute", help="Price of a minute, charging or not.")
]
IdlePerMinute = Annotated[
    str | None,
    typer.Option("--idle-price-per-minute", help="Price of a minute while the car is full."),
]
IdleGrace = Annotated[
    int | None, typer.Option("--idle-grace-minutes", help="So many of them are free.")
]
Minimum = Annotated[
    str | None, typer.Option("--minimum-price", help="Least price, once energy has flowed.")
]
Maximum = Annotated[
    str | None, typer.Option("--maximum-price", help="Highest price before tax, or none.")
]
Tax = Annotated[
    str | None, typer.Option("--tax-percent", help="Comes on top of all prices (new: 0).")
]
Windows = Annotated[list[str] | None, typer.Option("--price-window", help=_WINDOW_HELP)]
Timezone = Annotated[
    str | None, typer.Option("--timezone", help="Of the windows, e.g. Europe/Berlin (new: UTC).")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenPrices:
    """What was given of a tariff; None: not given. Amounts are texts of a unit."""

    per_minute: str | None = None
    idle_per_minute: str | None = None
    idle_grace_minutes: int | None = None
    minimum: str | None = None
    maximum: str | None = None
    tax_percent: str | None = None
    windows: list[str] | None = None
    timezone: str | None = None

    def changes(self, unit: str) -> dict[str, Any]:
        """Give the fields of `Tariff` that these set. Raises InvalidInputError."""
        prices = {"per_minute": self.per_minute, "idle_per_minute": self.idle_per_minute}
        found: dict[str, Any] = {
            **{name: read_price(it, unit) for name, it in prices.items() if it is not None},
            "idle_grace_minutes": self.idle_grace_minutes,
            "minimum": None if self.minimum is None else read_amount(self.minimum, unit),
            "tax_percent": self.tax_percent,
            "windows": None if self.windows is None else _windows(self.windows, unit),
            "timezone": self.timezone,
        }
        changes = {name: value for name, value in found.items() if value is not None}
        if self.maximum is not None:
            none = self.maximum == _NONE
            changes["maximum"] = None if none else read_amount(self.maximum, unit)
        return changes


def changed_tariff(tariff: Tariff | None, changes: Mapping[str, Any]) -> Tariff | None:
    """Give `tariff`, or a new one, with `changes`; None without any. Raises InvalidInputError."""
    if not changes:
        return None
    try:
        return Tariff.model_validate({**(dict(tariff) if tariff else {}), **changes})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(("tariff", *map(str, first["loc"])))
        raise InvalidInputError(f"{where}: {first['msg'].removeprefix('Value error, ')}") from None


def read_price(text: str, unit: str) -> Decimal:
    """Read a price in the token's smallest unit, of which it may be a part.

    `unit` as for `read_amount`. Raises InvalidInputError for what is no number of zero or more, and
    for a part of the smallest unit where no unit was named: it is a slip, as a rule. That it is
    neither too large nor too fine, `Tariff` sees to.
    """
    decimals = len(str(read_amount("1", unit))) - 1
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise InvalidInputError(f"{text!r} is no amount") from None
    if not number.is_finite() or number < 0:
        raise InvalidInputError(f"{text!r} is no amount")
    if unit == SMALLEST and number != number.to_integral_value():
        raise InvalidInputError(
            f"{text} is in the token's smallest unit: name another with --unit, such as ether or "
            "token; or 0 decimals, if so little is meant"
        )
    # not by Decimal arithmetic, which rounds to 28 digits
    _, digits, exponent = number.as_tuple()
    return Decimal((0, digits, int(exponent) + decimals))


def _windows(texts: list[str], unit: str) -> tuple[dict[str, Any], ...]:
    return () if texts == [_NONE] else tuple(_window(text, unit) for text in texts)


def _window(text: str, unit: str) -> dict[str, Any]:
    found = _WINDOW.fullmatch(text.strip().lower())
    if found is None:
        raise InvalidInputError(f"{text!r} is no window, as 'mon-fri 17:00-20:00 kwh=0.5' is")
    window: dict[str, Any] = {"start": found["start"], "end": found["end"]}
    if found["days"]:
        window["days"] = _days(found["days"])
    for name in ("per_kwh", "per_minute"):
        if found[name] is not None:
            window[name] = read_price(found[name], unit)
    return window


def _days(text: str) -> tuple[Day, ...]:
    return tuple(day for part in text.split(",") for day in _from_to(part))


def _from_to(text: str) -> tuple[Day, ...]:
    first, dash, last = text.partition("-")
    if first not in DAYS or (dash and last not in DAYS):
        raise InvalidInputError(f"{text!r} is no day of {', '.join(DAYS)}, nor from one to another")
    start = DAYS.index(first)
    count = (DAYS.index(last) - start) % len(DAYS) + 1 if dash else 1
    return (DAYS + DAYS)[start : start + count]
