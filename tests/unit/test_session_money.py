"""Money while a session runs and after: time and idling, exposure, lost deposits, disputes."""

from datetime import timedelta
from decimal import Decimal
from typing import Any, Literal

import pytest

from sdk.events.charge_point import (
    ConnectorStatus,
    ConnectorStatusChanged,
)
from sdk.events.charging import IdTagRevoked
from sdk.events.service import Phase, QuoteOffered, StopReason
from sdk.events.settlement import DepositLost, RefundOpening
from sdk.events.station import DisputeDecision, DisputeResolveRefused, DisputeResolveRequested
from sdk.fields import MAX_AMOUNT
from sdk.tariff import Tariff
from session_manager.session.deadlines import DeadlineExpired, Limits, rearm, wanted_timers
from session_manager.session.effects import (
    Answer,
    Execute,
    GuardDeposit,
    Order,
    Propose,
    WatchPayout,
    chain_need,
)
from session_manager.session.machine import transition
from session_manager.session.payout import hand_over
from session_manager.session.state import Session
from session_manager.session.step import Step, change
from tests.session_kit import (
    DEPOSIT,
    LIMITS,
    NOON,
    SESSION_ID,
    SIGNED_QUOTE,
    TAG,
    App,
    accepted,
    approval,
    deposited,
    executed,
    expired,
    in_phase,
    last,
    offline,
    private,
    private_started,
    reading,
    run,
    started,
    stopped,
    voucher,
)

TOKEN = "0x" + "5" * 40
LOST = DepositLost(session_id=SESSION_ID, amount=0, block_number=3)
OPENING = RefundOpening(session_id=SESSION_ID, block_time=1)


def priced(tariff: Tariff, **fields: Any) -> Session:
    """A session that just began to charge, by another quote."""
    session = run(Session(), App().service_request(SIGNED_QUOTE))
    terms = session.terms.model_copy(update={"tariff": tariff, **fields})
    return run(change(session, quote=terms), deposited(), accepted(TAG), started(TAG))


def timed(**fields: Any) -> Session:
    """One that costs 10 a minute and nothing else, unless told otherwise."""
    return priced(Tariff.model_validate({"per_kwh": 0, "per_minute": 10} | fields))


def status(name: ConnectorStatus, seconds: float) -> ConnectorStatusChanged:
    return ConnectorStatusChanged(status=name, changed_at=NOON + timedelta(seconds=seconds))


def tick(seconds: float) -> DeadlineExpired:
    return DeadlineExpired("tick", NOON + timedelta(seconds=seconds))


def decided(decision: DisputeDecision) -> DisputeResolveRequested:
    return DisputeResolveRequested(session_id=SESSION_ID, decision=decision)


def orders(step: Step) -> list[str]:
    return [effect.what for effect in step.effects if isinstance(effect, Order)]


def test_a_price_that_rises_with_time_is_told_as_it_rises() -> None:
    session = timed()
    assert "tick" in session.timers
    step = transition(session, tick(90))
    assert (step.session.phase, step.session.cost) == ("charging", 15)
    assert step.effects, "it is told"
    again = run(session, tick(90), now=NOON + timedelta(seconds=90))
    assert again.timers["tick"] == NOON + timedelta(seconds=90 + LIMITS.tick)
    assert run(again, tick(30)).cost == 15, "time does not run backwards"


def test_nothing_ticks_where_time_costs_nothing_or_nobody_is_heard() -> None:
    assert "tick" not in in_phase("charging").timers
    assert "tick" not in offline(timed()).timers
    assert "tick" not in wanted_timers(in_phase("stopping"), LIMITS)


def test_time_alone_can_use_up_the_deposit() -> None:
    session = priced(Tariff(per_kwh=0, per_minute=10), exposure_limit=None)
    assert run(session, tick(60 * 999)).phase == "charging"
    step = transition(session, tick(60 * 1_000))
    assert (step.session.phase, step.session.stop_reason) == ("stopping", "deposit_used_up")
    assert orders(step) == ["stop"]


@pytest.mark.parametrize(("grace", "price"), [(0, 100), (3, 70), (10, 0), (11, 0)])
def test_idling_costs_beyond_its_grace(grace: int, price: int) -> None:
    session = timed(per_minute=0, idle_per_minute=10, idle_grace_minutes=grace)
    session = run(session, reading(1_000), status("SuspendedEV", 60), tick(660))
    assert session.cost == price


def test_a_car_that_goes_on_charging_no_longer_idles() -> None:
    session = timed(per_minute=0, idle_per_minute=10)
    session = run(session, reading(1_000), status("SuspendedEV", 60), tick(120))
    session = run(session, status("Charging", 180), tick(900))
    assert session.cost == 20
    session = run(session, status("Charging", 960), status("SuspendedEV", 1_200), tick(1_260))
    assert session.cost == 30
    assert run(session, stopped(1_000, 1_320)).proposed == 40


def test_a_car_that_has_not_charged_yet_does_not_idle() -> None:
    session = timed(per_minute=0, idle_per_minute=10)
    assert run(session, status("SuspendedEV", 10), reading(1, 600), tick(900)).cost == 0


def test_other_states_of_a_connector_say_nothing_of_idling() -> None:
    session = timed(per_minute=0, idle_per_minute=10)
    session = run(session, reading(1_000), status("SuspendedEVSE", 60), status("Finishing", 70))
    assert run(session, tick(600)).cost == 0


def test_the_true_end_takes_back_time_that_was_counted_beyond_it() -> None:
    session = run(timed(), tick(600), voucher(100))
    assert session.paid == 100
    session = run(session, stopped(0, 300))
    assert session.proposed == 50
    assert run(session, approval(50)).payout == run(session, approval(50)).voucher
    assert run(session, approval(50)).paid == 50, "less than the voucher, as both agreed"


def test_without_a_last_reading_time_counts_to_the_last_good_one() -> None:
    session = run(timed(), reading(100, 120), tick(600), expired("ends_by"))
    assert session.cost == 100
    session = run(session, expired("stop"))
    assert (session.proposed, session.flags) == (20, ("no_stop_transaction",))
    assert run(session, stopped(100, 180)).proposed == 30


def test_a_session_of_more_than_one_price_tells_its_usage() -> None:
    step = transition(timed(), reading(100))
    usages = [getattr(effect, "body", None) for effect in step.effects]
    assert [body.usage for body in usages if body is not None] == [step.session.usage]


@pytest.mark.parametrize(("limit", "phase"), [(2_999, "stopping"), (3_000, "charging")])
def test_nobody_is_delivered_more_than_the_exposure_limit(limit: int, phase: Phase) -> None:
    session = priced(Tariff(per_kwh=1_000), exposure_limit=limit)
    session = run(session, reading(3_000))
    assert session.phase == phase
    if phase == "stopping":
        assert session.stop_reason == "voucher_overdue"


def test_what_a_voucher_covers_is_no_exposure() -> None:
    session = priced(Tariff(per_kwh=1_000), exposure_limit=1_000)
    session = run(session, reading(1_000), voucher(1_000), reading(2_000, 120))
    assert session.phase == "charging"
    assert run(session, reading(2_001, 130)).phase == "stopping"


def affordable(session: Session, limits: Limits = LIMITS) -> Any:
    return wanted_timers(offline(session), limits)["offline"]


def test_who_is_not_heard_may_charge_until_the_exposure_limit() -> None:
    rising = priced(Tariff(per_kwh=3_600), exposure_limit=100)
    assert affordable(run(rising, reading(0, power_w=10_000))) == pytest.approx(10, rel=0.01)
    owing = run(rising, reading(20, power_w=10_000))
    assert owing.owed == 72
    assert affordable(owing) == pytest.approx(2.8, rel=0.01)
    assert affordable(priced(Tariff(per_kwh=1), exposure_limit=100)) == LIMITS.offline


def test_a_limit_that_the_price_never_reaches_still_has_a_moment() -> None:
    session = priced(Tariff(per_kwh=1), exposure_limit=MAX_AMOUNT)
    assert run(session, reading(1_000)).phase == "charging"
    after = transition(session, reading(1_000)).session
    assert rearm(session, after, LIMITS, NOON).timers["silent"] > NOON


def test_who_never_told_its_power_is_taken_to_use_all_of_it() -> None:
    session = priced(Tariff(per_kwh=3_600), exposure_limit=220)
    assert session.terms.maximum_power_w == 22_000
    assert affordable(session) == pytest.approx(10, rel=0.01)


def test_without_a_limit_the_longest_time_holds() -> None:
    assert affordable(priced(Tariff(per_kwh=10**9), exposure_limit=None)) == LIMITS.offline
    assert affordable(private()) == LIMITS.offline


def test_time_that_costs_counts_while_nobody_is_heard() -> None:
    session = priced(Tariff(per_kwh=0, per_minute=60), exposure_limit=30)
    assert affordable(session) == pytest.approx(30, rel=0.01)


def test_a_connector_that_is_free_ends_the_charging() -> None:
    step = transition(in_phase("charging"), status("Available", 100))
    assert (step.session.phase, step.session.stop_reason) == ("stopping", "charge_point")
    assert transition(step.session, status("Available", 101)).session == step.session
    assert run(step.session, expired("stop")).proposed == 3_000


@pytest.mark.parametrize("phase", ["authorising", "starting"])
def test_a_deposit_that_is_lost_before_charging_ends_the_session(phase: Phase) -> None:
    step = transition(in_phase(phase), LOST)
    session = step.session
    assert (session.phase, session.failure, session.deposit) == ("refunding", "deposit_lost", 0)
    assert orders(step) == ["revoke"]
    need = chain_need(run(session, IdTagRevoked(id_tag=TAG)))
    assert isinstance(need, Execute), "it is given back if it comes back"
    assert need.voucher.spent == 0


def test_a_deposit_that_is_lost_while_charging_stops_it_and_what_is_owed_stays_owed() -> None:
    step = transition(in_phase("charging"), LOST)
    assert (step.session.phase, step.session.stop_reason) == ("stopping", "deposit_lost")
    assert orders(step) == ["stop"]
    assert step.session.flags == ("deposit_lost",)
    assert run(step.session, stopped(3_200)).proposed == 3_200


@pytest.mark.parametrize("phase", ["stopping", "settling", "executing", "refunding", "disputed"])
def test_a_deposit_that_is_lost_later_is_noted(phase: Phase) -> None:
    session = run(in_phase(phase), LOST)
    assert session.phase == phase
    assert session.flags == ("deposit_lost",)
    assert run(session, LOST).flags == ("deposit_lost",)


@pytest.mark.parametrize("phase", ["charging", "stopping", "settling"])
def test_a_deposit_that_is_still_there_changes_nothing(phase: Phase) -> None:
    there = DepositLost(session_id=SESSION_ID, amount=DEPOSIT, block_number=3)
    assert transition(in_phase(phase), there) == Step(in_phase(phase))


@pytest.mark.parametrize("phase", ["idle", "verifying", "settled", "refunded", "rejected"])
def test_a_lost_deposit_means_nothing_where_none_is_needed(phase: Phase) -> None:
    assert transition(in_phase(phase), LOST) == Step(in_phase(phase))


@pytest.mark.parametrize(
    ("phase", "ordered", "reason"),
    [
        ("charging", ["stop", "revoke"], "refund_opening"),
        ("stopping", ["stop", "revoke"], "consumer"),
        ("settling", [], "consumer"),
    ],
)
def test_a_wallet_pays_the_last_voucher_before_the_refund_opens(
    phase: Phase, ordered: list[str], reason: StopReason
) -> None:
    step = transition(in_phase(phase), OPENING)
    session = step.session
    assert (session.phase, session.stop_reason) == ("executing", reason)
    assert orders(step) == ordered
    assert session.payout is not None
    assert (session.payout.spent, session.flags) == (2_000, ("last_voucher",))
    assert isinstance(chain_need(session), Execute)


@pytest.mark.parametrize("phase", ["verifying", "executing", "refunding"])
def test_a_refund_that_opens_changes_nothing_that_ends_anyway(phase: Phase) -> None:
    assert transition(in_phase(phase), OPENING) == Step(in_phase(phase))


@pytest.mark.parametrize(
    ("phase", "guarded"),
    [
        ("verifying", False),
        ("authorising", True),
        ("starting", True),
        ("charging", True),
        ("stopping", True),
        ("settling", True),
        ("executing", False),
        ("settled", False),
    ],
)
def test_a_deposit_is_guarded_until_it_is_paid_out(phase: Phase, *, guarded: bool) -> None:
    assert (chain_need(in_phase(phase)) == GuardDeposit(DEPOSIT)) == guarded


@pytest.mark.parametrize("token", [None, TOKEN])
def test_a_payout_below_the_limit_is_left_to_the_driver(token: str | None) -> None:
    session = in_phase("executing")
    if token is not None:
        session = change(session, quote=session.terms.model_copy(update={"token": token}))
    assert hand_over(session, 0) is None
    assert hand_over(session, 3_000) is None
    step = hand_over(session, 3_001)
    if token is not None:
        assert step is None, "nobody knows what a token is worth"
        return
    assert step is not None
    assert step.effects == (Propose(3_000),)
    assert (step.session.released, chain_need(step.session)) == (True, WatchPayout())
    assert wanted_timers(step.session, LIMITS) == {}
    assert hand_over(step.session, 3_001) is None


@pytest.mark.parametrize("token", [None, TOKEN])
def test_a_refund_is_left_to_the_driver_once_nobody_can_start(token: str | None) -> None:
    session = in_phase("refunding")
    if token is not None:
        session = change(session, quote=session.terms.model_copy(update={"token": token}))
    assert hand_over(session, 1) is None
    step = hand_over(run(session, expired("close")), 1)
    assert step is not None
    assert step.effects == (Propose(0),)
    assert run(step.session, executed(0)).phase == "refunded"


@pytest.mark.parametrize(
    "phase", ["idle", "verifying", "charging", "settling", "disputed", "settled"]
)
def test_only_a_payout_is_handed_over(phase: Phase) -> None:
    assert hand_over(in_phase(phase), 10**9) is None


def test_a_dispute_that_is_tried_again_is_another_need() -> None:
    disputed = in_phase("disputed")
    step = transition(disputed, decided("retry"))
    assert step.session.phase == "disputed"
    before, after = chain_need(disputed), chain_need(step.session)
    assert isinstance(before, Execute)
    assert isinstance(after, Execute)
    assert before != after
    assert before.voucher == after.voucher
    assert isinstance(step.effects[0], Answer)


def test_a_dispute_that_is_given_back_pays_voucher_0() -> None:
    session = run(in_phase("disputed"), decided("refund"))
    need = chain_need(session)
    assert isinstance(need, Execute)
    assert need.voucher.spent == 0
    assert run(session, executed(0)).phase == "refunded"
    without = change(in_phase("disputed"), zero=None)
    step = transition(without, decided("refund"))
    refused = DisputeResolveRefused(session_id=SESSION_ID, reason="no_voucher")
    assert step == Step(without, (Answer(refused),))


@pytest.mark.parametrize(("deposit", "end"), [(DEPOSIT, "refunded"), (0, "rejected")])
def test_a_dispute_that_is_written_off_is_over(
    deposit: int, end: Literal["refunded", "rejected"]
) -> None:
    session = run(change(in_phase("disputed"), deposit=deposit), decided("write_off"))
    assert (session.phase, session.flags) == (end, ("written_off",))
    assert chain_need(session) is None


@pytest.mark.parametrize("phase", ["charging", "executing", "settled"])
def test_what_is_no_dispute_is_not_resolved(phase: Phase) -> None:
    step = transition(in_phase(phase), decided("retry"))
    refused = DisputeResolveRefused(session_id=SESSION_ID, reason="no_dispute")
    assert step == Step(in_phase(phase), (Answer(refused),))


def test_the_drivers_own_refund_is_told_apart() -> None:
    session = run(in_phase("executing"), executed(0))
    assert (session.phase, session.flags) == ("refunded", ("refunded_by_driver",))


def test_a_test_without_money_costs_nothing_and_needs_no_chain() -> None:
    session = run(private(), reading(20_000, 120))
    assert (session.phase, session.cost, session.flags) == ("charging", 0, ("private",))
    assert (session.energy_wh, chain_need(session)) == (20_000, None)
    assert set(session.timers) == {"ends_by"}
    step = transition(session, stopped(20_000))
    assert (step.session.phase, step.session.stop_reason) == ("settled", "charge_point")
    assert orders(step) == [], "the operator's own idTag stays"


def test_a_test_without_money_ends_also_where_the_charge_point_says_nothing() -> None:
    session = run(private(), reading(1_000), expired("ends_by"))
    assert session.phase == "stopping"
    step = transition(session, expired("stop"))
    assert step.session.phase == "settled"
    assert orders(step) == []
    assert run(step.session, private_started(9)).transaction_id == 9


def test_what_comes_after_the_price_is_noted_once() -> None:
    assumed = run(in_phase("stopping"), expired("stop"), approval(3_000))
    session = run(assumed, stopped(4_500))
    assert (session.unbilled_wh, session.cost) == (1_500, 3_000)
    assert set(session.flags) == {"no_stop_transaction", "unbilled"}
    assert run(session, stopped(9_000)) == session
    assert run(assumed, stopped(4_500, transaction_id=8)) == assumed
    assert run(assumed, stopped(3_000)).unbilled_wh == 0


def test_what_comes_after_a_handover_is_noted_too() -> None:
    assumed = run(in_phase("stopping"), expired("stop"), approval(3_000))
    step = hand_over(assumed, 10**9)
    assert step is not None
    assert run(step.session, stopped(4_500)).unbilled_wh == 1_500


def test_a_meter_that_falls_or_begins_anew_bills_nothing_twice() -> None:
    session = run(in_phase("charging"), reading(-49_000, 120))
    assert (session.energy_wh, session.flags) == (3_000, ("meter_regress",))
    session = run(session, reading(-48_000, 180), reading(3_400, 240))
    assert session.energy_wh == 3_400, "only what exceeds the last good reading"
    assert last(session, stopped(-47_000)).session.proposed == 3_400


def test_a_deposit_bounds_every_price() -> None:
    dear = priced(Tariff(per_kwh=1_000, minimum=50_000, tax_percent=Decimal(19)))
    session = run(dear, reading(1))
    assert (session.cost, session.phase) == (DEPOSIT, "stopping")
    assert isinstance(session.terms, QuoteOffered)
