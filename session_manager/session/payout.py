"""Rules while the wallet pays out: executing, refunding, disputed."""

from sdk.events.charging import ChargingStarted, ChargingStopped, IdTagRevoked
from sdk.events.service import Phase
from sdk.events.settlement import DepositLost, SettlementExecuted, SettlementFailed
from sdk.events.station import DisputeResolved, DisputeResolveRefused, DisputeResolveRequested
from sdk.fields import NATIVE_TOKEN
from session_manager.session.deadlines import DeadlineExpired
from session_manager.session.effects import Answer, Deliver, Order, Propose
from session_manager.session.state import Session
from session_manager.session.step import Step, change, flagged, to


def executed(session: Session, event: SettlementExecuted) -> Step:
    """End with what moved on the chain: perhaps the driver's own refund, where it was open."""
    given_back = session.payout is not None and event.spent == 0 < session.payout.spent
    if given_back:
        session = change(session, flags=flagged(session, "refunded_by_driver"))
    how = session.recovering or session.phase
    end: Phase = "settled"
    if not event.spent and (given_back or how == "refunding"):
        end = "refunded"
    return to(session, end, Deliver(), executed=event, deposit=event.deposit, recovering=None)


def failed(session: Session, event: SettlementFailed) -> Step:
    """Keep trying; say why it takes long."""
    return Step(change(session, flags=flagged(session, f"settlement_{event.reason}")))


def overdue(session: Session, event: DeadlineExpired) -> Step:
    """Free the connector of a session that does not pay out, or no longer wait for its end."""
    if event.timer == "close":
        return Step(change(session, closed=True))
    return to(session, "disputed", recovering=session.phase, closed=True)


def deposit_lost(session: Session, _: DepositLost) -> Step:
    """Note that there is nothing to pay out now; the deposit may return."""
    return Step(change(session, flags=flagged(session, "deposit_lost")))


def tag_revoked(session: Session, event: IdTagRevoked) -> Step:
    """Release voucher 0, unless a transaction slipped in before."""
    if event.id_tag != session.id_tag or session.transaction_id is not None:
        return Step(session)
    return Step(change(session, closed=True))


def started_too_late(session: Session, event: ChargingStarted) -> Step:
    """Stop a transaction that started after the session was given up."""
    if event.id_tag != session.id_tag:
        return Step(session)
    flags = flagged(session, "late_start")
    session = change(session, transaction_id=event.transaction_id, flags=flags)
    return Step(session, (Order("stop"),))


def stopped_too_late(session: Session, event: ChargingStopped) -> Step:
    """Release voucher 0 once the late transaction is closed; note what came after the price."""
    if event.transaction_id != session.transaction_id:
        return Step(session)
    return stopped_after_price(change(session, closed=True), event)


def stopped_after_price(session: Session, event: ChargingStopped) -> Step:
    """Note what was delivered and is not in the price, which stands already."""
    if event.transaction_id != session.transaction_id or session.usage is None:
        return Step(session)
    if session.stopped_at is not None:
        return Step(session)
    more = max(0, event.meter_stop_wh - session.usage.meter_wh)
    flags = flagged(session, "unbilled") if more else session.flags
    return Step(change(session, stopped_at=event.stopped_at, unbilled_wh=more, flags=flags))


def resolve(session: Session, event: DisputeResolveRequested) -> Step:
    """Do what a person decided about a session that did not pay out."""
    session_id = session.terms.session_id
    done = Answer(DisputeResolved(session_id=session_id, decision=event.decision))
    again = change(session, retries=session.retries + 1)
    match event.decision:
        case "retry":
            return Step(again, (done,))
        case "refund" if session.zero is None:
            refused = DisputeResolveRefused(session_id=session_id, reason="no_voucher")
            return Step(session, (Answer(refused),))
        case "refund":
            return Step(change(again, payout=session.zero, recovering="refunding"), (done,))
        case "write_off":
            end: Phase = "refunded" if session.deposit else "rejected"
            flags = flagged(session, "written_off")
            return to(session, end, done, flags=flags, recovering=None)


def hand_over(session: Session, below: int) -> Step | None:
    """Leave a payout that is worth less than its gas to the driver; None for any other.

    The connector is free then, and the session waits, without a deadline, until the wallet pays.
    """
    payout = session.payout
    paying = session.phase in ("executing", "refunding") and session.closed
    if not paying or session.released or payout is None:
        return None
    if session.terms.token != NATIVE_TOKEN:
        below = min(below, 1)  # what another token is worth in gas, nobody here knows
    if payout.spent >= below:
        return None
    changed = change(session, phase="refunding", released=True, proposed=payout.spent)
    return Step(changed, (Propose(payout.spent),))
