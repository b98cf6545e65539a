"""Charge points whose clocks are wrong, and whose messages are late."""

from datetime import UTC, datetime, timedelta

import pytest

from sdk.events.charge_point import (
    ConnectorStatusChanged,
)
from sdk.events.charging import MeterValueReported
from sdk.tariff import Tariff
from session_manager.session.clock import TOLERATED_MS, put_right
from session_manager.session.machine import transition
from session_manager.session.state import Session
from session_manager.session.step import change
from session_manager.session.table import SessionEvent
from tests.session_kit import (
    NOON,
    QUOTE,
    SIGNED_QUOTE,
    TAG,
    App,
    accepted,
    deposited,
    expired,
    in_phase,
    reading,
    run,
    started,
    stopped,
)

HOUR = 3_600


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def came(session: Session, event: SessionEvent, seconds: float) -> Session:
    """Let an event come so many seconds after noon, by our clock."""
    return transition(*put_right(session, event, after(seconds))).session


def starting() -> Session:
    """One whose price is 10 a minute."""
    session = run(Session(), App().service_request(SIGNED_QUOTE))
    terms = session.terms.model_copy(update={"tariff": Tariff(per_kwh=0, per_minute=10)})
    return run(change(session, quote=terms), deposited(), accepted(TAG))


def charging(ahead: float, late: float = 0) -> Session:
    """One that began at noon, by a clock so many seconds ahead; told so many seconds later."""
    return came(starting(), started(TAG, started_at=after(ahead)), late)


@pytest.mark.parametrize("ahead", [-5 * HOUR, -61, -6, 6, 61, 5 * HOUR])
def test_a_clock_that_is_wrong_costs_nobody_anything(ahead: float) -> None:
    session = came(charging(ahead), reading(500, 600 + ahead), 600)
    assert session.started_at == NOON
    assert session.sampled_at == after(600)
    session = came(session, stopped(500, 900 + ahead), 900)
    assert (session.phase, session.proposed) == ("settling", 150)
    assert session.stopped_at == after(900)
    assert session.drift_ms == ahead * 1_000
    assert session.flags == (("clock_drift",) if abs(ahead) > 60 else ())


@pytest.mark.parametrize("ahead", [-5, -2, 0, 2, 5])
def test_a_clock_that_is_almost_right_is_believed(ahead: float) -> None:
    session = charging(ahead)
    assert abs(ahead) * 1_000 <= TOLERATED_MS
    assert session.started_at == after(ahead)
    assert session.flags == ()


def test_a_late_message_is_no_wrong_clock() -> None:
    session = came(charging(0), reading(500, 60), 60)
    session = came(session, reading(600, 120), 3 * HOUR)
    assert session.sampled_at == after(120)
    session = came(session, stopped(700, 180), 3 * HOUR)
    assert (session.stopped_at, session.proposed) == (after(180), 30)
    assert session.flags == ()


def test_a_clock_that_is_ahead_is_known_by_the_message_that_came_soonest() -> None:
    session = came(charging(600, late=100), reading(1, 660), 60)
    assert session.drift_ms == 600_000
    assert came(session, reading(2, 720), 300).drift_ms == 600_000
    assert came(session, reading(2, 720), 300).sampled_at == after(120)


def test_little_is_no_news_of_a_clock() -> None:
    session = charging(600)
    assert put_right(session, reading(1, 660.9), after(60))[0] == session
    assert put_right(session, reading(1, 661.0), after(60))[0] != session


def test_a_clock_that_is_put_right_meanwhile_is_not_trusted_to_be_ahead_later() -> None:
    session = came(charging(-HOUR), reading(1, 60), 60)
    assert session.drift_ms == 0
    assert session.sampled_at == after(60)
    session = came(session, reading(2, 120), 120)
    assert (session.sampled_at, session.energy_wh) == (after(120), 2)


def test_a_start_that_was_long_on_its_way_is_none_that_costs_more() -> None:
    session = charging(0, late=HOUR)
    assert session.started_at == after(HOUR)
    session = came(session, reading(1, HOUR + 60), HOUR + 60)
    assert (session.cost, session.drift_ms) == (10, 0)


def test_no_time_is_counted_before_the_start() -> None:
    session = came(charging(0), stopped(100, -HOUR), 600)
    assert (session.proposed, session.phase) == (0, "settling")


@pytest.mark.parametrize(("changed", "expected"), [(HOUR + 60, 60), (60, 60)])
def test_a_status_has_the_charge_points_time_or_the_gateways(
    changed: float, expected: float
) -> None:
    session = charging(HOUR)
    event = ConnectorStatusChanged(status="SuspendedEV", changed_at=after(changed))
    put = put_right(session, event, after(61))[1]
    assert isinstance(put, ConnectorStatusChanged)
    assert put.changed_at == after(expected)


def test_who_is_not_this_session_does_not_tell_the_time() -> None:
    event = started("ANOTHER", started_at=after(HOUR))
    assert put_right(starting(), event, NOON) == (starting(), event)
    early: tuple[SessionEvent, ...] = (reading(1, HOUR), stopped(1, HOUR))
    for event_ in early:
        assert put_right(starting(), event_, NOON) == (starting(), event_)


@pytest.mark.parametrize("seconds", [-HOUR, 0, HOUR])
def test_a_session_that_ended_learns_nothing_more(seconds: float) -> None:
    ended = in_phase("settled")
    events: tuple[SessionEvent, ...] = (
        reading(9_000, seconds),
        stopped(9_000, seconds),
        started(TAG, started_at=after(seconds)),
    )
    for event in events:
        assert put_right(ended, event, NOON) == (ended, event)


def test_only_its_time_is_changed_of_a_reading() -> None:
    event = reading(500, HOUR + 60, power_w=7, soc_percent=8, context="Trigger")
    put = put_right(charging(HOUR), event, after(60))[1]
    assert isinstance(put, MeterValueReported)
    assert put == event.model_copy(update={"sampled_at": after(60)})


LOST = [
    datetime.min.replace(tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(1970, 1, 1, 0, 7, tzinfo=UTC),
]
DRIFTS = [-HOUR, -4, 0, 4, HOUR]


@pytest.mark.parametrize("ahead", DRIFTS)
@pytest.mark.parametrize("said", [*LOST, None], ids=["year 1", "1970", "since boot", "early"])
def test_an_end_without_a_clock_is_settled_at_the_last_good_time(
    said: datetime | None, ahead: float
) -> None:
    session = came(charging(ahead), reading(500, 600 + ahead), 600)
    known, last = session.drift_ms, session.sampled_at
    event = stopped(900, stopped_at=said or after(ahead - HOUR))
    session = came(session, event, 900)
    assert (session.phase, session.energy_wh, session.proposed) == ("settling", 900, 100)
    assert session.stopped_at == last
    assert session.drift_ms == known


@pytest.mark.parametrize("ahead", DRIFTS)
@pytest.mark.parametrize("said", LOST)
def test_a_reading_without_a_clock_counts_at_the_last_good_time(
    said: datetime, ahead: float
) -> None:
    session = came(charging(ahead), reading(500, 600 + ahead), 600)
    last = session.sampled_at
    session = came(session, reading(700, sampled_at=said), 660)
    assert (session.energy_wh, session.cost, session.sampled_at) == (700, 100, last)
    session = came(session, reading(800, 720 + ahead), 720)
    assert (session.energy_wh, session.cost) == (800, 120)
    assert "meter_regress" not in session.flags


@pytest.mark.parametrize("said", LOST)
def test_where_no_reading_had_a_time_the_start_has_one(said: datetime) -> None:
    session = came(charging(HOUR), stopped(300, stopped_at=said), 900)
    assert (session.phase, session.energy_wh, session.proposed) == ("settling", 300, 0)
    assert session.stopped_at == session.started_at == NOON


@pytest.mark.parametrize("ahead", DRIFTS)
@pytest.mark.parametrize("said", LOST)
def test_a_late_end_without_a_clock_is_an_end(said: datetime, ahead: float) -> None:
    session = came(charging(ahead), reading(500, 600 + ahead), 600)
    session = run(session, App().stop(QUOTE), expired("stop"))
    session = came(session, stopped(900, stopped_at=said), 2_000)
    assert (session.phase, session.energy_wh, session.proposed) == ("settling", 900, 100)


@pytest.mark.parametrize("said", LOST)
def test_a_car_does_not_idle_since_before_it_came(said: datetime) -> None:
    session = came(charging(HOUR), reading(500, 600 + HOUR), 600)
    event = ConnectorStatusChanged(status="SuspendedEV", changed_at=said)
    put = put_right(session, event, after(660))[1]
    assert isinstance(put, ConnectorStatusChanged)
    assert put.changed_at == after(600)


def test_a_time_at_the_start_is_none_that_was_lost() -> None:
    session = came(charging(HOUR), reading(500, 600 + HOUR), 600)
    assert came(session, stopped(500, HOUR), 900).stopped_at == NOON
