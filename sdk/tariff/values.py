"""The field types of tariffs: exact prices, shares of watt-hours, amounts with a sign."""

import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar

from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    SerializerFunctionWrapHandler,
    WithJsonSchema,
    model_serializer,
)

from sdk.fields import MAX_AMOUNT, Frozen

PRICE_PLACES = 18
_LONGEST_TEXT = 120
_LONGEST_FRACTION = 2000
_DECIMAL = re.compile(r"([0-9]+)(?:\.([0-9]+))?")
_FRACTION = re.compile(r"([0-9]+)(?:/([1-9][0-9]*))?")
_SIGNED = re.compile(r"-?[0-9]{1,78}")


def _text(value: object) -> str:
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) < _LONGEST_TEXT:
        return f"{value:f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def _decimal(places: int, most: int) -> Callable[[Any], Decimal]:
    def read(value: object) -> Decimal:
        text = _text(value)
        found = _DECIMAL.fullmatch(text) if len(text) <= _LONGEST_TEXT else None
        if found is None:
            raise ValueError("it is a string of decimal digits, perhaps with a point")
        whole, fraction = found[1].lstrip("0") or "0", (found[2] or "").rstrip("0")
        number = Decimal(f"{whole}.{fraction}" if fraction else whole)
        if len(fraction) > places or number > most:
            raise ValueError(f"it has at most {places} decimal places, and is {most} at most")
        return number

    return read


def _fraction(value: object) -> Fraction:
    if isinstance(value, int | Fraction) and not isinstance(value, bool) and value >= 0:
        return Fraction(value)
    short = isinstance(value, str) and len(value) <= _LONGEST_FRACTION
    found = _FRACTION.fullmatch(str(value)) if short else None
    if found is None:
        raise ValueError("it is a string of decimal digits, or two of them with a slash between")
    return Fraction(int(found[1]), int(found[2] or 1))


def _signed(value: object) -> int:
    text = _text(value)
    if _SIGNED.fullmatch(text) is None:
        raise ValueError("money is a string of decimal digits")
    return int(text)


_written = PlainSerializer(lambda number: f"{number:f}", when_used="json")

Price = Annotated[
    Decimal,
    BeforeValidator(_decimal(PRICE_PLACES, MAX_AMOUNT)),
    _written,
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$", "maxLength": 97}),
]
"""A price in the token's smallest unit, with up to 18 decimal places; a decimal string in JSON."""

Percent = Annotated[
    Decimal,
    BeforeValidator(_decimal(4, 100)),
    _written,
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]+(\.[0-9]{1,4})?$", "maxLength": 8}),
]
"""0 to 100 with up to 4 decimal places; a decimal string in JSON."""

ExactWh = Annotated[
    Fraction,
    PlainValidator(_fraction),
    PlainSerializer(str, when_used="json"),
    WithJsonSchema(
        {"type": "string", "pattern": "^[0-9]+(/[1-9][0-9]*)?$", "maxLength": _LONGEST_FRACTION}
    ),
]
"""A share of whole watt-hours, exact: "1234" or "1/3" in JSON."""

SignedMoney = Annotated[
    int,
    BeforeValidator(_signed),
    Field(ge=-MAX_AMOUNT, le=MAX_AMOUNT),
    PlainSerializer(str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": "^-?[0-9]+$", "maxLength": 79}),
]
"""An amount in the token's smallest unit that may be below zero; a decimal string in JSON."""


class Sparse(Frozen):
    """A value that is written without the fields that have their default, but for ALWAYS."""

    ALWAYS: ClassVar[frozenset[str]] = frozenset()

    @model_serializer(mode="wrap")
    def _without_defaults(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = handler(self)
        fields = type(self).model_fields
        return {
            name: value
            for name, value in written.items()
            if name in self.ALWAYS or getattr(self, name) != fields[name].default
        }
