"""The table as a whole: every pair is decided, every row leads where it says."""

from datetime import timedelta
from itertools import product
from typing import Any, get_args

import pytest

from sdk.events.charge_point import (
    ChargePointConnected,
    ChargePointDisconnected,
    ConnectorStatusChanged,
)
from sdk.events.charging import (
    CommandOutcomeUnknown,
    IdTagRefused,
    IdTagRevoked,
    StartRefused,
    StopRefused,
)
from sdk.events.service import Phase
from sdk.events.settlement import DepositLost, RefundOpening, SettlementFailed
from sdk.events.station import DisputeDecision, DisputeResolveRequested, SessionStopRequested
from session_manager.session import table
from session_manager.session.machine import UnreachablePhaseError, transition
from session_manager.session.state import FREE, Session, Timer
from session_manager.session.step import Step, change
from session_manager.session.table import (
    EVENTS,
    IGNORED,
    PHASES,
    REFUSED,
    Row,
    SessionEvent,
    rows,
)
from tests.session_kit import (
    DEPOSIT,
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
    private,
    private_started,
    reading,
    run,
    started,
    stopped,
    voucher,
)

OPERATOR_STOP = SessionStopRequested()
STOP = App().stop(QUOTE)
SERVICE = App().service_request(SIGNED_QUOTE)
CONNECTED = ChargePointConnected(generation=2)
DISCONNECTED = ChargePointDisconnected(generation=1, reason="silent")
UNKNOWN = CommandOutcomeUnknown(command="StartCharging")
FAULTED = ConnectorStatusChanged(status="Faulted", changed_at=NOON)
CHARGING = ConnectorStatusChanged(status="Charging", changed_at=NOON)
AVAILABLE = ConnectorStatusChanged(status="Available", changed_at=NOON + timedelta(seconds=1))
LOST = DepositLost(session_id=SESSION_ID, amount=0, block_number=3)
NOT_LOST = DepositLost(session_id=SESSION_ID, amount=DEPOSIT, block_number=3)
OPENING = RefundOpening(session_id=SESSION_ID, block_time=1)
FAILED = SettlementFailed(session_id=SESSION_ID, reason="reverted")
OTHER_TAG = "NR0000000000000000"
STOP_REFUSED = StopRefused(transaction_id=TRANSACTION, reason="rejected")


def tag_refused(tag: str) -> IdTagRefused:
    return IdTagRefused(id_tag=tag, reason="rejected")


def start_refused(tag: str) -> StartRefused:
    return StartRefused(id_tag=tag, reason="rejected")


def decided(decision: DisputeDecision) -> DisputeResolveRequested:
    return DisputeResolveRequested(session_id=SESSION_ID, decision=decision)


def reorganised() -> Session:
    return change(disputed_refund(), deposit=0)


def lacking_deposit() -> Session:
    return run(in_phase("verifying"), expired("deposit"))


def disputed_refund() -> Session:
    return run(in_phase("refunding"), expired("execution"))


CASES: list[tuple[Phase | Session, SessionEvent, Phase]] = [
    *((free, private_started(), "charging") for free in FREE),
    ("idle", SERVICE, "verifying"),
    ("settled", SERVICE, "verifying"),
    ("refunded", SERVICE, "verifying"),
    ("rejected", SERVICE, "verifying"),
    ("verifying", deposited(0), "verifying"),
    ("verifying", deposited(), "authorising"),
    ("verifying", deposited(999), "verifying"),
    (lacking_deposit(), deposited(999), "refunding"),
    (lacking_deposit(), deposited(0), "rejected"),
    ("verifying", expired("deposit"), "verifying"),
    ("verifying", STOP, "verifying"),
    ("verifying", OPERATOR_STOP, "verifying"),
    ("authorising", accepted(TAG), "starting"),
    ("authorising", accepted(OTHER_TAG), "authorising"),
    ("authorising", tag_refused(TAG), "refunding"),
    ("authorising", tag_refused(OTHER_TAG), "authorising"),
    ("authorising", expired("authorise"), "refunding"),
    ("authorising", UNKNOWN, "authorising"),
    ("authorising", LOST, "refunding"),
    ("starting", LOST, "refunding"),
    ("authorising", FAULTED, "refunding"),
    ("authorising", CHARGING, "authorising"),
    ("authorising", STOP, "refunding"),
    ("authorising", OPERATOR_STOP, "refunding"),
    ("starting", started(TAG), "charging"),
    ("starting", started(OTHER_TAG), "starting"),
    ("starting", start_refused(TAG), "refunding"),
    ("starting", start_refused(OTHER_TAG), "starting"),
    ("starting", expired("start"), "refunding"),
    ("starting", UNKNOWN, "starting"),
    ("starting", FAULTED, "refunding"),
    ("starting", CHARGING, "starting"),
    ("starting", STOP, "refunding"),
    ("starting", OPERATOR_STOP, "refunding"),
    ("charging", reading(4_000, 120), "charging"),
    ("charging", reading(10_000, 120), "stopping"),
    ("charging", reading(7_500, 120), "stopping"),
    ("charging", expired("tick"), "charging"),
    ("charging", CHARGING, "charging"),
    ("charging", AVAILABLE, "stopping"),
    ("charging", LOST, "stopping"),
    ("charging", NOT_LOST, "charging"),
    ("charging", OPENING, "executing"),
    (private(), stopped(4_000), "settled"),
    ("charging", voucher(3_000), "charging"),
    ("charging", expired("voucher"), "stopping"),
    ("charging", STOP, "stopping"),
    ("charging", OPERATOR_STOP, "stopping"),
    ("charging", stopped(4_000), "settling"),
    ("charging", stopped(4_000, transaction_id=8), "charging"),
    ("charging", DISCONNECTED, "charging"),
    ("charging", CONNECTED, "charging"),
    ("stopping", reading(4_000, 120), "stopping"),
    ("stopping", voucher(3_000), "stopping"),
    ("stopping", CHARGING, "stopping"),
    ("stopping", LOST, "stopping"),
    ("stopping", OPENING, "executing"),
    (run(private(), OPERATOR_STOP), stopped(4_000), "settled"),
    (run(private(), OPERATOR_STOP), expired("stop"), "settled"),
    ("stopping", stopped(4_000), "settling"),
    ("stopping", stopped(4_000, transaction_id=8), "stopping"),
    ("stopping", expired("stop"), "settling"),
    ("stopping", STOP_REFUSED, "stopping"),
    ("stopping", UNKNOWN, "stopping"),
    ("stopping", DISCONNECTED, "stopping"),
    ("stopping", CONNECTED, "stopping"),
    ("stopping", OPERATOR_STOP, "stopping"),
    ("settling", reading(4_000, 4_000), "settling"),
    ("settling", stopped(4_000), "settling"),
    ("settling", LOST, "settling"),
    ("settling", OPENING, "executing"),
    ("settling", voucher(2_500), "settling"),
    ("settling", voucher(3_000), "executing"),
    ("settling", approval(2_500), "settling"),
    ("settling", approval(3_000), "executing"),
    ("settling", expired("approval"), "executing"),
    ("settling", OPERATOR_STOP, "settling"),
    ("executing", expired("execution"), "disputed"),
    ("executing", executed(3_000), "settled"),
    ("executing", executed(0), "refunded"),
    ("executing", stopped(5_000), "executing"),
    ("executing", LOST, "executing"),
    ("executing", FAILED, "executing"),
    ("executing", OPERATOR_STOP, "executing"),
    ("refunding", expired("close"), "refunding"),
    ("refunding", expired("execution"), "disputed"),
    ("refunding", IdTagRevoked(id_tag=TAG), "refunding"),
    ("refunding", started(TAG), "refunding"),
    ("refunding", stopped(0), "refunding"),
    ("refunding", LOST, "refunding"),
    ("refunding", executed(0), "refunded"),
    ("authorising", RefundOpening(session_id=SESSION_ID, block_time=1), "refunding"),
    ("starting", RefundOpening(session_id=SESSION_ID, block_time=1), "refunding"),
    ("refunding", executed(1), "settled"),
    ("refunding", FAILED, "refunding"),
    ("refunding", OPERATOR_STOP, "refunding"),
    ("disputed", executed(3_000), "settled"),
    (disputed_refund(), executed(0), "refunded"),
    ("disputed", FAILED, "disputed"),
    ("disputed", stopped(5_000), "disputed"),
    ("disputed", LOST, "disputed"),
    ("disputed", decided("retry"), "disputed"),
    ("disputed", decided("write_off"), "refunded"),
    (reorganised(), decided("write_off"), "rejected"),
]


def _before(given: Phase | Session) -> Session:
    return in_phase(given) if isinstance(given, str) else given


def _name(case: tuple[Phase | Session, SessionEvent, Phase]) -> str:
    return f"{_before(case[0]).phase}-{type(case[1]).__name__}-{case[2]}"


def test_every_pair_of_phase_and_event_is_decided_exactly_once() -> None:
    decided = set(rows())
    ignored = {(phase, event) for event, phases in IGNORED.items() for phase in phases}
    refused = {(phase, event) for event, phases in REFUSED.items() for phase in phases}
    assert not decided & ignored
    assert not decided & refused
    assert not ignored & refused
    assert decided | ignored | refused == set(product(PHASES, EVENTS))


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_a_row_leads_where_it_should(case: tuple[Phase | Session, SessionEvent, Phase]) -> None:
    given, event, phase = case
    assert transition(_before(given), event).session.phase == phase


def test_every_phase_that_a_row_names_is_reached_by_a_case() -> None:
    tried = {(_before(given).phase, type(event), phase) for given, event, phase in CASES}
    named = {
        (phase, event, reached)
        for (phase, event), row in rows().items()
        for reached in row.may_reach
    }
    assert tried == named


def test_what_is_ignored_changes_nothing_and_says_nothing() -> None:
    samples = {type(event): event for _, event, _ in CASES}
    for kind, phases in IGNORED.items():
        event = samples.get(kind)
        for phase in phases if event is not None else ():
            assert event is not None
            assert transition(in_phase(phase), event) == Step(in_phase(phase))


def test_what_is_refused_changes_nothing_and_says_so() -> None:
    samples = {type(event): event for _, event, _ in CASES}
    for kind, phases in REFUSED.items():
        for phase in phases:
            step = transition(in_phase(phase), samples[kind])
            assert step.session == in_phase(phase)
            assert bool(step.refused) != bool(step.effects)


def test_a_rule_that_leads_elsewhere_than_its_row_says_is_a_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def astray(session: Session, _: object) -> Step:
        return Step(change(session, phase="settled"))

    pair: tuple[Phase, type[Any]] = ("charging", type(STOP))
    monkeypatch.setitem(table._TABLE, pair, Row(astray, frozenset({"stopping"})))
    with pytest.raises(UnreachablePhaseError):
        transition(in_phase("charging"), STOP)


def test_a_forgotten_pair_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(table._TABLE, ("charging", type(STOP)))
    with pytest.raises(KeyError):
        transition(in_phase("charging"), STOP)


def test_no_pair_has_two_rows() -> None:
    with pytest.raises(ValueError, match="two rows"):
        table._row("charging", type(STOP), "stopping", lambda session, _: Step(session))


def test_every_timer_that_can_run_out_is_handled_where_it_runs() -> None:
    running: dict[Phase, tuple[Timer, ...]] = {
        "verifying": ("deposit",),
        "authorising": ("authorise",),
        "starting": ("start",),
        "charging": ("voucher", "ends_by", "offline", "silent", "tick"),
        "stopping": ("stop",),
        "settling": ("approval",),
        "executing": ("execution",),
        "refunding": ("close", "execution"),
    }
    assert {timer for timers in running.values() for timer in timers} == set(get_args(Timer))
    for phase, timers in running.items():
        for timer in timers:
            after = run(in_phase(phase), expired(timer))
            assert timer not in after.timers, f"{timer} in {phase} would run out for ever"


def test_a_charging_session_never_costs_more_than_its_deposit() -> None:
    after = run(in_phase("charging"), reading(10_000_000, 120))
    assert after.cost == DEPOSIT
    assert after.energy_wh == 10_000_000
