"""A charge point's tolerances: as an option, in its configuration, and in its hash."""

from typing import Any, get_args

import pytest

from sdk.charge_point_config import ChargePointConfig, ConfigError, checked_config
from sdk.errors import InvalidInputError
from sdk.tolerances import MEANINGS, Tolerance, read_tolerances


def config(**more: Any) -> ChargePointConfig:
    did = "did:ethr:0x1:0x" + "1" * 40
    return checked_config({"charge_point_id": "CP1", "did": did, "tariff": {"per_kwh": 1}, **more})


def test_each_kind_is_explained() -> None:
    assert set(MEANINGS) == set(get_args(Tolerance))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["none"], ()),
        (["all"], tuple(sorted(get_args(Tolerance)))),
        (["numeric-ids", "casing", "numeric_ids"], ("casing", "numeric_ids")),
        (["Odd-Timestamps"], ("odd_timestamps",)),
    ],
)
def test_options_are_read(given: list[str], expected: tuple[str, ...]) -> None:
    assert read_tolerances(given) == expected


@pytest.mark.parametrize("given", [["casing", "none"], ["all", "casing"], ["everything"], [""]])
def test_other_options_are_refused_with_the_choices(given: list[str]) -> None:
    with pytest.raises(InvalidInputError, match=r"casing, extra-properties, .*or all; or none"):
        read_tolerances(given)


def test_a_configuration_is_strict_unless_it_says_otherwise() -> None:
    assert config().tolerances == ()
    old = {name: text for name, text in config().to_hash().items() if name != "tolerances"}
    assert ChargePointConfig.from_hash("CP1", old).tolerances == ()


def test_tolerances_are_sorted_and_survive_the_hash() -> None:
    lax = config(tolerances=["numeric_ids", "casing", "casing"])
    assert lax.tolerances == ("casing", "numeric_ids")
    assert lax.to_hash()["tolerances"] == '["casing", "numeric_ids"]'
    assert ChargePointConfig.from_hash("CP1", lax.to_hash()) == lax
    assert lax.changed({"tolerances": ()}).tolerances == ()
    with pytest.raises(ConfigError, match=r"^tolerances"):
        config(tolerances=["everything"])
