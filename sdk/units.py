"""Units: energy in whole watt-hours, money in whole smallest units of a token."""

from decimal import ROUND_FLOOR, Decimal

WH_PER_KWH = 1000


def wh_from_text(value: str, unit: str | None) -> int:
    """Read a sampled energy value as whole watt-hours, rounded down.

    `unit` is OCPP's UnitOfMeasure: "Wh" (the default when absent) or "kWh".
    Raises ValueError for another unit or for text that is no finite number.
    """
    if _is_plain(value) and (unit is None or unit == "Wh"):
        return int(value)
    number = _finite(value)
    match unit:
        case None | "Wh":
            scale = 1
        case "kWh":
            scale = WH_PER_KWH
        case _:
            raise ValueError(f"{unit} is not a unit of energy")
    return int((number * scale).to_integral_value(rounding=ROUND_FLOOR))


def watts_from_text(value: str, unit: str | None) -> int:
    """Read a sampled power value as whole watts, rounded down; `unit` is "W" or "kW".

    Raises ValueError for another unit or for text that is no finite number.
    """
    if _is_plain(value) and (unit is None or unit == "W"):
        return int(value)
    number = _finite(value)
    match unit:
        case None | "W":
            scale = 1
        case "kW":
            scale = WH_PER_KWH
        case _:
            raise ValueError(f"{unit} is not a unit of power")
    return int((number * scale).to_integral_value(rounding=ROUND_FLOOR))


def format_amount(amount: int, decimals: int = 18, places: int = 6) -> str:
    """Write an amount of smallest units for a person, e.g. 1500000000000000000 as "1.500000"."""
    scaled = Decimal(amount).scaleb(-decimals)
    return f"{scaled.quantize(Decimal(1).scaleb(-places), rounding=ROUND_FLOOR):f}"


def _is_plain(value: str) -> bool:
    return len(value) <= _LARGEST_EXPONENT and value.isascii() and value.isdigit()


def _finite(value: str) -> Decimal:
    try:
        number = Decimal(value.strip())
    except ArithmeticError as error:
        raise ValueError("not a number") from error
    if not number.is_finite() or abs(number.adjusted()) > _LARGEST_EXPONENT:
        raise ValueError("not a finite number")
    return number


_LARGEST_EXPONENT = 15
