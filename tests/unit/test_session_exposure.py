"""A charge point that is there and does not say what it delivers: how long it may go on."""

from datetime import timedelta
from typing import Any

import pytest

from sdk.tariff import Tariff
from session_manager.session.deadlines import next_deadline, rearm
from session_manager.session.effects import Order
from session_manager.session.machine import transition
from session_manager.session.state import Session
from session_manager.session.step import change
from session_manager.session.table import SessionEvent
from tests.session_kit import (
    DEPOSIT,
    LIMITS,
    NOON,
    QUOTE,
    TAG,
    App,
    approval,
    executed,
    expired,
    in_phase,
    offline,
    private,
    reading,
    run,
    started,
    stopped,
    voucher,
)

LIMIT = 220
WHOLE_POWER_S = 10
"""So long 22 kW take for the limit, at 1 unit for 1,000 J."""
HALF_POWER_S = 20


def at(session: Session, event: SessionEvent, seconds: float) -> Session:
    """Let an event come so many seconds after noon."""
    after = transition(session, event).session
    return rearm(session, after, LIMITS, NOON + timedelta(seconds=seconds))


def charging(limit: int | None = LIMIT, **terms: Any) -> Session:
    """One that began at noon and told no reading yet."""
    starting = in_phase("starting")
    changes = {"tariff": Tariff(per_kwh=3_600), "exposure_limit": limit}
    quote = starting.terms.model_copy(update=changes | terms)
    return at(change(starting, quote=quote), started(TAG), 0)


def silent_in(session: Session) -> float:
    return (session.timers["silent"] - NOON).total_seconds()


def test_who_tells_nothing_charges_until_the_limit_may_be_delivered() -> None:
    assert charging().terms.maximum_power_w == 22_000
    assert silent_in(charging()) == WHOLE_POWER_S
    assert silent_in(charging(2 * LIMIT)) == 2 * WHOLE_POWER_S
    assert silent_in(charging(maximum_power_w=11_000)) == HALF_POWER_S


def test_the_limit_comes_before_the_agreed_end() -> None:
    assert next_deadline(charging()) == (NOON + timedelta(seconds=WHOLE_POWER_S), "silent")


def test_time_that_costs_counts_too() -> None:
    tariff = Tariff(per_kwh=0, per_minute=60)
    assert silent_in(charging(30, tariff=tariff)) == pytest.approx(30, rel=0.01)


@pytest.mark.parametrize(
    "event",
    [
        reading(None, 5),
        reading(None, 5, power_w=22_000),
        reading(-1, 5),
        reading(-50_000, 5),
        reading(9, 5, transaction_id=8),
        reading(3, 1),
    ],
    ids=["power only", "full power", "1 Wh back", "reset", "another transaction", "late"],
)
def test_what_is_no_good_reading_gives_no_more_time(event: SessionEvent) -> None:
    session = at(charging(), reading(4, 2), 2)
    assert silent_in(session) == 2 + HALF_POWER_S
    again = at(session, event, 5)
    assert again.phase == "charging"
    assert silent_in(again) == 2 + HALF_POWER_S
    assert silent_in(at(again, event, 15)) == 2 + HALF_POWER_S


def test_a_good_reading_starts_it_anew_at_the_power_that_it_tells() -> None:
    session = at(charging(), reading(20, 9), 9)
    assert silent_in(session) == 9 + HALF_POWER_S
    session = at(session, reading(30, 28, power_w=22_000), 28)
    assert silent_in(session) == 28 + WHOLE_POWER_S


def test_a_car_that_is_full_is_heard_as_long_as_its_meter_is() -> None:
    session = charging()
    for seconds in range(5, 300, 5):
        session = at(session, reading(20, seconds, power_w=None), seconds)
    assert session.phase == "charging"
    assert silent_in(session) == 295 + WHOLE_POWER_S


def test_a_voucher_gives_no_more_time() -> None:
    session = at(charging(), reading(20, 5), 5)
    assert silent_in(at(session, voucher(session.cost), 15)) == 5 + HALF_POWER_S


def test_one_that_went_away_may_be_silent_no_longer() -> None:
    session = offline(at(charging(), reading(0, 5), 5))
    assert silent_in(session) == 5 + HALF_POWER_S
    assert session.timers["offline"] == NOON + timedelta(seconds=HALF_POWER_S)


def test_without_a_limit_nobody_is_silent_too_long() -> None:
    assert set(charging(None).timers) == {"ends_by"}


def test_a_test_without_money_may_be_silent() -> None:
    assert set(private().timers) == {"ends_by"}
    priced = private().terms.model_copy(update={"exposure_limit": LIMIT})
    assert "silent" not in run(change(private(), quote=priced), reading(500)).timers


@pytest.mark.parametrize("closes", [True, False])
def test_silence_stops_the_charging_and_what_was_told_is_settled(*, closes: bool) -> None:
    session = at(charging(), reading(20, 5), 5)
    step = transition(session, expired("silent"))
    assert step.session.stop_reason == "charge_point_offline"
    assert step.effects[0] == Order("stop")
    session = rearm(session, step.session, LIMITS, NOON)
    assert set(session.timers) == {"stop"}
    session = run(session, stopped(20, 30) if closes else expired("stop"))
    assert (session.phase, session.proposed) == ("settling", 72)
    session = run(session, approval(72), executed(72))
    assert (session.phase, session.stop_reason) == ("settled", "charge_point_offline")
    assert session.flags == (() if closes else ("no_stop_transaction",))
    assert session.deposit == DEPOSIT


def test_silence_means_nothing_once_the_charging_is_stopped() -> None:
    stopping = at(charging(), App().stop(QUOTE), 5)
    assert "silent" not in stopping.timers
