"""Transactions that begin: opened once, however often the charge point tells of it (4.8)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson

from cpg.authorisation import Judgement, claim, judge
from cpg.effects import Effect
from cpg.frames import Call
from cpg.odd_times import read_iso_time, read_odd_time
from cpg.peer import Peer
from cpg.readings import Readings
from cpg.register import TagStatus
from cpg.reservations import ended_fact, marks, read_held, removed, used_by, without
from cpg.translate import read_connector, read_id_tag, read_meter, read_time
from cpg.validation import Violation
from sdk.bus import keys
from sdk.bus.interface import Room, StateWrite
from sdk.events.charging import ChargingStarted
from sdk.ids import natural_id
from sdk.reservations import Reservation
from sdk.transaction_log import written_id


@dataclass(frozen=True, slots=True)
class Started:
    """What a StartTransaction.req is answered with; `is_over`: it came again after its stop."""

    transaction_id: int
    info: dict[str, str]
    """idTagInfo."""
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known where a transaction begins."""

    connector_id: int
    judged: Judgement
    stored: Mapping[str, str]
    """The connector's hash."""
    others: list[dict[str, str]]
    """Those of the other connectors."""
    held: Mapping[int, Reservation]


async def start_transaction(peer: Peer, kept: Readings, call: Call) -> Started:
    """Open the transaction that a StartTransaction.req tells of; a repeat gets the same answer.

    A transaction of a tag that may not charge is opened, too: it has begun already.
    """
    n = read_connector(call.payload)
    if n == 0:
        raise Violation("PropertyConstraintViolation", "connectorId: 0 has no transactions")
    given, meter = read_id_tag(call.payload), read_meter(call.payload, "meterStart")
    started_at = read_time(call.payload["timestamp"], peer.clock())
    known = await _look(peer, n, given)
    fields = {
        "connector_id": str(n),
        "id_tag": known.judged.tag,
        "id_tag_status": _status(known),
        "meter_start_wh": str(meter),
        "started_at": started_at.isoformat(),
        "received_at": peer.clock().isoformat(),
    }
    natural_key = f"{n}:{given.casefold()}:{_moment_key(call, known.stored)}:{meter}"
    cp = peer.charge_point_id
    transaction_id, is_new = await peer.bus.open_transaction(cp, natural_key, fields)
    if not is_new:
        fields |= await peer.bus.read(keys.transaction(cp, transaction_id))
    is_over = bool(fields.get("stopped_at"))
    if not fields.get("told_at") and not is_over:
        fields |= await _count(peer, known.judged, transaction_id, fields)
        used = _used_reservation(known, call.payload.get("reservationId"), fields)
        await _tell_start(peer, kept, transaction_id, fields, known, used)
    return Started(transaction_id, known.judged.info | {"status": _read_status(fields)}, is_over)


async def _look(peer: Peer, n: int, given: str) -> _Known:
    cp = peer.charge_point_id
    numbers = sorted({n, *range(1, peer.connectors + 1)})
    register, reserved, *connectors = await peer.bus.read_many(
        [
            keys.id_tags(cp),
            keys.reservations(cp),
            *(keys.connector(cp, number) for number in numbers),
        ]
    )
    others = [held for number, held in zip(numbers, connectors, strict=True) if number != n]
    judged = await judge(peer, register, given, n)
    return _Known(n, judged, connectors[numbers.index(n)], others, read_held(reserved))


def _moment_key(call: Call, stored: Mapping[str, str]) -> str:
    """Give what tells a start from others of the same tag and register: its timestamp, as it came.

    One that was filled in is another one each time; then the same start is the one that has come
    since the connector's last transaction ended.
    """
    if not call.tolerated:
        return str(call.payload["timestamp"]).strip()
    payload = orjson.loads(call.raw)[-1]
    written = next((v for name, v in payload.items() if name.lower() == "timestamp"), None)
    is_iso = isinstance(written, str) and read_iso_time(written) is not None
    if is_iso or read_odd_time(written) is not None:
        return str(written).strip()
    return f"after {stored.get('closed_transaction', '')}"


async def _count(
    peer: Peer, judged: Judgement, transaction_id: int, fields: Mapping[str, str]
) -> dict[str, str]:
    """Count a transaction of an operators' tag; above its limit it is ConcurrentTx."""
    if judged.entry is None or _read_status(fields) != "Accepted":
        return {}
    if await claim(peer, judged.entry, transaction_id, int(fields["connector_id"])):
        return {"counted": "1"}
    return {"id_tag_status": "ConcurrentTx"}


def _used_reservation(
    known: _Known, reservation_id: int | None, fields: Mapping[str, str]
) -> Reservation | None:
    """Give the reservation that is used up; a tag that may not charge uses only what it names."""
    if reservation_id is None and _read_status(fields) != "Accepted":
        return None
    parent = known.judged.info.get("parentIdTag")
    held = known.held.values()
    return used_by(held, reservation_id, known.connector_id, known.judged.tag, parent)


async def _tell_start(
    peer: Peer,
    kept: Readings,
    transaction_id: int,
    fields: Mapping[str, str],
    known: _Known,
    used: Reservation | None,
) -> None:
    cp, n = peer.charge_point_id, known.connector_id
    body = ChargingStarted(
        transaction_id=transaction_id,
        id_tag=fields["id_tag"],
        id_tag_status=_read_status(fields),
        meter_start_wh=int(fields["meter_start_wh"]),
        started_at=datetime.fromisoformat(fields["started_at"]),
    )
    register = kept.register_at(n, known.stored, body.meter_start_wh, body.started_at)
    told = {"told_at": peer.clock().isoformat(), "id_tag_status": body.id_tag_status}
    if "counted" in fields:
        told["counted"] = fields["counted"]
    event_id = natural_id(cp, "StartTransaction", transaction_id)
    more = _use_up(peer, known, used, transaction_id)
    await peer.commit(
        writes=[
            StateWrite(keys.connector(cp, n), _shown(body) | register),
            StateWrite(keys.transaction(cp, transaction_id), told),
            *more.writes,
        ],
        removed=dict(more.removed),
        appends={keys.transaction_ids(cp): written_id(transaction_id)},
        events=[
            peer.envelope(event_id, body, n),
            *(
                peer.envelope(natural_id(str(event_id), type(fact).__name__), fact, at)
                for fact, at in more.events
            ),
        ],
        cause=event_id,
        room=Room.TRANSACTIONS,
    )
    kept.opened(transaction_id)


def _shown(body: ChargingStarted) -> dict[str, str]:
    return {
        "transaction_id": str(body.transaction_id),
        "id_tag": body.id_tag,
        "id_tag_status": body.id_tag_status,
        "meter_start_wh": str(body.meter_start_wh),
        "power_w": "0",
        "suspect_since": "",
    }


def _use_up(peer: Peer, known: _Known, used: Reservation | None, transaction_id: int) -> Effect:
    if used is None:
        return Effect()
    return Effect(
        writes=marks(peer.charge_point_id, [used], without(known.held, [used])),
        removed=removed(peer, [used]),
        events=[(ended_fact(used, "used", transaction_id), used.connector_id)],
    )


def _status(known: _Known) -> TagStatus:
    """Say what a start is told; a session's tag is never in two places of one charge point."""
    status = _read_status({"id_tag_status": known.judged.info["status"]})
    if known.judged.entry is not None or status != "Accepted":
        return status
    charging = [held.get("id_tag") for held in known.others if _has_rightful(held)]
    return "ConcurrentTx" if known.judged.tag in charging else status


def _has_rightful(connector: Mapping[str, str]) -> bool:
    return bool(connector.get("transaction_id")) and connector.get("id_tag_status") == "Accepted"


def _read_status(fields: Mapping[str, str]) -> TagStatus:
    match fields.get("id_tag_status"):
        case "Accepted" | "Blocked" | "Expired" | "ConcurrentTx" as status:
            return status
        case _:
            return "Invalid"
