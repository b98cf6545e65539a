"""Rules while energy flows and until its last reading: charging, stopping, settling."""

from datetime import datetime

from sdk.events.charge_point import (
    ChargePointConnected,
    ChargePointDisconnected,
    ConnectorStatusChanged,
)
from sdk.events.charging import (
    ChargingStopped,
    CommandOutcomeUnknown,
    MeterValueReported,
    StopRefused,
)
from sdk.events.service import StopReason, StopRequested, Voucher
from sdk.events.settlement import (
    DepositLost,
    RefundOpening,
    SettlementApproved,
    VoucherReceived,
)
from sdk.events.station import SessionStopAccepted, SessionStopRefused, SessionStopRequested
from sdk.tariff import end, idle_from, idle_to, read, tick
from session_manager.session.deadlines import DeadlineExpired
from session_manager.session.effects import Answer, Order, Propose
from session_manager.session.state import Session, Timer
from session_manager.session.step import Step, change, execute, flagged, settle, stop

_REASON_OF_TIMER: dict[str, StopReason] = {
    "voucher": "voucher_overdue",
    "ends_by": "ends_by",
    "offline": "charge_point_offline",
    "silent": "charge_point_offline",
}


def reading(session: Session, event: MeterValueReported) -> Step:
    """Count a reading; stop when the deposit is used up, or nobody vouches for so much."""
    return _unless_exposed(_read(session, event))


def connector_changed(session: Session, event: ConnectorStatusChanged) -> Step:
    """Count idle time once the car is full; stop where the charge point forgot the transaction."""
    usage, at = session.usage, event.changed_at
    if usage is None:
        return Step(session)
    match event.status:
        case "SuspendedEV" if session.energy_wh:
            # One that was kept back counts from the last reading: the price of before was told.
            return _unless_exposed(change(session, usage=idle_from(usage, max(at, usage.read_at))))
        case "Charging":
            return _unless_exposed(change(session, usage=idle_to(usage, at)))
        case "Available" if session.phase == "charging" and at > usage.started_at:
            return stop(session, "charge_point")
        case _:
            return Step(session)


def reading_while_stopping(session: Session, event: MeterValueReported) -> Step:
    """Count a reading that comes before the transaction's end does."""
    return Step(_read(session, event))


def reading_while_settling(session: Session, event: MeterValueReported) -> Step:
    """Count a late reading, unless the transaction's own last reading is known."""
    if session.stopped_at is not None:
        return Step(session)
    return _propose_again(session, _read(session, event))


def stopped_late(session: Session, event: ChargingStopped) -> Step:
    """Take the transaction's own last reading in place of the one assumed."""
    if session.stopped_at is not None or event.transaction_id != session.transaction_id:
        return Step(session)
    return _propose_again(session, _last_reading(session, event))


def stopped(session: Session, event: ChargingStopped) -> Step:
    """Settle by the transaction's last reading."""
    if event.transaction_id != session.transaction_id:
        return Step(session)
    return settle(_last_reading(session, event), Order("revoke"))


def stop_by_consumer(session: Session, _: StopRequested) -> Step:
    """Stop for the consumer."""
    return stop(session, "consumer")


def stop_by_operator(session: Session, _: SessionStopRequested) -> Step:
    """Stop for the operator."""
    accepted = SessionStopAccepted(session_id=session.terms.session_id)
    return stop(session, "operator", Answer(accepted))


def already_stopping(session: Session, _: SessionStopRequested) -> Step:
    """Tell the operator that the session is ending already."""
    return Step(session, (Answer(SessionStopRefused(reason="already_stopping")),))


def stop_by_timer(session: Session, event: DeadlineExpired) -> Step:
    """Stop for a voucher that is overdue, the agreed end, or a charge point that stays away.

    A tick only lets the price follow the time.
    """
    if event.timer != "tick":
        return stop(session, _REASON_OF_TIMER[event.timer])
    session = _anew(session, "tick")
    if session.usage is None or event.at is None:
        return Step(session)
    return _unless_exposed(change(session, usage=tick(session.usage, event.at)))


def deposit_lost(session: Session, event: DepositLost) -> Step:
    """Stop when nobody pays any more; what was delivered is owed, and the deposit may return."""
    if event.amount >= session.deposit:
        return Step(session)
    return stop(change(session, flags=flagged(session, "deposit_lost")), "deposit_lost")


def deposit_lost_later(session: Session, event: DepositLost) -> Step:
    """Note that the wallet lost its deposit while the session ends anyway."""
    if event.amount >= session.deposit:
        return Step(session)
    return Step(change(session, flags=flagged(session, "deposit_lost")))


def refund_opening(session: Session, _: RefundOpening) -> Step:
    """Pay out by the last voucher before the driver could take all of it back."""
    orders = () if session.phase == "settling" else (Order("stop"), Order("revoke"))
    session = change(session, stop_reason=session.stop_reason or "refund_opening")
    step = _by_last_voucher(session)
    return Step(step.session, (*orders, *step.effects))


def no_stop_came(session: Session, _: DeadlineExpired) -> Step:
    """Settle by the last good reading, since the charge point does not close the transaction."""
    if session.usage is not None and session.sampled_at is not None:
        session = change(session, usage=end(session.usage, session.sampled_at))
    return settle(change(session, flags=flagged(session, "no_stop_transaction")), Order("revoke"))


def stop_refused(session: Session, event: StopRefused) -> Step:
    """Repeat a stop that never reached the charge point: now, or when it is back."""
    unsent = event.reason in ("offline", "expired")
    if event.transaction_id != session.transaction_id or not unsent:
        return Step(session)
    if event.reason == "expired" and not session.offline:
        return Step(session, (Order("stop"),))
    return Step(change(session, stop_unsent=True))


def outcome_unknown(session: Session, _: CommandOutcomeUnknown) -> Step:
    """Wait for what the charge point does: the command may have reached it."""
    return Step(session)


def gone(session: Session, _: ChargePointDisconnected) -> Step:
    """Note that readings can't come now."""
    return Step(change(session, offline=True))


def back(session: Session, _: ChargePointConnected) -> Step:
    """Note that readings can come again; repeat a stop that never arrived."""
    again = session.phase == "stopping" and session.stop_unsent
    session = change(session, offline=False, stop_unsent=False)
    return Step(session, (Order("stop"),) if again else ())


def voucher(session: Session, event: VoucherReceived) -> Step:
    """Keep a voucher that rises, and allows no more than was delivered."""
    if not session.paid <= event.spent <= session.cost:
        return Step(session, refused="voucher_invalid")
    return Step(change(session, voucher=_voucher_of(event)))


def voucher_while_settling(session: Session, event: VoucherReceived) -> Step:
    """Take a voucher at the proposed price as the approval that it is."""
    if event.spent == session.proposed:
        return execute(session, _voucher_of(event))
    return voucher(session, event)


def approved(session: Session, event: SettlementApproved) -> Step:
    """Pay out by the final voucher."""
    if event.spent != session.proposed:
        return Step(session, refused="voucher_invalid")
    return execute(session, _voucher_of(event))


def not_approved(session: Session, _: DeadlineExpired) -> Step:
    """Pay out by the last voucher, since the consumer is silent."""
    return _by_last_voucher(session)


def _by_last_voucher(session: Session) -> Step:
    if session.voucher is None:
        raise LookupError("a session without voucher 0 can't charge")
    flags = session.flags
    if session.voucher.spent != session.cost:
        flags = flagged(session, "last_voucher")
    return execute(change(session, flags=flags), session.voucher)


def _voucher_of(event: VoucherReceived | SettlementApproved) -> Voucher:
    return Voucher(spent=event.spent, signature=event.safe_signature)


def _propose_again(before: Session, after: Session) -> Step:
    if after.cost == before.proposed:
        return Step(after)
    return Step(change(after, proposed=after.cost), (Propose(after.cost),))


def _read(session: Session, event: MeterValueReported) -> Session:
    if event.transaction_id not in (None, session.transaction_id):
        return session
    if session.sampled_at is None or event.sampled_at >= session.sampled_at:
        fields: dict[str, object] = {"sampled_at": event.sampled_at}
        if event.power_w is not None:
            fields["power_w"] = event.power_w
        if event.soc_percent is not None:
            fields["soc_percent"] = event.soc_percent
        session = change(session, **fields)
    elif session.meter_wh is not None and (event.energy_wh or 0) <= session.meter_wh:
        return session  # a late one, which the newer ones outdid
    return _count(session, event.energy_wh, event.sampled_at)


def _last_reading(session: Session, event: ChargingStopped) -> Session:
    session = _count(session, event.meter_stop_wh, event.stopped_at)
    usage = end(session.usage, event.stopped_at) if session.usage else None
    return change(session, usage=usage, stopped_at=event.stopped_at, sampled_at=event.stopped_at)


def _unless_exposed(session: Session) -> Step:
    """Go on charging, as far as deposit and vouchers cover it."""
    if session.phase != "charging" or session.private:
        return Step(session)
    if session.cost >= session.deposit:
        return stop(session, "deposit_used_up")
    limit = session.terms.exposure_limit
    if limit is not None and session.owed > limit:
        return stop(session, "voucher_overdue")
    return Step(session)


def _count(session: Session, energy_wh: int | None, at: datetime) -> Session:
    if energy_wh is None or session.usage is None:
        return session
    if energy_wh < session.usage.meter_wh:
        return change(session, flags=flagged(session, "meter_regress"))
    usage = read(session.terms.tariff, session.usage, at, energy_wh)
    return _anew(change(session, usage=usage, readings=session.readings + 1), "silent")


def _anew(session: Session, timer: Timer) -> Session:
    """Let a timer begin again."""
    timers = {name: at for name, at in session.timers.items() if name != timer}
    return change(session, timers=timers)
