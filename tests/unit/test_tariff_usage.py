"""What was used: readings, time, idling, and the wire form."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from tariffs import MOMENTS, Curve, curves, tariffs

from sdk.tariff import (
    LONGEST,
    Tariff,
    Usage,
    Window,
    begin,
    cost,
    end,
    idle_from,
    idle_to,
    read,
    tick,
    usage_of,
)

START = datetime(2026, 1, 5, 12, tzinfo=UTC)
PLAIN = Tariff(per_kwh=1000)
NIGHT = Tariff(per_kwh=1000, windows=(Window(start="13:00", end="14:00", per_kwh=10),))


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def idle(usage: Usage) -> list[tuple[float, float | None]]:
    return [(minutes(since), None if to is None else minutes(to)) for since, to in usage.idle]


def minutes(moment: datetime) -> float:
    return (moment - START) / timedelta(minutes=1)


def wh(usage: Usage) -> list[Fraction | int]:
    return list(usage.energy)


@given(tariffs(), curves())
def test_a_whole_curve_is_the_same_as_reading_by_reading(tariff: Tariff, curve: Curve) -> None:
    usage = begin(tariff, *curve[0])
    for reading in curve[1:]:
        usage = read(tariff, usage, *reading)
    assert usage_of(tariff, curve) == usage
    assert sum(usage.energy) == usage.energy_wh == curve[-1][1] - curve[0][1]


@given(tariffs(), st.integers(1, 10**4), st.integers(1, 10**4), st.data())
def test_splitting_a_reading_changes_nothing(
    tariff: Tariff, seconds: int, power: int, data: st.DataObject
) -> None:
    # a meter that rises by `power` Wh in every so many seconds: all its readings are on one line
    steps = data.draw(st.lists(st.integers(1, 20), max_size=6, unique=True).map(sorted))
    ends = (0, 21)
    whole, split = (
        usage_of(
            tariff,
            [(START + timedelta(seconds=seconds * step), 500 + power * step) for step in each],
        )
        for each in (ends, (ends[0], *steps, ends[1]))
    )
    assert whole == split
    assert cost(tariff, whole) == cost(tariff, split)


def test_energy_is_spread_over_the_time_since_the_last_reading() -> None:
    usage = read(NIGHT, begin(NIGHT, at(0), 0), at(90), 1000)
    assert wh(usage) == [Fraction(2000, 3), Fraction(1000, 3)]
    usage = read(NIGHT, read(NIGHT, usage, at(100), 1000), at(140), 1100)
    assert wh(usage) == [Fraction(2000, 3) + 50, Fraction(1000, 3) + 50]


def test_energy_without_time_belongs_to_the_moment() -> None:
    usage = read(NIGHT, begin(NIGHT, at(59.99), 0), at(60), 0)
    assert wh(read(NIGHT, usage, at(60), 70)) == [0, 70]
    assert wh(usage_of(NIGHT, [(at(59), 0), (at(59), 70)])) == [70, 0]


def test_a_clock_that_is_set_back_loses_no_energy() -> None:
    usage = read(NIGHT, begin(NIGHT, at(0), 0), at(60), 100)
    back = read(NIGHT, usage, at(20), 150)
    assert wh(back) == [100, 50]
    assert (back.read_at, back.until, back.meter_wh) == (at(60), at(60), 150)
    assert wh(read(NIGHT, back, at(20) - timedelta(days=1), 160)) == [100, 60]


def test_a_meter_that_fell_is_refused() -> None:
    with pytest.raises(ValueError, match="fell from 500 to 499"):
        read(PLAIN, begin(PLAIN, at(0), 500), at(1), 499)
    with pytest.raises(ValueError, match="fell"):
        usage_of(PLAIN, [(at(0), 500), (at(1), 600), (at(2), 599)])
    with pytest.raises(ValueError, match="no reading"):
        usage_of(PLAIN, [])


def test_time_only_goes_on_by_ticks_and_stops_where_it_ends() -> None:
    usage = tick(begin(PLAIN, at(0), 0), at(10))
    assert usage.until == at(10)
    assert tick(usage, at(5)) == usage
    assert read(PLAIN, usage, at(5), 7).until == at(10)
    assert end(usage, at(4)).until == at(4)
    assert end(usage, at(12)).until == at(12)
    assert end(usage, at(-1)).until == at(0)


def test_time_ends_where_it_counts_no_more() -> None:
    usage = read(PLAIN, begin(PLAIN, at(0), 0), START + timedelta(days=3000), 10)
    assert usage.until == usage.read_at == START + LONGEST
    assert wh(usage) == [10]
    assert Usage.model_validate_json(usage.model_dump_json()) == usage


def test_idle_times_are_noted_once() -> None:
    usage = begin(PLAIN, at(0), 0)
    assert idle_to(usage, at(5)) == usage
    usage = idle_from(idle_from(usage, at(10)), at(12))
    assert idle(usage) == [(10, None)]
    usage = idle_to(idle_to(usage, at(15)), at(18))
    assert idle(usage) == [(10, 15)]
    assert idle(idle_from(usage, at(14))) == [(10, 15), (15, None)]
    assert idle(idle_to(idle_from(usage, at(20)), at(20))) == [(10, 15)]
    assert usage.until == at(0)


def test_the_end_cuts_idle_times() -> None:
    usage = idle_to(idle_from(begin(PLAIN, at(0), 0), at(10)), at(20))
    usage = idle_from(usage, at(30))
    assert idle(end(usage, at(40))) == [(10, 20), (30, 40)]
    assert idle(end(usage, at(30))) == [(10, 20)]
    assert idle(end(usage, at(25))) == [(10, 20)]
    assert idle(end(usage, at(15))) == [(10, 15)]
    assert idle(end(usage, at(5))) == []


def test_many_idle_times_are_kept_as_their_sum() -> None:
    tariff = Tariff(per_kwh=0, idle_per_minute=1)
    usage = read(tariff, begin(tariff, at(0), 0), at(1), 1)
    for minute in range(0, 1000, 5):
        usage = idle_to(idle_from(usage, at(minute)), at(minute + 2))
    usage = tick(usage, at(1000))
    assert len(usage.idle) == 32
    assert cost(tariff, usage) == 400
    assert Usage.model_validate_json(usage.model_dump_json()) == usage


@given(tariffs(), curves(), st.integers(0, 10**7), st.none() | MOMENTS)
def test_a_usage_survives_its_wire_form(
    tariff: Tariff, curve: Curve, idle_after: int, ended: datetime | None
) -> None:
    usage = usage_of(tariff, curve)
    usage = idle_from(usage, curve[0][0] + timedelta(milliseconds=idle_after))
    usage = end(usage, ended) if ended else usage
    again = Usage.model_validate_json(usage.model_dump_json())
    assert again == usage
    assert cost(tariff, again) == cost(tariff, usage)


def test_moments_are_cut_to_milliseconds_at_once() -> None:
    late = START + timedelta(microseconds=1999)
    usage = tick(begin(PLAIN, late, 0), late + timedelta(seconds=1, microseconds=999))
    assert usage.started_at == START + timedelta(milliseconds=1)
    assert usage.until == START + timedelta(seconds=1, milliseconds=2)
    assert Usage.model_validate_json(usage.model_dump_json()) == usage


def test_a_plain_usage_is_short_on_the_wire() -> None:
    usage = read(NIGHT, begin(NIGHT, at(0), 5), at(90), 1005)
    assert usage.model_dump(mode="json") == {
        "started_at": "2026-01-05T12:00:00.000Z",
        "until": "2026-01-05T13:30:00.000Z",
        "meter_start_wh": 5,
        "meter_wh": 1005,
        "read_at": "2026-01-05T13:30:00.000Z",
        "energy": ["2000/3", "1000/3"],
    }


@pytest.mark.parametrize(
    "change",
    [
        {"energy": ["11"]},
        {"energy": []},
        {"energy": ["21/2"]},
        {"energy": ["-1", "11"]},
        {"energy": [10.0]},
        {"energy": [True, 9]},
        {"energy": ["10/0"]},
        {"energy": ["1e1"]},
        {"energy": ["9" * 4000]},
        {"until": "2026-01-05T11:59:59.999Z"},
        {"until": "9999-12-31T00:00:00Z"},
        {"read_at": "2027-01-05T12:00:00Z"},
        {"started_at": "1960-01-05T12:00:00Z"},
        {"idle": [["2026-01-05T11:00:00Z", None]]},
        {"idle": [["2026-01-05T12:10:00Z", "2026-01-05T12:09:00Z"]]},
        {"idle": [["2026-01-05T12:10:00Z", None], ["2026-01-05T12:20:00Z", None]]},
        {"idle": [["2026-01-05T12:10:00Z", "2026-01-05T12:10:00Z"]] * 33},
    ],
)
def test_what_does_not_add_up_is_no_usage(change: dict[str, Any]) -> None:
    good = tick(usage_of(PLAIN, [(at(0), 5), (at(30), 15)]), at(31)).model_dump(mode="json")
    assert Usage.model_validate(good)
    with pytest.raises(ValidationError):
        Usage.model_validate({**good, **change})
