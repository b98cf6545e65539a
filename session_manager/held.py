"""The sessions of one charge point, as they stand in Redis.

A session's quote, which is most of it and never changes, is written once, as a field of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from sdk.bus import keys
from sdk.bus.interface import Bus, StateWrite
from sdk.errors import NoroamError
from sdk.events.service import ChargingStatus, QuoteOffered, ServiceDelivered
from sdk.faults import first_fault
from session_manager.session.deadlines import next_deadline
from session_manager.session.state import Session, status_of

_WITHOUT_QUOTE = {"quote"}


class UnreadableSessionError(NoroamError):
    """What Redis holds is no session that this version can read."""


@dataclass(frozen=True, slots=True)
class Held:
    """A session, its version in Redis (0: never stored) and, once paid out, its receipt.

    `quote_apart` is False for one that an older version stored, with its quote inside its state.
    """

    session: Session
    version: int = 0
    receipt: ServiceDelivered | None = None
    quote_apart: bool = True


async def load_disputed(bus: Bus, charge_point_id: str, ids: Sequence[str]) -> dict[str, Held]:
    """Read the sessions that wait off the connector, by session id."""
    hashes = await bus.read_many([keys.disputed(charge_point_id, item) for item in ids])
    return {item: read_held(fields) for item, fields in zip(ids, hashes, strict=True) if fields}


def read_held(fields: Mapping[str, str]) -> Held:
    """Read a session's hash; an idle one where there is none. Raises UnreadableSessionError."""
    if "state" not in fields:
        return Held(Session(), int(fields.get("version", "0")))
    receipt = fields.get("receipt")
    try:
        return Held(
            session=_session(fields),
            version=int(fields["version"]),
            receipt=ServiceDelivered.model_validate_json(receipt) if receipt else None,
            quote_apart="quote" in fields,
        )
    except ValidationError as error:
        raise UnreadableSessionError(
            f"session {fields.get('session_id')}: {first_fault(error)}"
        ) from error


def _session(fields: Mapping[str, str]) -> Session:
    session = Session.model_validate_json(fields["state"])
    if "quote" not in fields:
        return session
    quote = QuoteOffered.model_validate_json(fields["quote"])
    return session.model_copy(update={"quote": quote})


def write_session(
    charge_point_id: str,
    connector_id: int,
    before: Held,
    after: Session,
    receipt: ServiceDelivered | None,
    status: ChargingStatus | None = None,
) -> list[StateWrite]:
    """Give the writes that store a session; `status` is its own, where that is known already."""
    key = keys.session(charge_point_id, connector_id)
    is_new = after.quote is not before.session.quote or not before.quote_apart
    fields = _fields(after, before.version + 1, receipt, status or status_of(after))
    if is_new:
        fields |= _quote_field(after)
    return [StateWrite(key, fields, expected_version=before.version, replace=is_new)]


def write_dispute(
    charge_point_id: str, connector_id: int, before: Held, after: Session, now: datetime
) -> list[StateWrite]:
    """Give the writes that move a session off its connector, which becomes free."""
    sid = after.terms.session_id
    empty = {
        "version": str(before.version + 1),
        "phase": "idle",
        "session_id": "",
        "deadline_at": "",
    }
    return [
        StateWrite(
            keys.session(charge_point_id, connector_id),
            empty,
            expected_version=before.version,
            replace=True,
        ),
        StateWrite(keys.disputed(charge_point_id, sid), _whole(after, 1, None), replace=True),
        StateWrite(keys.disputes(charge_point_id), {sid: now.isoformat()}),
    ]


def update_dispute(charge_point_id: str, before: Held, after: Session) -> list[StateWrite]:
    """Give the writes that store a disputed session again."""
    key = keys.disputed(charge_point_id, after.terms.session_id)
    fields = _whole(after, before.version + 1, None)
    return [StateWrite(key, fields, expected_version=before.version, replace=True)]


def _whole(session: Session, version: int, receipt: ServiceDelivered | None) -> dict[str, str]:
    return _fields(session, version, receipt, status_of(session)) | _quote_field(session)


def _quote_field(session: Session) -> dict[str, str]:
    return {"quote": session.quote.model_dump_json()} if session.quote is not None else {}


def _fields(
    session: Session, version: int, receipt: ServiceDelivered | None, status: ChargingStatus
) -> dict[str, str]:
    deadline = next_deadline(session)
    fields = {
        "version": str(version),
        "phase": session.phase,
        "session_id": session.session_id or "",
        "deadline_at": deadline[0].isoformat() if deadline else "",
        "state": session.model_dump_json(exclude_defaults=True, exclude=_WITHOUT_QUOTE),
        "status": status.model_dump_json(exclude_none=True),
    }
    if receipt is not None:
        fields["receipt"] = receipt.model_dump_json()
    return fields
