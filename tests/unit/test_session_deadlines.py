"""When timers start, run on, and stop."""

from datetime import UTC, datetime, timedelta

import pytest

from sdk.events.service import Phase
from session_manager.session.deadlines import (
    CATCH_UP_S,
    Limits,
    next_deadline,
    rearm,
    taken_over,
)
from session_manager.session.machine import transition
from session_manager.session.state import Session, Timer
from session_manager.session.table import SessionEvent
from tests.session_kit import (
    LIMITS,
    NOON,
    QUOTE,
    App,
    expired,
    in_phase,
    offline,
    reading,
    run,
    voucher,
)

ENDS_BY = datetime.fromtimestamp(QUOTE.ends_by, tz=UTC)


def at(session: Session, event: SessionEvent, seconds: float) -> Session:
    """Let an event come so many seconds after noon."""
    after = transition(session, event).session
    return rearm(session, after, LIMITS, NOON + timedelta(seconds=seconds))


def due_in(session: Session, timer: Timer) -> float:
    return (session.timers[timer] - NOON).total_seconds()


@pytest.mark.parametrize(
    ("phase", "timer", "seconds"),
    [
        ("verifying", "deposit", LIMITS.deposit),
        ("authorising", "authorise", LIMITS.authorise),
        ("starting", "start", LIMITS.start),
        ("stopping", "stop", LIMITS.stop),
        ("settling", "approval", LIMITS.approval),
        ("executing", "execution", LIMITS.execution),
        ("refunding", "close", LIMITS.close),
        ("refunding", "execution", LIMITS.execution),
    ],
)
def test_each_phase_has_its_timer(phase: Phase, timer: Timer, seconds: float) -> None:
    assert due_in(in_phase(phase), timer) == seconds


@pytest.mark.parametrize("phase", ["idle", "settled", "refunded", "rejected", "disputed"])
def test_nothing_runs_out_for_a_session_that_is_over(phase: Phase) -> None:
    assert in_phase(phase).timers == {}
    assert next_deadline(in_phase(phase)) is None


def test_charging_ends_by_what_the_quote_says() -> None:
    assert in_phase("charging").timers["ends_by"] == ENDS_BY


def test_the_earliest_timer_is_the_next() -> None:
    assert next_deadline(in_phase("refunding")) == (NOON + timedelta(seconds=30), "close")


def test_a_timer_keeps_its_moment_within_a_phase() -> None:
    session = at(in_phase("stopping"), reading(3_200, 120), 50)
    assert due_in(session, "stop") == LIMITS.stop


def test_a_timer_starts_anew_in_the_next_phase() -> None:
    session = at(in_phase("charging"), App().stop(QUOTE), 50)
    assert due_in(session, "stop") == 50 + LIMITS.stop


def test_a_voucher_is_awaited_from_an_exposure_step_on() -> None:
    paid = run(in_phase("charging"), voucher(3_000))
    assert "voucher" not in paid.timers
    assert "voucher" not in at(paid, reading(3_499, 70), 10).timers
    assert due_in(at(paid, reading(3_500, 70), 10), "voucher") == 10 + LIMITS.voucher


def test_a_consumer_that_pays_what_was_owed_has_time_again() -> None:
    session = run(in_phase("charging"), voucher(3_000))
    session = at(session, reading(3_600, 70), 10)
    session = at(session, reading(4_400, 80), 20)
    assert due_in(session, "voucher") == 10 + LIMITS.voucher
    session = at(session, voucher(3_600), 30)
    assert session.owed == 800
    assert due_in(session, "voucher") == 30 + LIMITS.voucher


def test_a_consumer_that_pays_a_little_gains_no_time() -> None:
    session = run(in_phase("charging"), voucher(3_000))
    session = at(session, reading(3_600, 70), 10)
    session = at(session, voucher(3_050), 40)
    assert due_in(session, "voucher") == 10 + LIMITS.voucher


def test_a_station_that_trusts_nobody_awaits_a_voucher_for_anything() -> None:
    session = in_phase("charging")
    quote = session.terms.model_copy(update={"exposure_step": 0})
    free = session.model_copy(update={"quote": quote, "due": None, "timers": {}})
    paid = run(free, voucher(3_000))
    assert "voucher" not in paid.timers
    assert "voucher" in run(paid, reading(3_001, 70)).timers


def test_only_a_charge_point_that_is_away_can_stay_away() -> None:
    assert "offline" not in in_phase("charging").timers
    assert due_in(offline(in_phase("charging")), "offline") == LIMITS.offline


def test_a_refund_no_longer_waits_for_what_is_closed() -> None:
    assert set(run(in_phase("refunding"), expired("close")).timers) == {"execution"}


def test_limits_are_what_the_settings_say() -> None:
    session = rearm(Session(), in_phase("settling"), Limits(approval=5), NOON)
    assert due_in(session, "approval") == 5


def test_a_new_owner_reads_before_it_lets_anything_run_out() -> None:
    late = NOON + timedelta(days=1)
    phases: tuple[Phase, ...] = ("stopping", "refunding", "starting")
    for phase in phases:
        for at_ in taken_over(in_phase(phase), LIMITS, late).timers.values():
            assert at_ == late + timedelta(seconds=CATCH_UP_S)
    soon = taken_over(in_phase("stopping"), LIMITS, NOON)
    assert soon.timers == in_phase("stopping").timers


def test_a_consumer_that_could_not_be_heard_gets_its_whole_time() -> None:
    late = NOON + timedelta(days=1)
    charging = taken_over(in_phase("charging"), LIMITS, late)
    assert charging.timers["voucher"] == late + timedelta(seconds=LIMITS.voucher)
    settling = taken_over(in_phase("settling"), LIMITS, late)
    assert settling.timers["approval"] == late + timedelta(seconds=LIMITS.approval)
