"""How sessions go: their ends, what is counted, what is asked of gateway, consumer and chain."""

from datetime import timedelta
from typing import Literal

import pytest

from sdk.events.charge_point import (
    ChargePointConnected,
    ChargePointDisconnected,
)
from sdk.events.charging import IdTagRevoked, StopRefused
from sdk.events.service import ChargingStatus, ServiceRejected, StopReason
from sdk.events.settlement import SettlementFailed
from sdk.events.station import SessionStopAccepted, SessionStopRefused, SessionStopRequested
from session_manager.session.effects import (
    Accept,
    Answer,
    Deliver,
    Execute,
    Order,
    Propose,
    Tell,
    WatchDeposit,
    chain_need,
)
from session_manager.session.machine import transition
from session_manager.session.state import Session
from session_manager.session.step import Step
from session_manager.session.table import SessionEvent
from tests.session_kit import (
    DEPOSIT,
    METER_START,
    NOON,
    QUOTE,
    SESSION_ID,
    SIGNED_QUOTE,
    TAG,
    TRANSACTION,
    App,
    accepted,
    approval,
    deposited,
    executed,
    expired,
    in_phase,
    last,
    offline,
    reading,
    run,
    started,
    stopped,
    voucher,
)

STOP = App().stop(QUOTE)
OPERATOR_STOP = SessionStopRequested()


def orders(step: Step) -> list[str]:
    return [effect.what for effect in step.effects if isinstance(effect, Order)]


def told(step: Step) -> list[ChargingStatus]:
    bodies = [effect.body for effect in step.effects if isinstance(effect, Tell)]
    return [body for body in bodies if isinstance(body, ChargingStatus)]


def test_a_whole_session_asks_for_each_thing_once() -> None:
    session, asked = Session(), []
    events: list[SessionEvent] = [
        App().service_request(SIGNED_QUOTE),
        deposited(),
        accepted(TAG),
        started(TAG),
        reading(3_000),
        voucher(3_000),
        STOP,
        stopped(3_500),
        approval(3_500),
        executed(3_500),
    ]
    for event in events:
        step = transition(session, event)
        asked += [effect for effect in step.effects if not isinstance(effect, Tell)]
        session = run(session, event)
    assert asked == [
        Accept(),
        Order("authorise"),
        Order("start"),
        Order("stop"),
        Order("revoke"),
        Propose(3_500),
        Deliver(),
    ]
    assert session.phase == "settled"
    assert session.stop_reason == "consumer"


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (STOP, "consumer"),
        (OPERATOR_STOP, "operator"),
        (reading(10_000, 120), "deposit_used_up"),
        (stopped(3_000), "charge_point"),
        (expired("voucher"), "voucher_overdue"),
        (expired("ends_by"), "ends_by"),
        (expired("offline"), "charge_point_offline"),
    ],
)
def test_every_end_of_charging_is_settled_at_the_price_of_the_meter(
    event: SessionEvent, reason: StopReason
) -> None:
    session = run(in_phase("charging"), event)
    if session.phase == "stopping":
        session = run(session, stopped(4_200))
    assert session.phase == "settling"
    assert session.stop_reason == reason
    assert session.proposed == session.cost
    final = session.proposed or 0
    session = run(session, approval(final), executed(final))
    assert (session.phase, session.executed and session.executed.spent) == ("settled", final)


def test_the_deposit_is_the_most_that_is_proposed() -> None:
    step = last(in_phase("charging"), reading(12_000, 120), stopped(12_500))
    assert Propose(DEPOSIT) in step.effects


def test_a_silent_consumer_pays_its_last_voucher() -> None:
    session = run(in_phase("charging"), expired("voucher"), stopped(3_000), expired("approval"))
    assert session.phase == "executing"
    assert session.payout == session.voucher
    assert session.payout is not None
    assert session.payout.spent == 2_000
    assert session.flags == ("last_voucher",)


def test_a_last_voucher_over_the_final_price_needs_no_flag() -> None:
    session = run(in_phase("charging"), voucher(3_000), stopped(3_000), expired("approval"))
    assert session.flags == ()


@pytest.mark.parametrize("spent", [1_999, 3_001])
def test_a_voucher_neither_falls_nor_exceeds_what_was_delivered(spent: int) -> None:
    step = transition(in_phase("charging"), voucher(spent))
    assert step.refused == "voucher_invalid"
    assert step.session == in_phase("charging")


def test_an_approval_of_another_price_is_refused() -> None:
    step = transition(in_phase("settling"), approval(2_999))
    assert step.refused == "voucher_invalid"


def test_a_short_deposit_is_given_back_at_the_deadline() -> None:
    waiting = run(in_phase("verifying"), deposited(999))
    assert (waiting.phase, waiting.deposit) == ("verifying", 999)
    assert run(waiting, deposited(1_000)).phase == "authorising"
    step = last(waiting, expired("deposit"), deposited(999))
    assert (step.session.phase, step.session.failure) == ("refunding", "deposit_short")
    assert step.session.closed
    assert orders(step) == []
    need = chain_need(step.session)
    assert isinstance(need, Execute)
    assert (need.voucher.spent, step.session.deposit) == (0, 999)


@pytest.mark.parametrize(
    ("event", "failure"),
    [(expired("deposit"), "deposit_missing"), (STOP, "stopped_before_start")],
)
def test_no_session_ends_unpaid_before_the_chain_was_looked_at_again(
    event: SessionEvent, failure: Literal["deposit_missing", "stopped_before_start"]
) -> None:
    assert chain_need(in_phase("verifying")) == WatchDeposit(last=False)
    session = run(in_phase("verifying"), event)
    assert session.phase == "verifying"
    assert session.timers == {}
    assert chain_need(session) == WatchDeposit(last=True)
    step = transition(session, deposited(0))
    rejected = ServiceRejected(session_id=SESSION_ID, reason=failure)
    assert Tell(rejected) in step.effects
    assert (step.session.phase, step.session.failure) == ("rejected", failure)
    assert chain_need(step.session) is None


def test_a_deposit_that_was_there_in_time_is_used_after_the_deadline() -> None:
    session = run(in_phase("verifying"), expired("deposit"), deposited())
    assert (session.phase, session.failure) == ("authorising", None)


def test_a_deposit_that_crosses_the_stop_is_given_back() -> None:
    session = run(in_phase("verifying"), STOP, deposited())
    assert (session.phase, session.failure) == ("refunding", "stopped_before_start")
    assert session.closed


def test_an_operator_is_answered_once() -> None:
    accepted = Answer(SessionStopAccepted(session_id=SESSION_ID))
    assert accepted in transition(in_phase("charging"), OPERATOR_STOP).effects
    assert accepted in transition(in_phase("starting"), OPERATOR_STOP).effects
    again = transition(in_phase("stopping"), OPERATOR_STOP)
    assert again.effects == (Answer(SessionStopRefused(reason="already_stopping")),)
    nothing = transition(in_phase("idle"), OPERATOR_STOP)
    assert nothing.effects == (Answer(SessionStopRefused(reason="no_session")),)


def test_a_failed_start_pays_back_only_once_nobody_can_start() -> None:
    session = in_phase("refunding")
    assert session.failure == "start_refused"
    assert chain_need(session) is None
    need = chain_need(run(session, IdTagRevoked(id_tag=TAG)))
    assert isinstance(need, Execute)
    assert need.voucher.spent == 0


def test_a_failed_start_pays_back_when_no_revocation_is_heard_of() -> None:
    assert chain_need(run(in_phase("refunding"), expired("close"))) is not None


def test_a_start_that_comes_too_late_is_stopped_before_the_refund() -> None:
    step = transition(in_phase("refunding"), started(TAG))
    assert orders(step) == ["stop"]
    assert step.session.transaction_id == TRANSACTION
    session = run(step.session, IdTagRevoked(id_tag=TAG))
    assert chain_need(session) is None
    session = run(session, stopped(100))
    assert chain_need(session) is not None
    assert session.flags == ("late_start",)
    assert session.cost == 0


def test_a_late_start_of_another_tag_is_none_of_the_session() -> None:
    step = transition(in_phase("refunding"), started("ABC"))
    assert step == Step(in_phase("refunding"))


def test_a_transaction_whose_tag_was_not_accepted_does_not_charge() -> None:
    step = transition(in_phase("starting"), started(TAG, id_tag_status="Invalid"))
    assert step.session.phase == "starting"


def test_the_last_good_reading_counts_after_a_regress() -> None:
    session = run(in_phase("charging"), reading(1, 120))
    assert session.energy_wh == 3_000
    assert session.flags == ("meter_regress",)
    assert run(session, reading(2, 130)).flags == ("meter_regress",)
    assert run(session, stopped(5)).proposed == 3_000


def test_readings_of_other_transactions_do_not_count() -> None:
    assert run(in_phase("charging"), reading(9_000, 120, transaction_id=8)).energy_wh == 3_000


def test_a_clock_that_was_set_back_costs_no_energy() -> None:
    session = run(in_phase("charging"), reading(4_000, 10))
    assert session.energy_wh == 4_000
    assert session.sampled_at == NOON + timedelta(seconds=60)
    assert run(session, reading(3_500, 5)).flags == ()
    assert run(session, reading(None, 5)) == session


def test_a_reading_keeps_what_it_does_not_tell() -> None:
    session = run(in_phase("charging"), reading(None, 120, power_w=None, soc_percent=41))
    assert (session.energy_wh, session.power_w, session.soc_percent) == (3_000, 11_000, 41)


def test_a_late_reading_changes_the_proposal_only_while_the_last_one_is_assumed() -> None:
    assumed = run(in_phase("stopping"), expired("stop"))
    assert assumed.flags == ("no_stop_transaction",)
    step = transition(assumed, reading(4_000, 4_000))
    assert Propose(4_000) in step.effects
    assert step.session.proposed == 4_000
    assert transition(in_phase("settling"), reading(4_000, 4_000)).effects == ()


def test_a_late_stop_replaces_the_reading_that_was_assumed() -> None:
    assumed = run(in_phase("stopping"), expired("stop"))
    assert Propose(5_000) in transition(assumed, stopped(5_000)).effects
    same = transition(assumed, stopped(3_000))
    assert not any(isinstance(effect, Propose) for effect in same.effects)
    assert same.session.stopped_at is not None
    assert transition(assumed, stopped(5_000, transaction_id=8)) == Step(assumed)


def test_a_stop_that_never_arrived_is_repeated_when_the_charge_point_is_back() -> None:
    away = ChargePointDisconnected(generation=1, reason="silent")
    back = ChargePointConnected(generation=2)
    refused = StopRefused(transaction_id=TRANSACTION, reason="offline")
    session = run(in_phase("stopping"), away, refused)
    step = transition(session, back)
    assert orders(step) == ["stop"]
    assert orders(transition(step.session, back)) == []


def test_a_stop_that_expired_on_the_way_is_repeated() -> None:
    expired_ = StopRefused(transaction_id=TRANSACTION, reason="expired")
    assert orders(transition(in_phase("stopping"), expired_)) == ["stop"]
    away = transition(offline(in_phase("stopping")), expired_)
    assert orders(away) == []
    assert away.session.stop_unsent


@pytest.mark.parametrize(("reason", "transaction"), [("rejected", TRANSACTION), ("offline", 8)])
def test_a_stop_that_arrived_is_not_repeated(reason: str, transaction: int) -> None:
    refused = StopRefused.model_validate({"transaction_id": transaction, "reason": reason})
    step = last(in_phase("stopping"), refused, ChargePointConnected(generation=2))
    assert orders(step) == []


def test_a_dispute_ends_as_the_session_was_going_to() -> None:
    session = run(in_phase("executing"), expired("execution"))
    assert session.recovering == "executing"
    assert isinstance(chain_need(session), Execute)
    assert run(session, executed(3_000)).recovering is None


def test_failed_payouts_are_told_once() -> None:
    failed = SettlementFailed(session_id=SESSION_ID, reason="chain_unavailable")
    step = transition(in_phase("executing"), failed)
    assert told(step)[0].flags == ("settlement_chain_unavailable",)
    assert transition(step.session, failed) == Step(step.session)


def test_what_moved_on_the_chain_is_what_the_end_tells() -> None:
    step = transition(in_phase("executing"), executed(3_000, deposit=11_000))
    status = told(step)[0]
    assert (status.phase, status.deposit, status.cost) == ("settled", 11_000, 3_000)


def test_a_consumer_is_told_each_change_and_nothing_twice() -> None:
    step = transition(in_phase("starting"), started(TAG))
    assert [status.phase for status in told(step)] == ["charging"]
    step = transition(step.session, reading(500))
    status = told(step)[0]
    assert (status.energy_wh, status.cost, status.remaining) == (500, 500, DEPOSIT - 500)
    assert status.meter_wh == METER_START + 500
    assert transition(step.session, reading(500)).effects == ()


def test_an_idle_session_has_no_terms() -> None:
    with pytest.raises(LookupError):
        _ = Session().terms
