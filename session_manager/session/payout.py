"""Rules while the wallet pays out: executing, refunding, disputed."""

from sdk.events.charging import ChargingStarted, ChargingStopped, IdTagRevoked
from sdk.events.service import Phase
from sdk.events.settlement import SettlementExecuted, SettlementFailed
from session_manager.session.deadlines import DeadlineExpired
from session_manager.session.effects import Deliver, Order
from session_manager.session.state import Session
from session_manager.session.step import Step, change, flagged, to


def executed(session: Session, event: SettlementExecuted) -> Step:
    """End with what moved on the chain."""
    how = session.recovering or session.phase
    end: Phase = "refunded" if how == "refunding" else "settled"
    return to(session, end, Deliver(), executed=event, deposit=event.deposit, recovering=None)


def failed(session: Session, event: SettlementFailed) -> Step:
    """Keep trying; say why it takes long."""
    return Step(change(session, flags=flagged(session, f"settlement_{event.reason}")))


def overdue(session: Session, event: DeadlineExpired) -> Step:
    """Free the connector of a session that does not pay out, or no longer wait for its end."""
    if event.timer == "close":
        return Step(change(session, closed=True))
    return to(session, "disputed", recovering=session.phase, closed=True)


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
    """Release voucher 0 once the late transaction is closed."""
    if event.transaction_id != session.transaction_id:
        return Step(session)
    return Step(change(session, closed=True))
