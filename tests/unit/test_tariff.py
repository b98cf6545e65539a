"""The price engine: every part of a price by examples, and what holds for all of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tariffs import PRICES, Curve, curves, tariffs

from sdk.tariff import (
    Tariff,
    Usage,
    Window,
    begin,
    cost,
    end,
    energy_cost,
    idle_from,
    idle_to,
    most,
    needs_time,
    price_lines,
    read,
    tick,
    usage_of,
)

START = datetime(2026, 1, 5, 12, tzinfo=UTC)
"""A Monday."""
PLAIN = Tariff(per_kwh=1000)
FULL = Tariff(per_kwh=1000, idle_per_minute=60, idle_grace_minutes=5)
ENERGY = st.integers(0, 10**9)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def used(tariff: Tariff, wh: int, minutes: float = 60) -> Usage:
    return usage_of(tariff, [(START, 500), (at(minutes), 500 + wh)])


def lines(tariff: Tariff, usage: Usage) -> list[dict[str, Any]]:
    return [line.model_dump(mode="json") for line in price_lines(tariff, usage)]


def amounts(tariff: Tariff, usage: Usage) -> dict[str, int]:
    return {line.item: line.amount for line in price_lines(tariff, usage)}


def test_a_plain_price_has_a_line_of_energy_and_one_of_the_fee() -> None:
    tariff = Tariff(per_kwh=1001, per_session=7)
    assert lines(tariff, used(tariff, 2500)) == [
        {"item": "energy", "quantity": 2500, "unit": "Wh", "price": "1001", "amount": "2502"},
        {"item": "session", "quantity": 1, "unit": "session", "price": "7", "amount": "7"},
    ]


def test_without_energy_there_is_one_line_of_nothing() -> None:
    tariff = Tariff(per_kwh=1001, per_session=7, minimum=50, idle_per_minute=1)
    usage = idle_from(used(tariff, 0), START)
    assert lines(tariff, usage) == [
        {"item": "energy", "quantity": 0, "unit": "Wh", "price": "1001", "amount": "0"}
    ]


def test_time_counts_from_the_start_even_without_energy() -> None:
    tariff = Tariff(per_kwh=1000, per_minute=3)
    assert amounts(tariff, used(tariff, 0, 90.5)) == {"energy": 0, "time": 271}
    assert lines(tariff, used(tariff, 0, 90.5))[1]["quantity"] == 5430


def test_a_price_may_be_a_part_of_the_smallest_unit() -> None:
    tariff = Tariff(per_kwh="0.4", per_session="2.9", per_minute="0.1")
    assert amounts(tariff, used(tariff, 10_000, 25)) == {"energy": 4, "session": 2, "time": 2}


@pytest.mark.parametrize(
    ("full_after", "until", "due"), [(60, 65, 0), (60, 65.5, 30), (60, 90, 1500), (90, 90, 0)]
)
def test_idling_costs_beyond_its_grace(full_after: float, until: float, due: int) -> None:
    usage = tick(idle_from(used(FULL, 1000), at(full_after)), at(until))
    assert cost(FULL, usage) == 1000 + due


def test_the_grace_is_for_all_idle_times_together() -> None:
    usage = idle_to(idle_from(used(FULL, 1000, 10), at(10)), at(14))
    usage = idle_from(read(FULL, usage, at(20), 2500), at(30))
    assert amounts(FULL, tick(usage, at(33))) == {"energy": 2000, "idle": 120}
    assert lines(FULL, tick(usage, at(33)))[1] == {
        "item": "idle",
        "quantity": 120,
        "unit": "s",
        "price": "60",
        "amount": "120",
    }


def test_the_minimum_is_due_once_energy_flowed() -> None:
    tariff = Tariff(per_kwh=1000, per_session=10, minimum=500)
    assert lines(tariff, used(tariff, 100))[2] == {
        "item": "minimum",
        "quantity": 1,
        "unit": "session",
        "price": "500",
        "amount": "390",
    }
    assert cost(tariff, used(tariff, 100)) == 500
    assert cost(tariff, used(tariff, 600)) == 610


def test_the_maximum_takes_off_what_is_above_it() -> None:
    tariff = Tariff(per_kwh=1000, maximum=700)
    assert amounts(tariff, used(tariff, 900)) == {"energy": 900, "maximum": -200}
    assert amounts(tariff, used(tariff, 700)) == {"energy": 700}


def test_tax_is_on_the_net_price_after_its_bounds_and_rounded_down() -> None:
    tariff = Tariff(per_kwh=1000, maximum=701, tax_percent="19")
    assert lines(tariff, used(tariff, 900))[2] == {
        "item": "tax",
        "quantity": 190_000,
        "unit": "ppm",
        "price": "701",
        "amount": "133",
    }
    raised = Tariff(per_kwh=1000, minimum=1000, tax_percent="7.125")
    assert amounts(raised, used(raised, 1)) == {"energy": 1, "minimum": 999, "tax": 71}


def test_each_window_has_its_lines() -> None:
    noon = Window(start="12:00", end="12:45", per_kwh=2000, per_minute=0)
    tariff = Tariff(per_kwh=1000, per_minute=10, windows=(noon,))
    found = [
        (line.item, line.window, line.quantity, int(line.price), line.amount)
        for line in price_lines(tariff, used(tariff, 1001))
    ]
    assert found == [
        ("energy", 0, 250, 1000, 250),
        ("energy", 1, 750, 2000, 1501),
        ("time", 0, 900, 10, 150),
    ]


def test_energy_alone_is_priced_outside_of_the_windows() -> None:
    window = Window(start="00:00", end="24:00", per_kwh=9000)
    tariff = Tariff(per_kwh=1000, per_session=5, per_minute=10, windows=(window,))
    assert energy_cost(tariff, 2000) == 2005
    assert energy_cost(tariff, 0) == 0


@pytest.mark.parametrize(
    ("more", "rises"),
    [
        ({}, False),
        ({"per_session": 5, "minimum": 7}, False),
        ({"per_minute": 1}, True),
        ({"idle_per_minute": 1}, True),
        ({"windows": [{"start": "01:00", "end": "02:00", "per_kwh": 7}]}, False),
        ({"windows": [{"start": "01:00", "end": "02:00", "per_minute": 7}]}, True),
    ],
)
def test_what_rises_with_time_alone(more: dict[str, Any], *, rises: bool) -> None:
    assert needs_time(Tariff.model_validate({"per_kwh": 1, **more})) is rises


def test_the_usage_of_another_tariff_has_no_price() -> None:
    other = Tariff(per_kwh=1, windows=(Window(start="01:00", end="02:00"),))
    usage = used(other, 100)
    with pytest.raises(ValueError, match=r"shorter|longer"):
        cost(PLAIN, usage)
    with pytest.raises(ValueError, match="another tariff"):
        read(PLAIN, usage, at(90), 700)


@given(tariffs(), curves(), ENERGY)
def test_more_energy_never_costs_less(tariff: Tariff, curve: Curve, more: int) -> None:
    *before, (last, meter) = curve
    assume(before)
    higher = usage_of(tariff, [*before, (last, meter + more)])
    assert cost(tariff, usage_of(tariff, curve)) <= cost(tariff, higher)


@given(tariffs(), curves(), st.integers(0, 10**8), st.none() | st.integers(0, 10**6))
def test_more_time_never_costs_less(
    tariff: Tariff, curve: Curve, more: int, full_after: int | None
) -> None:
    usage = usage_of(tariff, curve)
    if full_after is not None:
        usage = idle_from(usage, usage.started_at + timedelta(milliseconds=full_after))
    later = tick(usage, usage.until + timedelta(milliseconds=more))
    assert cost(tariff, usage) <= cost(tariff, later)


@given(tariffs(), curves(), st.integers(0, 10**8))
def test_an_earlier_end_never_costs_more(tariff: Tariff, curve: Curve, less: int) -> None:
    usage = idle_from(usage_of(tariff, curve), curve[0][0])
    ended = end(usage, usage.until - timedelta(milliseconds=less))
    assert cost(tariff, ended) <= cost(tariff, usage)


@given(tariffs(), curves())
def test_the_lines_add_up_and_only_a_maximum_takes_off(tariff: Tariff, curve: Curve) -> None:
    usage = idle_from(usage_of(tariff, curve), curve[0][0])
    found = price_lines(tariff, usage)
    assert sum(line.amount for line in found) == cost(tariff, usage)
    assert all(line.amount >= 0 or line.item == "maximum" for line in found)


@given(PRICES, ENERGY)
def test_a_price_is_rounded_down_to_the_smallest_unit(per_kwh: Any, energy: int) -> None:
    tariff = Tariff(per_kwh=per_kwh)
    price = cost(tariff, used(tariff, energy))
    units, scale = tariff.per_kwh.as_integer_ratio()
    assert price * 1_000 * scale <= units * energy < (price + 1) * 1_000 * scale


@given(tariffs(), curves(), st.integers(0, 10**5))
def test_the_most_bounds_what_any_curve_costs(tariff: Tariff, curve: Curve, spare: int) -> None:
    began, until = curve[0][0], curve[-1][0]
    seconds = (until - began).total_seconds()
    energy = curve[-1][1] - curve[0][1]
    assume(seconds or not energy)
    power = int(energy * 3600 / seconds) + 1 if seconds else 0
    usage = idle_from(usage_of(tariff, curve), began)
    assert cost(tariff, usage) <= most(tariff, power, seconds)
    assert most(tariff, power, seconds) <= most(tariff, power + spare, seconds + spare)


def test_the_most_holds_in_the_dearest_window() -> None:
    windows = (
        Window(start="01:00", end="02:00", per_kwh=5000, per_minute=1),
        Window(start="03:00", end="04:00", per_kwh=1, per_minute=4),
    )
    tariff = Tariff(per_kwh=1000, windows=windows, tax_percent=50)
    assert most(tariff, 1000, 3600) == (5005 + 240) * 3 // 2
    assert most(PLAIN, 1000, 0) == 1
    assert most(Tariff(per_kwh=1000, maximum=80), 10**6, 3600) == 80


def test_beginning_costs_nothing() -> None:
    everything = Tariff(per_kwh=5, per_session=5, per_minute=5, idle_per_minute=5, minimum=5)
    assert cost(everything, begin(everything, START, 77)) == 0
