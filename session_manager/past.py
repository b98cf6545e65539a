"""Sessions that left their connector, as their consumers may still ask for them."""

from dataclasses import dataclass

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.events.service import ChargingStatus, QuoteOffered
from sdk.events.signed import read_payload
from sdk.records.record import decode_record
from session_manager.held import Held
from session_manager.session.state import Session


@dataclass(frozen=True, slots=True)
class Past:
    """A session, how it stands, and whether it is still open: disputed, or left to the driver.

    Of one that ended, the session tells only whose it was.
    """

    held: Held
    status: ChargingStatus
    is_open: bool = False


async def find_past(bus: Bus, charge_point_id: str, session_id: str) -> Past | None:
    """Read a session that ended; None for one that nobody may ask for, or that there is not.

    Raises CorruptRecordError, BusUnavailableError.
    """
    blob = (await bus.read_blobs([keys.record(charge_point_id, session_id)]))[0]
    if not blob:
        return None
    record = decode_record(blob)
    if record.quote is None:
        return None
    heard = await bus.read(keys.past(charge_point_id, session_id))
    session = Session(
        phase=record.outcome,
        session_id=session_id,
        quote=read_payload(record.quote, QuoteOffered),
        peer_id=record.peer_id,
        nonce=max(record.nonce, int(heard.get("nonce", -1))),
    )
    return Past(Held(session, receipt=record.receipt), record.status)
