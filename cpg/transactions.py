"""Transactions: opened and closed once, however often the charge point tells of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from cpg.frames import Call
from cpg.meter_values import event_of, read_readings
from cpg.odd_times import read_iso_time, read_odd_time
from cpg.orphans import keep_orphan
from cpg.peer import Peer
from cpg.readings import Readings
from cpg.register import TagStatus, spelling, tag_info, tag_status
from cpg.translate import read_connector, read_id_tag, read_meter, read_time, read_transaction
from cpg.validation import Violation
from sdk.bus import keys
from sdk.bus.interface import Room, StateWrite
from sdk.events.charging import ChargingStarted, ChargingStopped
from sdk.events.envelope import Envelope
from sdk.ids import natural_id


@dataclass(frozen=True, slots=True)
class Started:
    """What a StartTransaction.req is answered with; `is_over`: it came again after its stop."""

    transaction_id: int
    info: dict[str, str]
    """idTagInfo."""
    is_over: bool = False


async def start_transaction(peer: Peer, kept: Readings, call: Call) -> Started:
    """Open the transaction that a StartTransaction.req tells of; a repeat gets the same answer.

    A transaction of a tag that may not charge is opened, too: it has begun already.
    """
    n = read_connector(call.payload)
    if n == 0:
        raise Violation("PropertyConstraintViolation", "connectorId: 0 has no transactions")
    given, meter = read_id_tag(call.payload), read_meter(call.payload, "meterStart")
    started_at = read_time(call.payload["timestamp"], peer.clock())
    cp = peer.charge_point_id
    numbers = sorted({n, *range(1, peer.connectors + 1)})
    register, *connectors = await peer.bus.read_many(
        [keys.id_tags(cp), *(keys.connector(cp, number) for number in numbers)]
    )
    tag = spelling(register, given)
    others = [held for number, held in zip(numbers, connectors, strict=True) if number != n]
    fields = {
        "connector_id": str(n),
        "id_tag": tag,
        "id_tag_status": _status(register, others, tag, n, peer.clock()),
        "meter_start_wh": str(meter),
        "started_at": started_at.isoformat(),
        "received_at": peer.clock().isoformat(),
    }
    stored = connectors[numbers.index(n)]
    natural_key = f"{n}:{given.casefold()}:{_moment_key(call, stored)}:{meter}"
    transaction_id, is_new = await peer.bus.open_transaction(cp, natural_key, fields)
    if not is_new:
        fields |= await peer.bus.read(keys.transaction(cp, transaction_id))
    info = tag_info(register, tag, peer.clock(), n) | {"status": _read_status(fields)}
    started = Started(transaction_id, info, bool(fields.get("stopped_at")))
    if not fields.get("told_at") and not started.is_over:
        await _tell_start(peer, kept, started, fields, stored)
    return started


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


async def _tell_start(
    peer: Peer,
    kept: Readings,
    started: Started,
    fields: Mapping[str, str],
    stored: Mapping[str, str],
) -> None:
    cp, n = peer.charge_point_id, int(fields["connector_id"])
    body = ChargingStarted(
        transaction_id=started.transaction_id,
        id_tag=fields["id_tag"],
        id_tag_status=_read_status(fields),
        meter_start_wh=int(fields["meter_start_wh"]),
        started_at=datetime.fromisoformat(fields["started_at"]),
    )
    connector = {
        "transaction_id": str(started.transaction_id),
        "id_tag": body.id_tag,
        "id_tag_status": body.id_tag_status,
        "meter_start_wh": str(body.meter_start_wh),
        "power_w": "0",
        "suspect_since": "",
    } | kept.register_at(n, stored, body.meter_start_wh, body.started_at)
    told = {"told_at": peer.clock().isoformat()}
    event_id = natural_id(cp, "StartTransaction", started.transaction_id)
    await peer.commit(
        writes=[
            StateWrite(keys.connector(cp, n), connector),
            StateWrite(keys.transaction(cp, started.transaction_id), told),
        ],
        events=[peer.envelope(event_id, body, n)],
        cause=event_id,
        room=Room.TRANSACTIONS,
    )
    kept.opened(started.transaction_id)


async def stop_transaction(
    peer: Peer, kept: Readings, call: Call
) -> tuple[int | None, dict[str, Any]]:
    """Close the transaction that a StopTransaction.req tells of; the first one counts.

    Gives its connector, if it is known, and the answer.
    """
    transaction_id = read_transaction(call.payload)
    known: dict[str, str] = {}
    if transaction_id is not None:
        known = await peer.bus.read(keys.transaction(peer.charge_point_id, transaction_id))
    if transaction_id is None or not known:
        await keep_orphan(peer, call)
    elif not known.get("stopped_at"):
        body = _stopped(peer, call, transaction_id, known)
        await _close(peer, kept, body, int(known["connector_id"]), call)
    n = int(known["connector_id"]) if known else None
    return n, await _stop_info(peer, call)


async def _stop_info(peer: Peer, call: Call) -> dict[str, Any]:
    """Say what the register says of the tag that stopped: the charge point may keep it."""
    if not call.payload.get("idTag"):
        return {}
    register = await peer.bus.read(keys.id_tags(peer.charge_point_id))
    return {"idTagInfo": tag_info(register, call.payload["idTag"], peer.clock())}


def _stopped(
    peer: Peer, call: Call, transaction_id: int, known: Mapping[str, str]
) -> ChargingStopped:
    """Read the stop; what can't be read is replaced by what we know, never refused.

    A charge point that is refused a stop sends it again, and nothing else before it.
    """
    try:
        stopped_at = read_time(call.payload["timestamp"], peer.clock())
    except Violation:
        stopped_at = peer.clock()
    try:
        meter = read_meter(call.payload, "meterStop")
    except Violation:
        meter = int(known.get("energy_wh") or known["meter_start_wh"])
    try:
        id_tag = read_id_tag(call.payload) if call.payload.get("idTag") else None
    except Violation:
        id_tag = None
    return ChargingStopped(
        transaction_id=transaction_id,
        meter_stop_wh=meter,
        stopped_at=stopped_at,
        reason=call.payload.get("reason", "Local"),
        id_tag=id_tag,
    )


async def _close(peer: Peer, kept: Readings, body: ChargingStopped, n: int, call: Call) -> None:
    cp, transaction_id = peer.charge_point_id, body.transaction_id
    closed = {
        "meter_stop_wh": str(body.meter_stop_wh),
        "stopped_at": body.stopped_at.isoformat(),
        "stop_received_at": peer.clock().isoformat(),
        "stop_reason": body.reason,
    }
    writes = [StateWrite(keys.transaction(cp, transaction_id), closed)]
    connector = await peer.bus.read(keys.connector(cp, n))
    if connector.get("transaction_id") == str(transaction_id):
        free = {"transaction_id": "", "id_tag": "", "power_w": "0", "suspect_since": ""}
        free["closed_transaction"] = str(transaction_id)
        free |= kept.register_at(n, connector, body.meter_stop_wh, body.stopped_at)
        writes.append(StateWrite(keys.connector(cp, n), free))
    event_id = natural_id(cp, "StopTransaction", transaction_id)
    events = [*_last_readings(peer, call, transaction_id, n), peer.envelope(event_id, body, n)]
    await peer.commit(writes=writes, events=events, cause=event_id, room=Room.TRANSACTIONS)


def _last_readings(peer: Peer, call: Call, transaction_id: int, n: int) -> list[Envelope]:
    try:
        taken = read_readings(call.payload.get("transactionData", ()), peer.clock())
    except Violation:
        return []
    cp = peer.charge_point_id
    return [
        peer.envelope(
            natural_id(cp, "transactionData", transaction_id, ordinal),
            event_of(reading, transaction_id),
            n,
        )
        for ordinal, reading in enumerate(taken)
    ]


def _status(
    register: Mapping[str, str],
    others: list[dict[str, str]],
    tag: str,
    connector_id: int,
    now: datetime,
) -> TagStatus:
    status = tag_status(register, tag, now, connector_id)
    charging = [held.get("id_tag") for held in others if _has_rightful(held)]
    return "ConcurrentTx" if status == "Accepted" and tag in charging else status


def _has_rightful(connector: Mapping[str, str]) -> bool:
    return bool(connector.get("transaction_id")) and connector.get("id_tag_status") == "Accepted"


def _read_status(fields: Mapping[str, str]) -> TagStatus:
    match fields.get("id_tag_status"):
        case "Accepted" | "Blocked" | "Expired" | "ConcurrentTx" as status:
            return status
        case _:
            return "Invalid"
