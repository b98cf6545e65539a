"""The session machine's table: one row per phase and event.

Two laws. Whatever changes a session is a row of this table, and a pair of phase and event
that is neither a row nor listed as ignored or refused is an error. A rule may only reach the
phases that its row names.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar, cast, get_args

from sdk.events.charge_point import (
    ChargePointBooted,
    ChargePointConnected,
    ChargePointDisconnected,
    ConnectorStatusChanged,
)
from sdk.events.charging import (
    ChargingStarted,
    ChargingStopped,
    CommandOutcomeUnknown,
    IdTagAccepted,
    IdTagRefused,
    IdTagRevoked,
    MeterValueReported,
    StartRefused,
    StopRefused,
)
from sdk.events.service import Phase, ServiceRequested, StopRequested
from sdk.events.settlement import (
    DepositConfirmed,
    DepositLost,
    RefundOpening,
    SettlementApproved,
    SettlementExecuted,
    SettlementFailed,
    VoucherReceived,
)
from sdk.events.station import DisputeResolveRequested, SessionStopRequested
from session_manager.session import before_charging as before
from session_manager.session import payout
from session_manager.session import while_charging as charging
from session_manager.session.deadlines import DeadlineExpired
from session_manager.session.private import PrivateStarted
from session_manager.session.state import FREE, PAYING, Session
from session_manager.session.step import Step

PHASES: tuple[Phase, ...] = get_args(Phase)

SessionEvent = (
    ServiceRequested
    | StopRequested
    | SessionStopRequested
    | VoucherReceived
    | SettlementApproved
    | DepositConfirmed
    | DepositLost
    | RefundOpening
    | PrivateStarted
    | DisputeResolveRequested
    | IdTagAccepted
    | IdTagRefused
    | IdTagRevoked
    | ChargingStarted
    | StartRefused
    | MeterValueReported
    | ChargingStopped
    | StopRefused
    | CommandOutcomeUnknown
    | ChargePointConnected
    | ChargePointBooted
    | ChargePointDisconnected
    | ConnectorStatusChanged
    | SettlementExecuted
    | SettlementFailed
    | DeadlineExpired
)
EVENTS: tuple[type[Any], ...] = get_args(SessionEvent)

E = TypeVar("E")
Rule = Callable[[Session, Any], Step]


@dataclass(frozen=True, slots=True)
class Row:
    """What happens on one event in one phase, and where it may lead."""

    rule: Rule
    may_reach: frozenset[Phase]


_TABLE: dict[tuple[Phase, type[Any]], Row] = {}


def _row(
    phases: Phase | Iterable[Phase],
    event: type[E],
    may_reach: Phase | Iterable[Phase],
    rule: Callable[[Session, E], Step],
) -> None:
    reached = frozenset(_phases(may_reach))
    for phase in _phases(phases):
        if (phase, event) in _TABLE:
            raise ValueError(f"two rows for {phase} on {event.__name__}")
        _TABLE[phase, event] = Row(cast("Rule", rule), reached)


def _stay(
    phases: Iterable[Phase],
    event: type[E],
    rule: Callable[[Session, E], Step],
    *or_reach: Phase,
) -> None:
    """Add a row for each of `phases`, which stays in it unless it reaches one of `or_reach`."""
    for phase in phases:
        _row(phase, event, (phase, *or_reach), rule)


def _phases(given: Phase | Iterable[Phase]) -> tuple[Phase, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


_HELD: tuple[Phase, ...] = ("authorising", "starting")

_row(FREE, ServiceRequested, "verifying", before.hold)
_row(FREE, PrivateStarted, "charging", before.private_started)

_SEEN: tuple[Phase, ...] = ("verifying", "authorising", "refunding", "rejected")
_row("verifying", DepositConfirmed, _SEEN, before.deposit_seen)
_row("verifying", DeadlineExpired, "verifying", before.deposit_missing)
_row("verifying", StopRequested, "verifying", before.stop_by_consumer)
_row("verifying", SessionStopRequested, "verifying", before.stop_by_operator)

_row("authorising", IdTagAccepted, ("authorising", "starting"), before.tag_accepted)
_row("authorising", IdTagRefused, ("authorising", "refunding"), before.tag_refused)
_row("authorising", DeadlineExpired, "refunding", before.not_authorised)
_row("starting", ChargingStarted, ("starting", "charging"), before.started)
_row("starting", StartRefused, ("starting", "refunding"), before.start_refused)
_row("starting", DeadlineExpired, "refunding", before.not_started)
_stay(_HELD, CommandOutcomeUnknown, before.start_unknown)
_stay(_HELD, ConnectorStatusChanged, before.faulted, "refunding")
_row(_HELD, StopRequested, "refunding", before.stop_by_consumer)
_row(_HELD, SessionStopRequested, "refunding", before.stop_by_operator)
_row(_HELD, DepositLost, "refunding", before.deposit_lost)
_row(_HELD, RefundOpening, "refunding", before.refund_opening)

_row("charging", MeterValueReported, ("charging", "stopping"), charging.reading)
_row("charging", DeadlineExpired, ("charging", "stopping"), charging.stop_by_timer)
_row("charging", ConnectorStatusChanged, ("charging", "stopping"), charging.connector_changed)
_row("charging", DepositLost, ("charging", "stopping"), charging.deposit_lost)
_row("charging", StopRequested, "stopping", charging.stop_by_consumer)
_row("charging", SessionStopRequested, "stopping", charging.stop_by_operator)
_row("charging", ChargingStopped, ("charging", "settling", "settled"), charging.stopped)

_row("stopping", MeterValueReported, "stopping", charging.reading_while_stopping)
_row("stopping", ConnectorStatusChanged, "stopping", charging.connector_changed)
_row("stopping", ChargingStopped, ("stopping", "settling", "settled"), charging.stopped)
_row("stopping", DeadlineExpired, ("settling", "settled"), charging.no_stop_came)
_row("stopping", StopRefused, "stopping", charging.stop_refused)
_row("stopping", CommandOutcomeUnknown, "stopping", charging.outcome_unknown)

_RUNNING: tuple[Phase, ...] = ("charging", "stopping")
_stay(_RUNNING, VoucherReceived, charging.voucher)
_stay(_RUNNING, ChargePointDisconnected, charging.gone)
_stay(_RUNNING, ChargePointConnected, charging.back)

_row("settling", MeterValueReported, "settling", charging.reading_while_settling)
_row("settling", ChargingStopped, "settling", charging.stopped_late)
_row("settling", VoucherReceived, ("settling", "executing"), charging.voucher_while_settling)
_row("settling", SettlementApproved, ("settling", "executing"), charging.approved)
_row("settling", DeadlineExpired, "executing", charging.not_approved)

_stay(("stopping", "settling"), DepositLost, charging.deposit_lost_later)
_row(("charging", "stopping", "settling"), RefundOpening, "executing", charging.refund_opening)

_row("executing", DeadlineExpired, "disputed", payout.overdue)
_row("refunding", DeadlineExpired, ("refunding", "disputed"), payout.overdue)
_row("refunding", IdTagRevoked, "refunding", payout.tag_revoked)
_row("refunding", ChargingStarted, "refunding", payout.started_too_late)
_row("refunding", ChargingStopped, "refunding", payout.stopped_too_late)
_row("executing", ChargingStopped, "executing", payout.stopped_after_price)
_row("executing", SettlementExecuted, ("settled", "refunded"), payout.executed)
_row("refunding", SettlementExecuted, ("refunded", "settled"), payout.executed)
_row("disputed", SettlementExecuted, ("settled", "refunded"), payout.executed)
_stay(PAYING, SettlementFailed, payout.failed)
_stay(PAYING, DepositLost, payout.deposit_lost)
_row("disputed", ChargingStopped, "disputed", payout.stopped_after_price)
_DECIDED: tuple[Phase, ...] = ("disputed", "refunded", "rejected")
_row("disputed", DisputeResolveRequested, _DECIDED, payout.resolve)

_ENDING: tuple[Phase, ...] = ("stopping", "settling", "executing", "refunding")
_stay(_ENDING, SessionStopRequested, charging.already_stopping)

_BEFORE: frozenset[Phase] = frozenset({"verifying", "authorising", "starting"})
_CLOSING: frozenset[Phase] = frozenset({"stopping", "settling"})
_DISPUTED: frozenset[Phase] = frozenset({"disputed"})

REFUSED: dict[type[Any], frozenset[Phase]] = {
    ServiceRequested: frozenset(PHASES) - FREE,
    StopRequested: FREE | PAYING | _CLOSING,
    SessionStopRequested: FREE | _DISPUTED,
    DisputeResolveRequested: frozenset(PHASES) - _DISPUTED,
    VoucherReceived: FREE | _BEFORE | PAYING,
    SettlementApproved: frozenset(PHASES) - {"settling"},
}
"""Requests that change nothing in these phases, and are answered so."""

_SETTLED_ALREADY = frozenset(PHASES) - PAYING
IGNORED: dict[type[Any], frozenset[Phase]] = {
    DepositConfirmed: frozenset(PHASES) - {"verifying"},
    IdTagAccepted: frozenset(PHASES) - {"authorising"},
    IdTagRefused: frozenset(PHASES) - {"authorising"},
    IdTagRevoked: frozenset(PHASES) - {"refunding"},
    ChargingStarted: frozenset(PHASES) - {"starting", "refunding"},
    StartRefused: frozenset(PHASES) - {"starting"},
    MeterValueReported: frozenset(PHASES) - {"charging", "stopping", "settling"},
    ChargingStopped: FREE | _BEFORE,
    DepositLost: FREE | {"verifying"},
    RefundOpening: FREE | PAYING | {"verifying"},
    PrivateStarted: frozenset(PHASES) - FREE,
    StopRefused: frozenset(PHASES) - {"stopping"},
    CommandOutcomeUnknown: frozenset(PHASES) - {"authorising", "starting", "stopping"},
    ChargePointConnected: frozenset(PHASES) - {"charging", "stopping"},
    ChargePointBooted: frozenset(PHASES),
    ChargePointDisconnected: frozenset(PHASES) - {"charging", "stopping"},
    ConnectorStatusChanged: FREE | PAYING | {"verifying", "settling"},
    SettlementExecuted: _SETTLED_ALREADY,
    SettlementFailed: _SETTLED_ALREADY,
    DeadlineExpired: FREE | _DISPUTED,
}
"""Facts that mean nothing for the session in these phases."""


def row_of(phase: Phase, event: type[Any]) -> Row | None:
    """Give the row of a pair; None where it has none."""
    return _TABLE.get((phase, event))


def rows() -> dict[tuple[Phase, type[Any]], Row]:
    """Give the table, for the diagram and the tests."""
    return dict(_TABLE)
