"""What a rule gives back, and the moves that several rules share."""

from dataclasses import dataclass
from typing import Any

from sdk.events.service import FailureReason, Phase, StopReason, Voucher
from sdk.events.signed import RequestRefusal
from sdk.tariff import cost
from session_manager.session.effects import Effect, Order, Propose
from session_manager.session.state import Session


@dataclass(frozen=True, slots=True)
class Step:
    """The session after an event and what follows; `refused` says why a request changed nothing."""

    session: Session
    effects: tuple[Effect, ...] = ()
    refused: RequestRefusal | None = None


def change(session: Session, **fields: Any) -> Session:  # noqa: ANN401 - pydantic's own signature
    """Copy a session with some fields changed; its price follows what was used."""
    if "usage" in fields:  # counted once here: a price is asked for nine times in a step
        usage, quote = fields["usage"], fields.get("quote", session.quote)
        fields["price"] = cost(quote.tariff, usage) if usage and quote else None
    return session.model_copy(update=fields)


def to(session: Session, phase: Phase, *effects: Effect, **fields: Any) -> Step:  # noqa: ANN401
    """Enter a phase."""
    return Step(change(session, phase=phase, **fields), effects)


def flagged(session: Session, flag: str) -> tuple[str, ...]:
    """Add a flag once."""
    return session.flags if flag in session.flags else (*session.flags, flag)


def refund(session: Session, failure: FailureReason) -> Step:
    """Give all back by voucher 0, once nobody can start on the session's tag any more."""
    authorised = session.phase not in ("idle", "verifying")
    orders = (Order("revoke"),) if authorised else ()
    return to(
        session,
        "refunding",
        *orders,
        failure=failure,
        payout=session.zero,
        closed=not authorised,
    )


def stop(session: Session, reason: StopReason, *effects: Effect) -> Step:
    """Ask the charge point to end the transaction."""
    return to(session, "stopping", Order("stop"), *effects, stop_reason=reason)


def settle(session: Session, *effects: Effect) -> Step:
    """Propose the price of the final reading; a test without money is over, and keeps its tag."""
    if session.private:
        return to(session, "settled", power_w=0, stop_reason=_reason(session))
    spent = session.cost
    return to(
        session,
        "settling",
        *effects,
        Propose(spent),
        stop_reason=_reason(session),
        proposed=spent,
        power_w=0,
    )


def _reason(session: Session) -> StopReason:
    return session.stop_reason or "charge_point"


def execute(session: Session, payout: Voucher) -> Step:
    """Let the wallet pay out by `payout`."""
    return to(session, "executing", voucher=payout, payout=payout, closed=True)
