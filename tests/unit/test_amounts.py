"""Amounts are read exactly, or refused."""

import pytest

from sdk.amounts import read_amount
from sdk.errors import InvalidInputError
from sdk.fields import MAX_AMOUNT


@pytest.mark.parametrize(
    ("text", "unit", "amount"),
    [
        ("300", "smallest", 300),
        ("0.3", "ether", 3 * 10**17),
        ("0.300000000000000001", "ether", 300000000000000001),
        ("123456789012345678901234567890.000000000000000001", "ether", None),
        ("2", "gwei", 2 * 10**9),
        ("1.5", "6", 1_500_000),
        ("0", "ether", 0),
        ("1e3", "wei", 1000),
        (str(MAX_AMOUNT), "wei", MAX_AMOUNT),
    ],
)
def test_amounts_are_exact(text: str, unit: str, amount: int | None) -> None:
    expected = 123456789012345678901234567890 * 10**18 + 1 if amount is None else amount
    assert read_amount(text, unit) == expected


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("0.5", "smallest"),
        ("0.0000001", "6"),
        ("-1", "wei"),
        ("NaN", "wei"),
        ("Infinity", "wei"),
        ("ten", "wei"),
        ("", "wei"),
        ("1e999999999", "wei"),
        (str(MAX_AMOUNT + 1), "wei"),
        ("1", "pounds"),
        ("1", "99"),
    ],
)
def test_what_is_no_amount_is_refused(text: str, unit: str) -> None:
    with pytest.raises(InvalidInputError):
        read_amount(text, unit)
