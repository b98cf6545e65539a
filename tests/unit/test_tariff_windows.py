"""Windows of the day: which holds when, on days of every kind."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import groupby
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from tariffs import MOMENTS, tariffs

from sdk.tariff import Tariff, Usage, Window, cost, tick, usage_of
from sdk.tariff.windows import DAYS, Timeline, milliseconds

BERLIN = ZoneInfo("Europe/Berlin")


def tariff(*windows: Window, timezone: str = "Europe/Berlin") -> Tariff:
    return Tariff(per_kwh=1000, per_minute=1, windows=windows, timezone=timezone)


def berlin(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


def even(it: Tariff, since: datetime, until: datetime) -> Usage:
    """60 Wh in every minute."""
    minutes = int((until - since) / timedelta(minutes=1))
    return usage_of(it, [(since, 0), (until, 60 * minutes)])


def slots_of(it: Tariff, since: datetime, until: datetime) -> list[int]:
    timeline = Timeline(it.windows, it.timezone)
    pieces = timeline.pieces(milliseconds(since), milliseconds(until))
    return [slot for slot, _ in groupby(slot for *_, slot in pieces)]


def holding(it: Tariff, moment: datetime) -> int:
    """Look at a local clock, and at nothing else."""
    local = moment.astimezone(ZoneInfo(it.timezone))
    now = f"{local:%H:%M}"
    today, yesterday = DAYS[local.weekday()], DAYS[local.weekday() - 1]
    for slot, window in enumerate(it.windows, 1):
        if window.start < window.end:
            if today in window.days and window.start <= now < window.end:
                return slot
        elif (today in window.days and now >= window.start) or (
            yesterday in window.days and now < window.end
        ):
            return slot
    return 0


@given(tariffs(), MOMENTS)
def test_the_slot_is_what_a_local_clock_says(it: Tariff, moment: datetime) -> None:
    at = milliseconds(moment)
    start, end, slot = Timeline(it.windows, it.timezone).piece(at)
    assert start <= at < end
    assert slot == holding(it, moment)


@given(tariffs(), MOMENTS, st.integers(1, 240))
def test_energy_is_where_it_is_minute_by_minute(it: Tariff, moment: datetime, minutes: int) -> None:
    since = moment.replace(second=0, microsecond=0)
    usage = usage_of(it, [(since, 0), (since + timedelta(minutes=minutes), 777)])
    wanted = [Fraction(0)] * (len(it.windows) + 1)
    for minute in range(minutes):
        wanted[holding(it, since + timedelta(minutes=minute))] += Fraction(777, minutes)
    assert list(usage.energy) == wanted


def test_the_first_of_several_windows_counts() -> None:
    it = tariff(
        Window(start="12:00", end="13:00", per_kwh=1), Window(start="11:00", end="14:00", per_kwh=2)
    )
    usage = even(it, berlin(1, 7, 10), berlin(1, 7, 15))
    assert list(map(int, usage.energy)) == [7200, 3600, 7200]
    assert cost(it, usage) == 7200 + 3 + 14 + 180 + 60 + 60


def test_a_window_goes_on_over_midnight_from_its_own_days() -> None:
    night = tariff(Window(days=("fri",), start="22:00", end="06:00"))
    assert even(night, berlin(1, 9, 12), berlin(1, 10, 12)).energy[1] == 8 * 3600
    assert even(night, berlin(1, 8, 12), berlin(1, 9, 12)).energy[1] == 0
    assert even(night, berlin(1, 10, 12), berlin(1, 11, 12)).energy[1] == 0
    week = even(night, berlin(1, 10, 2), berlin(1, 17, 2))
    assert week.energy[1] == 8 * 3600


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [("00:00", "24:00", 24), ("00:00", "00:00", 24), ("07:00", "07:00", 24), ("23:00", "24:00", 1)],
)
def test_whole_days_and_their_ends(start: str, end: str, hours: int) -> None:
    sunday = tariff(Window(days=("sun",), start=start, end=end))
    assert even(sunday, berlin(1, 5, 8), berlin(1, 13, 8)).energy[1] == hours * 3600


def test_an_end_is_not_included() -> None:
    it = tariff(Window(start="12:00", end="13:00"))
    edge = berlin(1, 7, 13)
    assert holding(it, edge) == 0
    assert slots_of(it, edge - timedelta(milliseconds=1), edge + timedelta(milliseconds=1)) == [
        1,
        0,
    ]


@pytest.mark.parametrize(
    ("month", "day", "in_window", "in_day"), [(3, 29, 1, 23), (10, 25, 3, 25), (6, 10, 2, 24)]
)
def test_days_on_which_the_clocks_change(month: int, day: int, in_window: int, in_day: int) -> None:
    # put on at 02:00 to 03:00, or back at 03:00 to 02:00
    it = tariff(Window(start="01:00", end="03:00", per_minute=2))
    usage = even(it, berlin(month, day), berlin(month, day) + timedelta(hours=in_day))
    assert list(map(int, usage.energy)) == [(in_day - in_window) * 3600, in_window * 3600]
    assert usage.until == berlin(month, day + 1)
    assert cost(it, usage) - cost(it, even(it, berlin(1, 7, 5), berlin(1, 7, 5))) == (
        in_day * 3600 + (in_day + in_window) * 60
    )


def test_an_hour_that_comes_twice_counts_twice_and_one_that_is_left_out_does_not() -> None:
    it = tariff(Window(start="02:15", end="02:45"))
    assert even(it, berlin(10, 25), berlin(10, 26)).energy[1] == 2 * 30 * 60
    assert even(it, berlin(3, 29), berlin(3, 30)).energy[1] == 0
    assert slots_of(it, berlin(10, 25), berlin(10, 25, 12)) == [0, 1, 0, 1, 0]


def test_the_zone_decides_the_day() -> None:
    monday = Window(days=("mon",), start="00:00", end="24:00")
    late_sunday = datetime(2026, 1, 4, 23, 30, tzinfo=UTC)
    for timezone, slot in (("UTC", 0), ("Europe/Berlin", 1), ("America/New_York", 0)):
        assert holding(tariff(monday, timezone=timezone), late_sunday) == slot
        assert slots_of(
            tariff(monday, timezone=timezone), late_sunday, late_sunday + timedelta(minutes=1)
        ) == [slot]


def test_time_has_the_price_of_its_window() -> None:
    it = tariff(Window(start="12:00", end="13:00", per_minute="0.5"))
    usage = tick(usage_of(it, [(berlin(1, 7, 11), 0)]), berlin(1, 7, 14))
    assert cost(it, usage) == 120 + 30


@pytest.mark.parametrize(
    "fields",
    [
        {"start": "24:00", "end": "01:00"},
        {"start": "1:00", "end": "02:00"},
        {"start": "01:60", "end": "02:00"},
        {"start": "01:00", "end": "24:01"},
        {"start": "01:00", "end": "02:00\n"},
        {"start": "01:00", "end": "02:00", "days": []},
        {"start": "01:00", "end": "02:00", "days": ["monday"]},
        {"start": "01:00", "end": "02:00", "per_kwh": "-1"},
    ],
)
def test_what_is_no_window(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Window.model_validate(fields)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Mars/Olympus",
        "../UTC",
        "/etc/localtime",
        "localtime",
        "Europe",
        "posixrules",
        "zone.tab",
    ],
)
def test_what_is_no_time_zone(name: str) -> None:
    with pytest.raises(ValidationError, match="no time zone"):
        tariff(timezone=name)
