"""What an app believes of what a station says was used: nothing that can't be true."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdk.events.service import ChargingStatus, QuoteOffered
from sdk.p2p.usage_check import SLACK, Bounds, usage_fault, usage_of_status
from sdk.tariff import (
    Tariff,
    Usage,
    Window,
    begin,
    idle_from,
    idle_to,
    is_plain,
    read,
    tick,
    usage_of,
)
from tests.session_kit import QUOTE

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
POWER_W = 6_000
"""100 Wh a minute."""
START_WH = 500
PLAIN = Tariff(per_kwh=1000)
BY_TIME = Tariff(per_kwh=1000, per_minute=10)
SPLIT = Tariff(per_kwh=9000, windows=(Window(start="12:00", end="12:30", per_kwh=1000),))
IDLE = Tariff(per_kwh=1000, idle_per_minute=10)

minutes = st.integers(0, 24 * 60)


def quote(tariff: Tariff) -> QuoteOffered:
    return QUOTE.model_copy(update={"tariff": tariff, "maximum_power_w": POWER_W})


def after(*, minute: float) -> datetime:
    return NOON + timedelta(minutes=minute)


def bounds(minute: float, speed: float = 1.0) -> Bounds:
    return Bounds(NOON, after(minute=minute), speed)


def charged(tariff: Tariff, *readings: tuple[float, int]) -> Usage:
    """What was used from noon on, by readings of (minute, Wh since the start)."""
    return usage_of(
        tariff, [(NOON, START_WH), *((after(minute=m), START_WH + e) for m, e in readings)]
    )


def fault(tariff: Tariff, usage: Usage, before: Usage | None, minute: float) -> str | None:
    return usage_fault(quote(tariff), usage, before, bounds(minute))


def status(**fields: Any) -> ChargingStatus:
    return ChargingStatus(session_id="0x" + "1" * 64, phase="charging", **fields)


@pytest.mark.parametrize("tariff", [PLAIN, BY_TIME, SPLIT, IDLE])
@given(curve=st.lists(st.tuples(st.integers(1, 30), st.integers(0, 100)), max_size=8))
def test_an_honest_station_is_believed(tariff: Tariff, curve: list[tuple[int, int]]) -> None:
    before, at, meter = charged(tariff), 0, START_WH
    for gap, percent in curve:
        at, meter = at + gap, meter + gap * percent
        usage = read(tariff, before, after(minute=at), meter)
        assert fault(tariff, usage, before, at) is None
        before = usage


@given(minutes, minutes)
def test_no_slot_gets_more_than_flows_while_it_holds(at: int, more: int) -> None:
    flows = POWER_W * at // 60
    slack = int(POWER_W * SLACK.total_seconds() / 3600)
    honest = charged(BY_TIME, (at, flows))
    assert fault(BY_TIME, honest, None, at) is None
    usage = charged(BY_TIME, (at, flows + slack + 1 + more))
    assert fault(BY_TIME, usage, None, at) == "more energy at one price than the time allows"


def test_a_simulators_clock_lets_more_flow() -> None:
    usage = charged(BY_TIME, (1, 1_000))
    assert usage_fault(quote(BY_TIME), usage, None, bounds(1)) is not None
    assert usage_fault(quote(BY_TIME), usage, None, bounds(1, speed=10)) is None


def test_energy_moved_to_a_dearer_window_is_found() -> None:
    before = charged(SPLIT, (20, 1_500))
    assert [*before.energy] == [0, 1_500]
    usage = read(SPLIT, before, after(minute=25), START_WH + 2_000)
    assert fault(SPLIT, usage, before, 25) is None
    for energy, said in (
        ((500, 1_500), "more energy at one price than the time allows"),
        ((1_000, 1_000), "energy moved from one price to another"),
    ):
        moved = usage.model_copy(update={"energy": tuple(map(Fraction, energy))})
        assert fault(SPLIT, moved, before, 25) == said


def test_energy_over_the_edge_of_a_window_belongs_to_both() -> None:
    before = charged(SPLIT, (20, 1_500))
    usage = read(SPLIT, before, after(minute=40), START_WH + 3_500)
    assert [*usage.energy] == [1_000, 2_500]
    assert fault(SPLIT, usage, before, 40) is None
    late = usage.model_copy(update={"energy": (Fraction(2_000), Fraction(1_500))})
    assert fault(SPLIT, late, before, 40) == "more energy at one price than the time allows"


@pytest.mark.parametrize("tariff", [BY_TIME, SPLIT, IDLE])
def test_time_before_the_start_and_after_now_is_nobodys(tariff: Tariff) -> None:
    said = "it counts time before the start, or after now"
    early = usage_of(tariff, [(NOON - HOUR, START_WH), (after(minute=5), START_WH)])
    assert fault(tariff, early, None, 5) == said
    assert fault(tariff, tick(charged(tariff, (5, 0)), NOON + HOUR), None, 5) == said
    assert fault(tariff, tick(charged(tariff, (5, 0)), after(minute=5) + SLACK), None, 5) is None


@pytest.mark.parametrize("tariff", [PLAIN, BY_TIME])
def test_the_reading_at_the_start_stays(tariff: Tariff) -> None:
    before = charged(tariff, (5, 400))
    earlier = usage_of(tariff, [(NOON, START_WH - 100), (after(minute=5), START_WH + 400)])
    assert fault(tariff, earlier, before, 5) == "the reading at the start changed"


def test_idle_time_is_not_found_afterwards() -> None:
    before = charged(IDLE, (10, 900))
    honest = tick(idle_from(before, after(minute=10)), after(minute=15))
    assert fault(IDLE, honest, before, 15) is None
    back = idle_to(idle_from(before, after(minute=2)), after(minute=9))
    assert fault(IDLE, tick(back, after(minute=11)), before, 11) == "more idle time than has passed"


def test_a_reading_older_than_the_last_is_no_reading() -> None:
    before = charged(BY_TIME, (10, 500))
    usage = charged(BY_TIME, (9, 500))
    assert fault(BY_TIME, usage, before, 10) == "a reading is older than the one before"


def test_the_usage_of_another_tariff_is_none() -> None:
    assert fault(PLAIN, charged(SPLIT, (1, 1)), None, 1) == "the usage is one of another tariff"


def test_a_plain_price_needs_only_the_readings() -> None:
    assert (is_plain(PLAIN), is_plain(SPLIT), is_plain(BY_TIME)) == (True, False, False)
    told = status(meter_start_wh=START_WH, meter_wh=700, sampled_at=after(minute=2))
    assert usage_of_status(quote(BY_TIME), told, None, NOON) is None
    usage = usage_of_status(quote(PLAIN), told, None, NOON)
    assert usage is not None
    assert (usage.energy_wh, usage.read_at) == (200, after(minute=2))
    assert usage_of_status(quote(PLAIN), status(), usage, NOON) is None


def test_a_meter_that_fell_changes_nothing() -> None:
    before = charged(PLAIN, (2, 200))
    told = status(meter_start_wh=START_WH, meter_wh=600)
    assert usage_of_status(quote(PLAIN), told, before, NOON) == before
    below = status(meter_start_wh=START_WH, meter_wh=START_WH - 1)
    assert usage_of_status(quote(PLAIN), below, None, NOON) is None


def test_a_changed_start_is_seen_in_the_readings_of_a_plain_price() -> None:
    before = charged(PLAIN, (2, 200))
    told = status(meter_start_wh=0, meter_wh=START_WH + 200)
    usage = usage_of_status(quote(PLAIN), told, before, NOON)
    assert usage is not None
    assert fault(PLAIN, usage, before, 2) == "the reading at the start changed"


def test_a_start_is_no_usage_yet() -> None:
    assert fault(BY_TIME, begin(BY_TIME, NOON, START_WH), None, 0) is None
