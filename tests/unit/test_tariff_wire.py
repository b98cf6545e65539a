"""Tariffs in JSON: old readers and names hold, what is no tariff is refused."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from pydantic import ValidationError
from tariffs import tariffs

from sdk.fields import MAX_AMOUNT
from sdk.tariff import PriceLine, Tariff, Window, tariff_hash

PLAIN = '{"per_kwh":"400000000000000000","per_session":"0"}'


def test_a_plain_tariff_is_written_as_ever() -> None:
    read = Tariff.model_validate_json(PLAIN)
    assert read == Tariff(per_kwh=4 * 10**17) == Tariff(per_kwh="400000000000000000.0")
    assert read.model_dump_json() == PLAIN
    assert tariff_hash(read) == "0x6b1c050012021c6029b51cc72155a53419230a158b8171fd7b59d4181dd86f9a"


def test_parts_are_written_where_they_say_something() -> None:
    it = Tariff(
        per_kwh="0.5000",
        minimum=7,
        maximum=900,
        tax_percent="19.50",
        windows=(Window(start="22:00", end="06:00", days=("sun", "mon", "sun"), per_minute=0),),
        timezone="Europe/Berlin",
    )
    assert it.model_dump(mode="json") == {
        "per_kwh": "0.5",
        "per_session": "0",
        "minimum": "7",
        "maximum": "900",
        "tax_percent": "19.5",
        "windows": [{"days": ["mon", "sun"], "start": "22:00", "end": "06:00", "per_minute": "0"}],
        "timezone": "Europe/Berlin",
    }


@given(tariffs())
def test_a_tariff_survives_its_wire_form(tariff: Tariff) -> None:
    again = Tariff.model_validate_json(tariff.model_dump_json())
    assert again == tariff
    assert tariff_hash(again) == tariff_hash(tariff)


def test_other_terms_are_another_tariff() -> None:
    window = {"start": "01:00", "end": "02:00"}
    terms: list[dict[str, Any]] = [
        {},
        {"per_session": 1},
        {"per_minute": 1},
        {"idle_per_minute": 1},
        {"idle_grace_minutes": 1},
        {"minimum": 1},
        {"maximum": 1},
        {"maximum": 0},
        {"tax_percent": 1},
        {"timezone": "Europe/Berlin"},
        {"windows": [window]},
        {"windows": [window, window]},
        {"windows": [{**window, "days": ["mon"]}]},
        {"windows": [{**window, "per_kwh": 1}]},
        {"windows": [{**window, "per_kwh": 0}]},
        {"windows": [{**window, "per_minute": 0}]},
    ]
    found = {tariff_hash(Tariff.model_validate({"per_kwh": 1, **each})) for each in terms}
    assert len(found) == len(terms)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        ("007", "7"),
        ("0.10", "0.1"),
        (MAX_AMOUNT, str(MAX_AMOUNT)),
        ("0.000000000000000001", "0.000000000000000001"),
        (Decimal("1E+3"), "1000"),
        (f"{MAX_AMOUNT - 1}.{'9' * 18}", f"{MAX_AMOUNT - 1}.{'9' * 18}"),
    ],
)
def test_a_price_is_exact(value: Any, written: str) -> None:
    assert Tariff(per_kwh=value).model_dump(mode="json")["per_kwh"] == written


@pytest.mark.parametrize(
    "value",
    [
        0.4,
        True,
        None,
        -1,
        "-1",
        "1e3",
        "1.",
        ".5",
        "",
        " 1",
        "1\n",
        "NaN",
        "Infinity",
        "1_000",
        "\N{ARABIC-INDIC DIGIT ONE}",
        Decimal("NaN"),
        Decimal("1E+400"),
        Decimal(-1),
        MAX_AMOUNT + 1,
        "0.0000000000000000001",
        pytest.param("1" * 5000, id="long"),
        pytest.param(10**5000, id="huge"),
    ],
)
def test_what_is_no_price(value: Any) -> None:
    with pytest.raises(ValidationError):
        Tariff(per_kwh=value)


@pytest.mark.parametrize(
    "terms",
    [
        {"tax_percent": "100.0001"},
        {"tax_percent": "0.00001"},
        {"tax_percent": -1},
        {"tax_percent": 19.5},
        {"minimum": "1.5"},
        {"minimum": 2, "maximum": 1},
        {"idle_grace_minutes": -1},
        {"windows": [{"start": "01:00", "end": "02:00"}] * 17},
    ],
)
def test_what_is_no_tariff(terms: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Tariff.model_validate({"per_kwh": 1, **terms})


def test_only_a_maximum_takes_off() -> None:
    line = {"item": "maximum", "quantity": 1, "unit": "session", "price": "7", "amount": "-3"}
    assert PriceLine.model_validate(line).model_dump(mode="json") == line
    with pytest.raises(ValidationError, match="only a maximum"):
        PriceLine.model_validate({**line, "item": "energy"})
    with pytest.raises(ValidationError):
        PriceLine.model_validate({**line, "amount": "--3"})
