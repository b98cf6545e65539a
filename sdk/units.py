"""Units: energy in whole watt-hours, money in whole smallest units of a token."""

from decimal import ROUND_FLOOR, Decimal

WH_PER_KWH = 1000


def wh_from_text(value: str, unit: str | None) -> int:
    """Read a sampled energy value as whole watt-hours, rounded down.

    `unit` is OCPP's UnitOfMeasure: "Wh" (the default when absent) or "kWh".
    Raises ValueError for another unit or for text that is no finite number.
    """
    match unit:
        case None | "Wh":
            places = 0
        case "kWh":
            places = 3
        case _:
            raise ValueError(f"{unit} is not a unit of energy")
    return _floored(value, places)


def watts_from_text(value: str, unit: str | None) -> int:
    """Read a sampled power value as whole watts, rounded down; `unit` is "W" or "kW".

    Raises ValueError for another unit or for text that is no finite number.
    """
    match unit:
        case None | "W":
            places = 0
        case "kW":
            places = 3
        case _:
            raise ValueError(f"{unit} is not a unit of power")
    return _floored(value, places)


def format_amount(amount: int, decimals: int = 18, places: int = 6) -> str:
    """Write an amount of smallest units for a person, e.g. 1500000000000000000 as "1.500000"."""
    scaled = Decimal(amount).scaleb(-decimals)
    return f"{scaled.quantize(Decimal(1).scaleb(-places), rounding=ROUND_FLOOR):f}"


def _floored(value: str, places: int) -> int:
    plain = _plain(value, places)
    if plain is not None:
        return plain
    sign, digits, exponent = _finite(value).as_tuple()
    shifted = Decimal((sign, digits, int(exponent) + places))  # exact, as `scaleb` is not
    return int(shifted.to_integral_value(rounding=ROUND_FLOOR))


def _plain(value: str, places: int) -> int | None:
    """Read digits with at most one point, times 10**places, rounded down; None: it is another text.

    This is what charge points write, and a tenth of the time that `Decimal` takes.
    """
    whole, _, fraction = value.partition(".")
    if not (whole.isdigit() and value.isascii() and len(whole) < _LARGEST_EXPONENT):
        return None
    if fraction and not fraction.isdigit():
        return None
    return int(whole + (fraction + "0" * places)[:places]) if places else int(whole)


def _finite(value: str) -> Decimal:
    try:
        number = Decimal(value.strip())
    except ArithmeticError as error:
        raise ValueError("not a number") from error
    if not number.is_finite() or abs(number.adjusted()) > _LARGEST_EXPONENT:
        raise ValueError("not a finite number")
    return number


_LARGEST_EXPONENT = 15
