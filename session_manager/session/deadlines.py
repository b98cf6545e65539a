"""The second table: how long each phase may last, and what else runs out while charging."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from sdk.events.service import Phase
from session_manager.session.state import Session

Timer = Literal[
    "deposit",
    "authorise",
    "start",
    "voucher",
    "offline",
    "ends_by",
    "stop",
    "approval",
    "close",
    "execution",
]


@dataclass(frozen=True, slots=True)
class DeadlineExpired:
    """A timer of the session ran out; fed back by the shell."""

    timer: Timer


@dataclass(frozen=True, slots=True)
class Limits:
    """How long each timer runs, in seconds.

    `voucher`: how long delivered energy may stay uncovered by a voucher once it is worth an
    exposure step. `offline`: how long a charge point that charges may be away. `execution`: after
    this, a session that could not be paid out becomes disputed.
    """

    deposit: float = 120
    authorise: float = 20
    start: float = 60
    voucher: float = 45
    offline: float = 120
    stop: float = 60
    approval: float = 30
    close: float = 30
    execution: float = 600


_OF_PHASE: Mapping[Phase, tuple[Timer, ...]] = {
    "verifying": ("deposit",),
    "authorising": ("authorise",),
    "starting": ("start",),
    "stopping": ("stop",),
    "settling": ("approval",),
    "executing": ("execution",),
    "refunding": ("execution",),
}


def wanted_timers(session: Session, limits: Limits) -> Mapping[Timer, float | datetime]:
    """Tell which timers a session needs: seconds from now, or a moment."""
    if session.phase == "charging":
        return _while_charging(session, limits)
    timers = list(_OF_PHASE.get(session.phase, ()))
    if session.phase == "refunding" and not session.closed:
        timers.append("close")
    return {timer: getattr(limits, timer) for timer in timers}


def _while_charging(session: Session, limits: Limits) -> Mapping[Timer, float | datetime]:
    wanted: dict[Timer, float | datetime] = {
        "ends_by": datetime.fromtimestamp(session.terms.ends_by, tz=UTC)
    }
    if session.owed >= max(1, session.terms.exposure_step):
        wanted["voucher"] = limits.voucher
    if session.offline:
        wanted["offline"] = limits.offline
    return wanted


def rearm(before: Session, after: Session, limits: Limits, now: datetime) -> Session:
    """Give `after` its timers: one that already ran in the same phase keeps its moment."""
    kept = before.timers if before.phase == after.phase else {}
    timers = {
        name: kept.get(name) or _moment(length, now)
        for name, length in wanted_timers(after, limits).items()
    }
    return after.model_copy(update={"timers": timers})


def next_deadline(session: Session) -> tuple[datetime, Timer] | None:
    """Give the earliest timer, and when it runs out."""
    pending = [(at, name) for name, at in session.timers.items()]
    return min(pending) if pending else None  # type: ignore[return-value]


def _moment(length: float | datetime, now: datetime) -> datetime:
    return length if isinstance(length, datetime) else now + timedelta(seconds=length)
