"""Tariffs, windows and curves of readings for property tests."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from sdk.tariff import Tariff, Window

Curve = tuple[tuple[datetime, int], ...]

ZONES = ("UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu")
PRICES = st.one_of(
    st.integers(0, 10**30),
    st.decimals(0, 10**6, places=18, allow_nan=False),
    st.just(Decimal("400000000000000000.000000000000000001")),
)
_DAYS = st.sets(st.sampled_from(("mon", "tue", "wed", "thu", "fri", "sat", "sun")), min_size=1).map(
    tuple
)
_CLOCKS = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.sampled_from((0, 1, 30, 59)))
_MAYBE = st.none() | PRICES
MOMENTS = st.datetimes(
    datetime(2026, 1, 1),  # noqa: DTZ001 - hypothesis asks for naive ones
    datetime(2027, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000))


@st.composite
def windows(draw: st.DrawFn) -> Window:
    return Window(
        days=draw(_DAYS),
        start=draw(_CLOCKS),
        end=draw(_CLOCKS | st.just("24:00")),
        per_kwh=draw(_MAYBE),
        per_minute=draw(_MAYBE),
    )


@st.composite
def tariffs(draw: st.DrawFn) -> Tariff:
    minimum = draw(st.just(0) | st.integers(0, 10**12))
    return Tariff(
        per_kwh=draw(PRICES),
        per_session=draw(st.just(0) | PRICES),
        per_minute=draw(st.just(0) | PRICES),
        idle_per_minute=draw(st.just(0) | PRICES),
        idle_grace_minutes=draw(st.integers(0, 100)),
        minimum=minimum,
        maximum=draw(st.none() | st.integers(minimum, 10**31)),
        tax_percent=draw(st.just(0) | st.decimals(0, 100, places=4)),
        windows=tuple(draw(st.lists(windows(), max_size=3))),
        timezone=draw(st.sampled_from(ZONES)),
    )


@st.composite
def curves(draw: st.DrawFn) -> Curve:
    """Readings in the order of time, of a meter that never falls."""
    at, meter = draw(MOMENTS), draw(st.integers(0, 10**6))
    curve = [(at, meter)]
    for _ in range(draw(st.integers(0, 6))):
        at += timedelta(milliseconds=draw(st.integers(0, 5 * 3_600_000)))
        meter += draw(st.integers(0, 50_000))
        curve.append((at, meter))
    return tuple(curve)
