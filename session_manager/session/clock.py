"""The charge point's clock: how far it is off, and its times put right. Pure.

A message is late as often as it likes, but never early: the clock is ahead by the most that any of
its times was ahead of the moment when it came.
"""

from datetime import UTC, datetime, timedelta
from typing import TypeVar

from sdk.events.body import Body
from sdk.events.charge_point import (
    ConnectorStatusChanged,
)
from sdk.events.charging import ChargingStarted, ChargingStopped, MeterValueReported
from session_manager.session.state import FREE, Session
from session_manager.session.step import change, flagged
from session_manager.session.table import SessionEvent

TOLERATED_MS = 5_000
"""So far a clock may be off, or a message be on its way, without being put right."""
_FLAGGED_MS = 60_000
_NOTED_MS = 1_000
_MS = timedelta(milliseconds=1)
_NOTHING = timedelta()
_FIRST = datetime.min.replace(tzinfo=UTC)

E = TypeVar("E", bound=Body)


def put_right(
    session: Session, event: SessionEvent, came_at: datetime
) -> tuple[Session, SessionEvent]:
    """Give a session that knows the charge point's clock, and the event with its time corrected.

    `came_at` is when the gateway took the event.
    """
    if session.phase in FREE:
        return session, event
    match event:
        case ChargingStarted() if event.id_tag == session.id_tag:
            session = _learn(session, event.started_at, came_at)
            return session, _earlier(event, "started_at", _ahead(session))
        case MeterValueReported() if session.usage is not None:
            session = _learn(session, event.sampled_at, came_at)
            return session, _righted(session, event, "sampled_at")
        case ChargingStopped() if session.usage is not None:
            session = _learn(session, event.stopped_at, came_at)
            return session, _righted(session, event, "stopped_at")
        case ConnectorStatusChanged() if session.usage is not None:
            return session, _status_put_right(session, event, came_at)
        case _:
            return session, event


def _learn(session: Session, said: datetime, came_at: datetime) -> Session:
    ahead = (said - came_at) // _MS
    known = session.drift_ms
    if known is not None and ahead < known + _NOTED_MS:
        return session
    far = (abs(ahead) > _FLAGGED_MS and known is None) or ahead > _FLAGGED_MS
    flags = flagged(session, "clock_drift") if far else session.flags
    return change(session, drift_ms=ahead, flags=flags)


def _ahead(session: Session) -> timedelta:
    drift = session.drift_ms or 0
    return drift * _MS if abs(drift) > TOLERATED_MS else _NOTHING


def _righted(session: Session, event: E, field: str) -> E:
    """Correct a time; one before the start tells of a clock that was lost, and of nothing else.

    The time of the last good reading stands for it.
    """
    said, ahead = getattr(event, field), _ahead(session)
    started_at = session.started_at or said
    if said - _FIRST >= ahead and said - ahead >= started_at:
        return _earlier(event, field, ahead)
    return event.model_copy(update={field: session.sampled_at or started_at})


def _earlier(event: E, field: str, ahead: timedelta) -> E:
    return event.model_copy(update={field: getattr(event, field) - ahead}) if ahead else event


def _status_put_right(
    session: Session, event: ConnectorStatusChanged, came_at: datetime
) -> ConnectorStatusChanged:
    """Correct a status's time, unless it is the gateway's own: StatusNotification may lack one."""
    corrected = _righted(session, event, "changed_at").changed_at
    nearest = min((event.changed_at, corrected), key=lambda moment: abs(moment - came_at))
    return event.model_copy(update={"changed_at": nearest})
