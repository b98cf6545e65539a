"""What stays of a session that ended: its record, its row, its curve."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sdk.bus import keys
from sdk.bus.interface import Bus, StateWrite
from sdk.events.service import ServiceDelivered, SignedQuoteOffered
from sdk.logs import Logger
from sdk.records.curve import Reading, is_collected
from sdk.records.ending import Ending, collected, ending
from sdk.records.errors import CorruptRecordError
from sdk.records.moments import to_ms
from sdk.records.record import SessionRecord
from sdk.records.row import Row
from sdk.tariff import price_lines
from sdk.tariff.usage import idle_ms
from session_manager.session.state import Session, status_of


@dataclass(frozen=True, slots=True)
class Ended:
    """A session that ended, its receipt where it was paid out, and its quote as signed."""

    session: Session
    at: datetime
    receipt: ServiceDelivered | None
    quote: SignedQuoteOffered | None


async def end_session(bus: Bus, charge_point_id: str, ended: Ended, log: Logger) -> Ending:
    """Give what is committed of a session that ended. Raises BusUnavailableError.

    A curve that can't be read is left out, and the session told of without it.
    """
    session = ended.session
    session_id = session.terms.session_id
    try:
        curve = await collected(bus, charge_point_id, session_id, _last_reading(session))
    except CorruptRecordError as error:
        log.warning("the curve can't be kept: %s", error, session_id=session_id)
        curve = ()
    row = _row(charge_point_id, ended)
    whole = ending(row, _record(charge_point_id, ended, curve))
    noted = _assumed(session)
    if not noted:
        return whole
    return whole._replace(writes=(*whole.writes, StateWrite(keys.assumed(charge_point_id), noted)))


def reading_after(before: Session, after: Session) -> Reading | None:
    """Give the reading that came between two states of a session, if it is to be collected."""
    if after.readings == before.readings or not is_collected(before.readings):
        return None
    return _last_reading(after)


def _last_reading(session: Session) -> Reading | None:
    usage = session.usage
    if usage is None or session.sampled_at is None:
        return None
    return Reading(to_ms(session.sampled_at), usage.meter_wh, session.power_w, session.soc_percent)


def _record(charge_point_id: str, ended: Ended, curve: tuple[Reading, ...]) -> SessionRecord:
    session = ended.session
    return SessionRecord(
        session_id=session.terms.session_id,
        charge_point_id=charge_point_id,
        connector_id=session.terms.connector_id,
        outcome=_outcome(session),
        ended_at=ended.at,
        status=status_of(session),
        quote=ended.quote,
        receipt=ended.receipt,
        timeline=session.timeline,
        curve=curve,
        gas_used=session.executed.gas_used if session.executed else 0,
        peer_id=session.peer_id,
        nonce=session.nonce,
    )


def _row(charge_point_id: str, ended: Ended) -> Row:
    session, quote, moved = ended.session, ended.session.terms, ended.session.executed
    usage = session.usage
    lines = price_lines(quote.tariff, usage) if usage and not session.private else ()
    return Row(
        charge_point_id=charge_point_id,
        connector_id=quote.connector_id,
        session_id=quote.session_id,
        outcome=_outcome(session),
        ended_ms=to_ms(ended.at),
        started_ms=to_ms(usage.started_at) if usage else 0,
        stop_reason=session.stop_reason,
        failure=session.failure,
        flags=session.flags,
        energy_wh=session.energy_wh,
        unbilled_wh=session.unbilled_wh,
        charging_s=(to_ms(usage.until) - to_ms(usage.started_at)) // 1000 if usage else 0,
        idle_s=idle_ms(usage) // 1000 if usage else 0,
        chain_id=quote.chain_id,
        token=quote.token,
        deposit=moved.deposit if moved else 0,
        spent=moved.spent if moved else 0,
        refund=moved.refund if moved else 0,
        tax=sum(line.amount for line in lines if line.item == "tax") if moved else 0,
        gas_used=moved.gas_used if moved else 0,
        gas_fee=moved.gas_fee if moved else 0,
        transaction_id=session.transaction_id,
    )


def _outcome(session: Session) -> Literal["settled", "refunded", "rejected"]:
    match session.phase:
        case "settled" | "refunded" | "rejected" as outcome:
            return outcome
        case other:
            raise ValueError(f"a session that is {other} has not ended")


def _assumed(session: Session) -> dict[str, str]:
    """Note a transaction that was paid for before the charge point closed it."""
    if session.private or session.usage is None or session.stopped_at is not None:
        return {}
    noted = {"session_id": session.session_id, "meter_wh": session.usage.meter_wh}
    return {str(session.transaction_id): json.dumps(noted)}
