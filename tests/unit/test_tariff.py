"""The price engine: rising, rounded down, explained line by line."""

from hypothesis import given
from hypothesis import strategies as st

from sdk.tariff import Tariff, cost, cost_of_power, price_lines, tariff_hash

PRICES = st.integers(0, 10**30)
ENERGY = st.integers(0, 10**9)
TARIFFS = st.builds(Tariff, per_kwh=PRICES, per_session=PRICES)


@given(TARIFFS, ENERGY, ENERGY)
def test_more_energy_never_costs_less(tariff: Tariff, energy: int, more: int) -> None:
    assert cost(tariff, energy) <= cost(tariff, energy + more)


@given(PRICES, ENERGY)
def test_a_price_is_rounded_down_to_the_smallest_unit(per_kwh: int, energy: int) -> None:
    price = cost(Tariff(per_kwh=per_kwh), energy)
    assert price * 1_000 <= per_kwh * energy < (price + 1) * 1_000


@given(TARIFFS, ENERGY)
def test_the_lines_add_up(tariff: Tariff, energy: int) -> None:
    lines = price_lines(tariff, energy)
    assert sum(line.amount for line in lines) == cost(tariff, energy)
    assert lines[0].quantity == energy
    assert [line.amount for line in lines[1:]] == [tariff.per_session] * (len(lines) - 1)


@given(TARIFFS)
def test_nothing_is_due_before_energy_flowed(tariff: Tariff) -> None:
    assert cost(tariff, 0) == 0


@given(PRICES, st.integers(1, 10**9))
def test_the_fee_of_a_session_is_due_once(fee: int, energy: int) -> None:
    assert cost(Tariff(per_kwh=0, per_session=fee), energy) == fee


@given(TARIFFS, st.integers(0, 350_000), st.integers(0, 86_400))
def test_what_power_can_cost_bounds_what_it_delivers(
    tariff: Tariff, power_w: int, seconds: int
) -> None:
    assert cost_of_power(tariff, power_w, seconds) >= cost(tariff, power_w * seconds // 3_600)


@given(TARIFFS)
def test_a_tariff_survives_its_wire_form(tariff: Tariff) -> None:
    again = Tariff.model_validate_json(tariff.model_dump_json())
    assert again == tariff
    assert tariff_hash(again) == tariff_hash(tariff)


def test_other_prices_are_another_tariff() -> None:
    hashes = {
        tariff_hash(Tariff(per_kwh=1)),
        tariff_hash(Tariff(per_kwh=2)),
        tariff_hash(Tariff(per_kwh=1, per_session=1)),
    }
    assert len(hashes) == 3
