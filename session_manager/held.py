"""The sessions of one charge point, as they stand in Redis."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from sdk.bus import keys
from sdk.bus.interface import Bus, StateWrite
from sdk.errors import NoroamError
from sdk.events.service import ServiceDelivered
from session_manager.session.deadlines import next_deadline
from session_manager.session.state import ENDED, Session, status_of


class UnreadableSessionError(NoroamError):
    """What Redis holds is no session that this version can read."""


@dataclass(frozen=True, slots=True)
class Held:
    """A session, its version in Redis (0: never stored) and, once paid out, its receipt."""

    session: Session
    version: int = 0
    receipt: ServiceDelivered | None = None


async def load(bus: Bus, charge_point_id: str, connectors: int) -> dict[int, Held]:
    """Read the session of every connector."""
    numbers = range(1, connectors + 1)
    hashes = await bus.read_many([keys.session(charge_point_id, n) for n in numbers])
    return {n: read_held(fields) for n, fields in zip(numbers, hashes, strict=True)}


async def load_disputed(bus: Bus, charge_point_id: str) -> dict[str, Held]:
    """Read the sessions that wait off the connector, by session id."""
    ids = sorted(await bus.read(keys.disputes(charge_point_id)))
    hashes = await bus.read_many([keys.disputed(charge_point_id, item) for item in ids])
    return {item: read_held(fields) for item, fields in zip(ids, hashes, strict=True) if fields}


def read_held(fields: dict[str, str]) -> Held:
    """Read a session's hash; an idle one where there is none. Raises UnreadableSessionError."""
    if "state" not in fields:
        return Held(Session(), int(fields.get("version", "0")))
    receipt = fields.get("receipt")
    try:
        return Held(
            session=Session.model_validate_json(fields["state"]),
            version=int(fields["version"]),
            receipt=ServiceDelivered.model_validate_json(receipt) if receipt else None,
        )
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UnreadableSessionError(
            f"session {fields.get('session_id')}: {where}: {first['msg']}"
        ) from error


def write_session(
    charge_point_id: str,
    connector_id: int,
    before: Held,
    after: Session,
    receipt: ServiceDelivered | None,
) -> list[StateWrite]:
    """Give the writes that store a session, and its record once it has ended."""
    key = keys.session(charge_point_id, connector_id)
    fields = _fields(after, before.version + 1, receipt)
    writes = [StateWrite(key, fields, expected_version=before.version, replace=True)]
    if after.phase in ENDED:
        writes += write_record(charge_point_id, after, receipt)
    return writes


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
        StateWrite(keys.disputed(charge_point_id, sid), _fields(after, 1, None), replace=True),
        StateWrite(keys.disputes(charge_point_id), {sid: now.isoformat()}),
    ]


def update_dispute(charge_point_id: str, before: Held, after: Session) -> list[StateWrite]:
    """Give the writes that store a disputed session again."""
    key = keys.disputed(charge_point_id, after.terms.session_id)
    fields = _fields(after, before.version + 1, None)
    return [StateWrite(key, fields, expected_version=before.version, replace=True)]


def end_dispute(
    charge_point_id: str, after: Session, receipt: ServiceDelivered | None
) -> list[StateWrite]:
    """Give the writes that turn a disputed session into a record."""
    key = keys.disputed(charge_point_id, after.terms.session_id)
    return [StateWrite(key, None), *write_record(charge_point_id, after, receipt)]


def write_record(
    charge_point_id: str, session: Session, receipt: ServiceDelivered | None
) -> list[StateWrite]:
    """Give the write of an ended session's record."""
    key = keys.record(charge_point_id, session.terms.session_id)
    return [StateWrite(key, _fields(session, 1, receipt), replace=True)]


def write_past(charge_point_id: str, before: Held, after: Session) -> list[StateWrite]:
    """Give the write that stores a session again which left its connector."""
    if after.phase in ENDED:
        return write_record(charge_point_id, after, before.receipt)
    return update_dispute(charge_point_id, before, after)


def _fields(session: Session, version: int, receipt: ServiceDelivered | None) -> dict[str, str]:
    deadline = next_deadline(session)
    fields = {
        "version": str(version),
        "phase": session.phase,
        "session_id": session.session_id or "",
        "deadline_at": deadline[0].isoformat() if deadline else "",
        "state": session.model_dump_json(exclude_defaults=True),
        "status": status_of(session).model_dump_json(exclude_none=True),
    }
    if receipt is not None:
        fields["receipt"] = receipt.model_dump_json()
    return fields
