"""A tariff on the command line, and what a charge point takes from it."""

from decimal import Decimal
from typing import Any

import pytest

from sdk.charge_point_config import checked_config, station_did
from sdk.cli_options import Given
from sdk.cli_tariff import GivenPrices, changed_tariff, read_price
from sdk.errors import InvalidInputError
from sdk.tariff import Tariff, Window

BASE = Tariff(
    per_kwh=1000, per_session=5, maximum=900, windows=(Window(start="01:00", end="02:00"),)
)


def changed(tariff: Tariff | None = BASE, **given: Any) -> Tariff | None:
    return changed_tariff(tariff, GivenPrices(**given).changes("smallest"))


def given(**more: Any) -> Given:
    fields: dict[str, Any] = dict.fromkeys(Given.__dataclass_fields__)
    return Given(**{**fields, "unit": "ether", "prices": GivenPrices(), **more})


def test_every_part_can_be_given() -> None:
    prices = GivenPrices(
        per_minute="0.01",
        idle_per_minute="0.1",
        idle_grace_minutes=15,
        minimum="0.5",
        maximum="40",
        tax_percent="19",
        windows=["mon-fri 17:00-20:00 kwh=0.5 minute=0", "22:00-06:00 kwh=0.2"],
        timezone="Europe/Berlin",
    )
    tariff = given(price_per_kwh="0.3", price_per_session="1", prices=prices).fields()["tariff"]
    ether = 10**18
    assert tariff == Tariff(
        per_kwh=3 * ether // 10,
        per_session=ether,
        per_minute=ether // 100,
        idle_per_minute=ether // 10,
        idle_grace_minutes=15,
        minimum=ether // 2,
        maximum=40 * ether,
        tax_percent=19,
        windows=(
            Window(
                days=("mon", "tue", "wed", "thu", "fri"),
                start="17:00",
                end="20:00",
                per_kwh=ether // 2,
                per_minute=0,
            ),
            Window(start="22:00", end="06:00", per_kwh=ether // 5),
        ),
        timezone="Europe/Berlin",
    )


def test_what_is_not_given_stays() -> None:
    assert changed() is None
    assert changed(per_minute="7") == BASE.model_copy(update={"per_minute": Decimal(7)})
    assert changed(maximum="none", windows=["none"]) == Tariff(per_kwh=1000, per_session=5)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon", ("mon",)),
        ("sat,sun", ("sat", "sun")),
        ("fri-mon", ("mon", "fri", "sat", "sun")),
        ("mon-sun", ("mon", "tue", "wed", "thu", "fri", "sat", "sun")),
        ("Mon-Tue,thu", ("mon", "tue", "thu")),
    ],
)
def test_days_of_a_window(text: str, days: tuple[str, ...]) -> None:
    tariff = changed(windows=[f"{text} 01:00-24:00"])
    assert tariff is not None
    assert tariff.windows[0].days == days


@pytest.mark.parametrize(
    ("prices", "fault"),
    [
        ({"windows": ["tomorrow"]}, "no window"),
        ({"windows": ["moo 01:00-02:00"]}, "'moo' is no day"),
        ({"windows": ["mon-moo 01:00-02:00"]}, "is no day"),
        ({"windows": ["25:00-02:00"]}, "tariff.windows.0.start"),
        ({"windows": ["01:00-02:00 kwh=much"]}, "'much' is no amount"),
        ({"windows": ["01:00-02:00", "none"]}, "no window"),
        ({"timezone": "Mars/Olympus"}, "tariff.timezone: 'Mars/Olympus' is no time zone"),
        ({"tax_percent": "101"}, "tariff.tax_percent"),
        ({"minimum": "901"}, "the minimum is above the maximum"),
        ({"minimum": "0.5"}, "finer than the token's smallest unit"),
        ({"per_minute": "1e-19"}, "smallest unit: name another with --unit"),
        ({"per_minute": "0.1"}, "smallest unit: name another with --unit"),
        ({"windows": ["01:00-02:00 kwh=0.5"]}, "smallest unit: name another with --unit"),
        ({"per_minute": "1e999999999"}, "tariff.per_minute"),
        ({"per_minute": "-1"}, "no amount"),
        ({"per_minute": "nan"}, "no amount"),
    ],
)
def test_a_fault_is_one_line(prices: dict[str, Any], fault: str) -> None:
    with pytest.raises(InvalidInputError, match=fault) as caught:
        changed(**prices)
    assert "\n" not in str(caught.value)


def test_a_price_may_be_finer_than_the_smallest_unit() -> None:
    assert read_price("0.25", "6") == 250_000
    assert read_price("0.00000025", "6") == Decimal("0.25")
    assert str(read_price("123456789012345678901234567890.5", "0")).endswith("890.5")


@pytest.mark.parametrize(
    ("tariff", "step"),
    [
        ({"per_kwh": 1000}, 100),
        ({"per_kwh": 0}, 1),
        ({"per_kwh": "1009.9"}, 100),
        ({"per_kwh": 1000, "per_minute": 150}, 150),
        ({"per_kwh": 1000, "idle_per_minute": 170}, 170),
        ({"per_kwh": 1, "windows": [{"start": "01:00", "end": "02:00", "per_kwh": 5000}]}, 500),
    ],
)
def test_the_exposure_step_follows_from_the_tariff(tariff: dict[str, Any], step: int) -> None:
    did = station_did(1, "0x" + "1" * 40)
    config = checked_config({"charge_point_id": "CP1", "did": did, "tariff": tariff})
    assert config.exposure_step == step


def test_a_new_charge_point_asks_for_the_price_of_a_kwh_or_the_minimum() -> None:
    ether = 10**18
    assert given(price_per_kwh="0.3").fields()["minimum_deposit"] == 3 * ether // 10
    taxed = given(price_per_kwh="0.3", prices=GivenPrices(tax_percent="19"))
    assert taxed.fields()["minimum_deposit"] == 357 * ether // 1000
    least = given(price_per_kwh="0.3", prices=GivenPrices(minimum="2"))
    assert least.fields()["minimum_deposit"] == 2 * ether
    assert "minimum_deposit" not in least.fields(Tariff(per_kwh=1))
    assert given(price_per_kwh="0.3", minimum_deposit="7").fields()["minimum_deposit"] == 7 * ether
