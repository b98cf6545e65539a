"""The second table: how long each phase may last, and what else runs out while charging."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import inf

from sdk.events.service import Phase
from sdk.tariff import Tariff, most, needs_time
from session_manager.session.state import Session, Timer


@dataclass(frozen=True, slots=True)
class DeadlineExpired:
    """A timer of the session ran out, at `at`; fed back by the shell."""

    timer: Timer
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How long each timer runs, in seconds.

    `voucher`: how long delivered energy may stay uncovered by a voucher once it is worth an
    exposure step. `offline`: the longest that a charge point that charges may be away; less where
    what it may deliver meanwhile is worth more than the exposure limit. (`silent` has no length
    here: it runs from the last good reading until an exposure limit may have been delivered.)
    `tick`: how often a price that rises with time is told. `execution`: after this, a session that
    could not be paid out becomes disputed. `hand_over_below`: a payout of less, in the token's
    smallest unit, is left to the driver; 0 for none.
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
    tick: float = 30
    hand_over_below: int = 0


CATCH_UP_S = 2.0
"""How long a new owner reads before a timer that ran out in its absence counts."""
_HOUR_S = 3600
_LONGEST_S = 366 * 86_400.0
"""Beyond this a moment may not be one any more; `ends_by` comes long before."""
_OF_CONSUMER = frozenset({"voucher", "approval"})

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
    if session.released or (session.phase == "verifying" and session.failure is not None):
        return {}
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
    quote = session.terms
    if quote.exposure_limit is not None and not session.private:
        wanted["silent"] = _worth_s(session, quote.exposure_limit)
    if session.offline:
        wanted["offline"] = min(limits.offline, _affordable_s(session))
    elif needs_time(session.terms.tariff):
        wanted["tick"] = limits.tick
    return wanted


def _affordable_s(session: Session) -> float:
    """How long a charge point that is not heard may go on before the exposure limit is reached."""
    quote = session.terms
    if quote.exposure_limit is None or session.private:
        return inf
    return _worth_s(session, max(0, quote.exposure_limit - session.owed))


def _worth_s(session: Session, amount: int) -> float:
    """How long it takes until what is delivered is worth `amount`, as far as is known."""
    quote = session.terms
    power = session.power_w or quote.maximum_power_w
    return min(amount * _HOUR_S * 1000 // _hourly(quote.tariff, power) / 1000, _LONGEST_S)


@lru_cache(maxsize=1024)
def _hourly(tariff: Tariff, power_w: int) -> int:
    """Give the most that an hour at this power can cost, and never nothing."""
    return max(1, most(tariff, power_w, _HOUR_S) - most(tariff, power_w, 0))


def rearm(before: Session, after: Session, limits: Limits, now: datetime) -> Session:
    """Give `after` its timers: one that already ran in the same phase keeps its moment.

    A rule that takes a timer out of its session has it start anew.

    The voucher's starts anew once a voucher covers all that was owed when it started.
    """
    kept = dict(after.timers) if before.phase == after.phase else {}
    if after.due is not None and after.paid >= after.due:
        kept.pop("voucher", None)
    timers = {
        name: kept.get(name) or _moment(length, now)
        for name, length in wanted_timers(after, limits).items()
    }
    due = None
    if "voucher" in timers:
        due = after.due if "voucher" in kept else after.cost
    if timers == after.timers and due == after.due:
        return after
    return after.model_copy(update={"timers": timers, "due": due})


def taken_over(session: Session, limits: Limits, now: datetime) -> Session:
    """Give a session the timers that are fair after nobody drove it for a while.

    What a consumer or charge point said meanwhile is still to be read, and a consumer that was told
    nothing could not sign: a voucher and an approval get their whole time again, the rest a moment.
    """
    soonest = now + timedelta(seconds=CATCH_UP_S)
    timers = {
        name: max(at, _moment(getattr(limits, name), now) if name in _OF_CONSUMER else soonest)
        for name, at in session.timers.items()
    }
    return session.model_copy(update={"timers": timers})


def next_deadline(session: Session) -> tuple[datetime, Timer] | None:
    """Give the earliest timer, and when it runs out."""
    pending = [(at, name) for name, at in session.timers.items()]
    return min(pending, default=None)


def _moment(length: float | datetime, now: datetime) -> datetime:
    return length if isinstance(length, datetime) else now + timedelta(seconds=length)
