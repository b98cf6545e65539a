"""Rules from the request to the first watt-hour: idle, verifying, authorising, starting."""

from sdk.events.charge_point import (
    ConnectorStatusChanged,
)
from sdk.events.charging import (
    ChargingStarted,
    CommandOutcomeUnknown,
    IdTagAccepted,
    IdTagRefused,
    StartRefused,
)
from sdk.events.service import (
    QuoteOffered,
    ServiceRejected,
    ServiceRequested,
    StopRequested,
)
from sdk.events.settlement import DepositConfirmed, DepositLost, RefundOpening
from sdk.events.signed import read_payload
from sdk.events.station import SessionStopAccepted, SessionStopRequested
from sdk.tariff import begin
from session_manager.session.deadlines import DeadlineExpired
from session_manager.session.effects import Accept, Answer, Order, Tell
from session_manager.session.private import PrivateStarted
from session_manager.session.state import Session, id_tag_of
from session_manager.session.step import Step, change, refund, to


def hold(_: Session, event: ServiceRequested) -> Step:
    """Hold the connector for a quote that the shell found valid."""
    quote = read_payload(event.quote, QuoteOffered)
    session = Session(
        session_id=quote.session_id,
        quote=quote,
        nonce=event.nonce,
        zero=event.voucher,
        voucher=event.voucher,
        id_tag=id_tag_of(quote.session_id),
    )
    return to(session, "verifying", Accept())


def deposit_seen(session: Session, event: DepositConfirmed) -> Step:
    """Go on with a deposit that is large enough; at the deadline give back one that is not.

    Until then the rest may be on its way: anybody can send a wallet its first unit.
    """
    if not event.amount:
        return _empty(session)
    session = change(session, deposit=event.amount)
    if session.failure == "stopped_before_start":
        return refund(session, "stopped_before_start")
    if event.amount < session.terms.minimum_deposit:
        return refund(session, "deposit_short") if session.failure else Step(session)
    return to(session, "authorising", Order("authorise"), failure=None)


def deposit_missing(session: Session, _: DeadlineExpired) -> Step:
    """Look once more: a deposit may be there while the chain could not be asked."""
    return Step(change(session, failure="deposit_missing"))


def tag_accepted(session: Session, event: IdTagAccepted) -> Step:
    """Start, now that the charge point will take the session's tag."""
    if event.id_tag != session.id_tag:
        return Step(session)
    return to(session, "starting", Order("start"))


def tag_refused(session: Session, event: IdTagRefused) -> Step:
    """Give back what can't be used."""
    return refund(session, "id_tag_refused") if event.id_tag == session.id_tag else Step(session)


def not_authorised(session: Session, _: DeadlineExpired) -> Step:
    """Give up on a gateway that does not answer."""
    return refund(session, "authorise_timeout")


def started(session: Session, event: ChargingStarted) -> Step:
    """Charge, if it is this session's transaction that started."""
    if event.id_tag != session.id_tag or event.id_tag_status != "Accepted":
        return Step(session)
    return to(
        session,
        "charging",
        transaction_id=event.transaction_id,
        sampled_at=event.started_at,
        usage=begin(session.terms.tariff, event.started_at, event.meter_start_wh),
    )


def private_started(_: Session, event: PrivateStarted) -> Step:
    """Charge without money: an operator's test."""
    started, quote = event.started, event.quote
    return to(
        Session(session_id=quote.session_id, quote=quote, private=True, id_tag=started.id_tag),
        "charging",
        transaction_id=started.transaction_id,
        sampled_at=started.started_at,
        usage=begin(quote.tariff, started.started_at, started.meter_start_wh),
        flags=("private",),
    )


def deposit_lost(session: Session, event: DepositLost) -> Step:
    """End what nobody pays for any more; if the deposit comes back, it is given back."""
    return refund(change(session, deposit=event.amount), "deposit_lost")


def refund_opening(session: Session, _: RefundOpening) -> Step:
    """Charge nothing on a deposit that the driver may take back, by the chain's time."""
    return refund(session, "refund_opening")


def start_refused(session: Session, event: StartRefused) -> Step:
    """Give back what can't be used."""
    return refund(session, "start_refused") if event.id_tag == session.id_tag else Step(session)


def start_unknown(session: Session, _: CommandOutcomeUnknown) -> Step:
    """Wait for what the charge point does: the start may have reached it."""
    return Step(session)


def not_started(session: Session, _: DeadlineExpired) -> Step:
    """Give up on a start that does not come."""
    return refund(session, "start_timeout")


def faulted(session: Session, event: ConnectorStatusChanged) -> Step:
    """Give back when the connector breaks before it charges."""
    return refund(session, "connector_faulted") if event.status == "Faulted" else Step(session)


def stop_by_consumer(session: Session, _: StopRequested) -> Step:
    """End a session that has not charged."""
    return _stop_early(session)


def stop_by_operator(session: Session, _: SessionStopRequested) -> Step:
    """End a session that has not charged, and tell the operator."""
    accepted = SessionStopAccepted(session_id=session.terms.session_id)
    step = _stop_early(session)
    return Step(step.session, (*step.effects, Answer(accepted)))


def _stop_early(session: Session) -> Step:
    if session.phase == "verifying":
        return Step(change(session, failure="stopped_before_start"))
    return refund(session, "stopped_before_start")


def _empty(session: Session) -> Step:
    match session.failure:
        case "deposit_missing" | "stopped_before_start" as reason:
            body = ServiceRejected(session_id=session.session_id, reason=reason)
            return to(session, "rejected", Tell(body))
        case _:
            return Step(session)
