"""What a usage costs, line by line."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from math import ceil
from typing import NamedTuple, Self

from pydantic import model_validator

from sdk.tariff.terms import Tariff
from sdk.tariff.usage import Usage, idle_ms, time_ms
from sdk.tariff.values import Price, SignedMoney, Sparse
from sdk.units import WH_PER_KWH

_MINUTE_MS = 60_000
_SECOND_MS = 1000
_HOUR_MS = 3_600_000
_PPM_PER_PERCENT = 10_000
_PPM = 1_000_000


class PriceLine(Sparse):
    """One line of a price: what is counted, how much of it, at which price, for how much.

    | item | quantity | unit | price |
    |---|---|---|---|
    | energy | whole Wh | Wh | of 1,000 Wh |
    | session | 1 | session | the fee |
    | time, idle | whole seconds | s | of a minute |
    | minimum, maximum | 1 | session | the bound; `amount` leads to it |
    | tax | millionths (190,000 is 19 %) | ppm | the net amount |

    `quantity` is rounded down for display, `amount` is of the exact one. `window` is the slot,
    where the tariff has windows. Only the amount of `maximum` is below zero.
    """

    item: str
    quantity: int
    unit: str
    price: Price
    amount: SignedMoney
    window: int | None = None

    @model_validator(mode="after")
    def _only_a_maximum_lowers(self) -> Self:
        if self.amount < 0 and self.item != "maximum":
            raise ValueError("only a maximum lowers a price")
        return self


class _Line(NamedTuple):
    item: str
    quantity: int
    unit: str
    price: Decimal
    amount: int
    window: int | None = None


class _Used(NamedTuple):
    """Wh per slot, milliseconds per slot, idle milliseconds."""

    energy: Sequence[Fraction | int]
    time: Sequence[int]
    idle: int


def price_lines(tariff: Tariff, usage: Usage) -> tuple[PriceLine, ...]:
    """Explain what a usage costs line by line; the amounts add up to `cost`.

    Raises ValueError for the usage of another tariff.
    """
    return tuple(PriceLine(**line._asdict()) for line in _lines(tariff, _used(tariff, usage)))


def cost(tariff: Tariff, usage: Usage) -> int:
    """Give what a usage costs. Raises ValueError for the usage of another tariff."""
    return sum(line.amount for line in _lines(tariff, _used(tariff, usage)))


def energy_cost(tariff: Tariff, energy_wh: int) -> int:
    """Give what energy costs outside of all windows, if it took no time."""
    none = [0] * len(tariff.windows)
    return sum(line.amount for line in _lines(tariff, _Used([energy_wh, *none], [0, *none], 0)))


def needs_time(tariff: Tariff) -> bool:
    """Tell whether the price rises with time alone."""
    return bool(tariff.idle_per_minute or any(tariff.minute_prices))


def is_plain(tariff: Tariff) -> bool:
    """Tell whether a price follows from the energy alone."""
    return not tariff.windows and not needs_time(tariff)


def most(tariff: Tariff, power_w: int, seconds: float) -> int:
    """Give the most that `seconds` at `power_w` can cost: the bound on what an app signs.

    All of it in the dearest windows, idle all the time, and 1 Wh more, since readings are rounded.
    """
    time = max(0, ceil(seconds * _SECOND_MS))
    energy = max(0, power_w) * time // _HOUR_MS + 1
    dearest = {"per_kwh": max(tariff.kwh_prices), "per_minute": max(tariff.minute_prices)}
    flat = tariff.model_copy(update={**dearest, "windows": ()})
    return sum(line.amount for line in _lines(flat, _Used([energy], [time], time)))


def _used(tariff: Tariff, usage: Usage) -> _Used:
    time = time_ms(tariff, usage) if any(tariff.minute_prices) else [0] * len(usage.energy)
    return _Used(usage.energy, time, idle_ms(usage) if tariff.idle_per_minute else 0)


def _lines(tariff: Tariff, used: _Used) -> list[_Line]:
    flowed = any(used.energy)
    lines = list(
        chain(
            _energy(tariff, used.energy),
            _fee(tariff, flowed=flowed),
            _time(tariff, used.time),
            _idle(tariff, used.idle, flowed=flowed),
        )
    )
    lines += _bounds(tariff, sum(line.amount for line in lines), flowed=flowed)
    lines += _tax(tariff, sum(line.amount for line in lines))
    return lines


def _energy(tariff: Tariff, energy: Sequence[Fraction | int]) -> Iterator[_Line]:
    nothing = not any(energy)
    for slot, (price, wh) in enumerate(zip(tariff.kwh_prices, energy, strict=True)):
        if wh or (nothing and slot == 0):
            amount = _exact(price, wh, WH_PER_KWH)
            yield _Line("energy", int(wh), "Wh", price, amount, _window(tariff, slot))


def _fee(tariff: Tariff, *, flowed: bool) -> Iterator[_Line]:
    if flowed and tariff.per_session:
        fee = tariff.per_session
        yield _Line("session", 1, "session", fee, _exact(fee, 1))


def _time(tariff: Tariff, time: Sequence[int]) -> Iterator[_Line]:
    for slot, (price, ms) in enumerate(zip(tariff.minute_prices, time, strict=True)):
        if price and ms:
            amount = _exact(price, ms, _MINUTE_MS)
            yield _Line("time", ms // _SECOND_MS, "s", price, amount, _window(tariff, slot))


def _idle(tariff: Tariff, idle: int, *, flowed: bool) -> Iterator[_Line]:
    price, beyond = tariff.idle_per_minute, idle - tariff.idle_grace_minutes * _MINUTE_MS
    if flowed and price and beyond > 0:
        yield _Line("idle", beyond // _SECOND_MS, "s", price, _exact(price, beyond, _MINUTE_MS))


def _bounds(tariff: Tariff, net: int, *, flowed: bool) -> Iterator[_Line]:
    least, highest = tariff.minimum, tariff.maximum
    if flowed and net < least:
        yield _Line("minimum", 1, "session", Decimal(least), least - net)
    elif highest is not None and net > highest:
        yield _Line("maximum", 1, "session", Decimal(highest), highest - net)


def _tax(tariff: Tariff, net: int) -> Iterator[_Line]:
    if net and tariff.tax_percent:
        rate = int(tariff.tax_percent * _PPM_PER_PERCENT)
        yield _Line("tax", rate, "ppm", Decimal(net), net * rate // _PPM)


def _exact(price: Decimal, quantity: Fraction | int, per: int = 1) -> int:
    """Give `price` times `quantity` by `per`, rounded down once."""
    units, scale = price.as_integer_ratio()
    count, parts = quantity.as_integer_ratio()
    return units * count // (scale * parts * per)


def _window(tariff: Tariff, slot: int) -> int | None:
    return slot if tariff.windows else None
