"""The session machine: what an event makes of a session, by the table."""

from collections.abc import Iterable
from typing import Any

from sdk.events.service import ChargingStatus
from sdk.events.station import (
    DisputeResolveRefused,
    DisputeResolveRequested,
    SessionStopRefused,
    SessionStopRequested,
)
from session_manager.session.effects import Answer, Effect, Tell
from session_manager.session.state import Session, shown, status_of
from session_manager.session.step import Step
from session_manager.session.table import IGNORED, REFUSED, SessionEvent, row_of


class UnreachablePhaseError(AssertionError):
    """A rule led where its row does not allow: a fault of the table."""


def transition(session: Session, event: SessionEvent) -> Step:
    """Give the session after `event`, and what follows from it.

    Raises KeyError for a pair that the table forgot, UnreachablePhaseError for a rule that led
    elsewhere than its row says: both are faults of this module, never of the input.
    """
    kind = type(event)
    row = row_of(session.phase, kind)
    if row is None:
        return _without_row(session, kind)
    step = row.rule(session, event)
    if step.session.phase not in row.may_reach:
        raise UnreachablePhaseError(f"{session.phase} on {kind.__name__}: {step.session.phase}")
    return _with_status(session, step)


def told(effects: Iterable[Effect]) -> ChargingStatus | None:
    """Give the status among what follows from an event; None where it says nothing new."""
    bodies = [it.body for it in effects if isinstance(it, Tell)]
    return next((it for it in bodies if isinstance(it, ChargingStatus)), None)


def _without_row(session: Session, kind: type[Any]) -> Step:
    if session.phase in REFUSED.get(kind, ()):
        if kind is SessionStopRequested:
            return Step(session, (Answer(SessionStopRefused(reason="no_session")),))
        if kind is DisputeResolveRequested and session.session_id is not None:
            refusal = DisputeResolveRefused(session_id=session.session_id, reason="no_dispute")
            return Step(session, (Answer(refusal),))
        return Step(session, refused="not_now")
    if session.phase in IGNORED.get(kind, ()):
        return Step(session)
    raise KeyError((session.phase, kind.__name__))


def _with_status(before: Session, step: Step) -> Step:
    after = step.session
    if after.quote is None:
        return step
    if before.session_id == after.session_id and shown(before) == shown(after):
        return step
    return Step(after, (*step.effects, Tell(status_of(after))), step.refused)
