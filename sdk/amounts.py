"""Amounts as a person types them: whole smallest units, or a decimal number of a larger unit."""

from decimal import Decimal, InvalidOperation

from sdk.errors import InvalidInputError
from sdk.fields import MAX_AMOUNT

UNITS = {"smallest": 0, "wei": 0, "gwei": 9, "ether": 18}
_MOST_DECIMALS = 36


def read_amount(text: str, unit: str = "smallest") -> int:
    """Read an amount in the token's smallest unit.

    `unit` is a name of UNITS or how many decimals the token has. Raises InvalidInputError for what
    is no number, negative, too large, or finer than the smallest unit.
    """
    decimals = _decimals(unit)
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise InvalidInputError(f"{text!r} is no amount") from None
    if not number.is_finite() or number < 0 or number.adjusted() + decimals > len(str(MAX_AMOUNT)):
        raise InvalidInputError(f"{text!r} is no amount")
    # not by Decimal arithmetic, which rounds to 28 digits
    _, digits, exponent = number.as_tuple()
    return _whole(text, int("".join(map(str, digits))), int(exponent) + decimals, unit)


def _whole(text: str, digits: int, exponent: int, unit: str) -> int:
    scale: int = 10 ** abs(exponent)
    amount, rest = (digits * scale, 0) if exponent >= 0 else divmod(digits, scale)
    if rest:
        raise InvalidInputError(f"{text} ({unit}) is finer than the token's smallest unit")
    if amount > MAX_AMOUNT:
        raise InvalidInputError(f"{text!r} is no amount")
    return amount


def _decimals(unit: str) -> int:
    if unit in UNITS:
        return UNITS[unit]
    if unit.isascii() and unit.isdecimal() and int(unit[:4]) <= _MOST_DECIMALS:
        return int(unit)
    names = ", ".join(UNITS)
    raise InvalidInputError(f"unit {unit!r} is none of {names}, and no number of decimals")
