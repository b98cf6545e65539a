"""Transactions: opened and closed once, however often the charge point tells of it."""

from typing import Any

from cpg.frames import Call
from cpg.peer import Peer
from cpg.register import TagStatus, tag_status
from cpg.translate import read_connector, read_id_tag, read_meter, read_time, readings
from cpg.validation import Violation
from sdk.bus import keys
from sdk.bus.interface import StateWrite
from sdk.events.charging import ChargingStarted, ChargingStopped
from sdk.events.envelope import Envelope
from sdk.ids import natural_id


async def start_transaction(peer: Peer, call: Call) -> tuple[int, TagStatus]:
    """Open the transaction that a StartTransaction.req tells of; a repeat gets the same id.

    A transaction of a tag that may not charge is opened, too: it has begun already.
    """
    n = read_connector(call.payload)
    if n == 0:
        raise Violation("PropertyConstraintViolation", "connectorId: 0 has no transactions")
    tag, meter = read_id_tag(call.payload), read_meter(call.payload, "meterStart")
    started_at = read_time(call.payload["timestamp"], peer.clock())
    register = await peer.bus.read(keys.id_tags(peer.charge_point_id))
    status = tag_status(register, tag, peer.clock())
    fields = {
        "connector_id": str(n),
        "id_tag": tag,
        "id_tag_status": status,
        "meter_start_wh": str(meter),
        "started_at": started_at.isoformat(),
        "received_at": peer.clock().isoformat(),
    }
    natural_key = f"{n}:{tag}:{call.payload['timestamp']}:{meter}"
    transaction_id, is_new = await peer.bus.open_transaction(
        peer.charge_point_id, natural_key, fields
    )
    if not is_new:
        known = await peer.bus.read(keys.transaction(peer.charge_point_id, transaction_id))
        if known.get("stopped_at"):
            return transaction_id, "Accepted"
        status = _status(known.get("id_tag_status"), status)
    body = ChargingStarted(
        transaction_id=transaction_id,
        id_tag=tag,
        id_tag_status=status,
        meter_start_wh=meter,
        started_at=started_at,
    )
    event_id = natural_id(peer.charge_point_id, "StartTransaction", transaction_id)
    connector = {
        "transaction_id": str(transaction_id),
        "id_tag": tag,
        "meter_start_wh": str(meter),
        "energy_wh": str(meter),
        "power_w": "0",
        "sampled_at": started_at.isoformat(),
    }
    await peer.commit(
        writes=[StateWrite(keys.connector(peer.charge_point_id, n), connector)],
        events=[peer.envelope(event_id, body, n)],
        cause=event_id,
    )
    return transaction_id, status


async def stop_transaction(peer: Peer, call: Call) -> dict[str, Any]:
    """Close the transaction that a StopTransaction.req tells of; the first one counts."""
    transaction_id = call.payload["transactionId"]
    known: dict[str, str] = {}
    if isinstance(transaction_id, int) and 0 < transaction_id < 2**31:
        known = await peer.bus.read(keys.transaction(peer.charge_point_id, transaction_id))
    if known and not known.get("stopped_at"):
        await _close(peer, call, transaction_id, known)
    elif not known:
        await _keep_orphan(peer, call)
    return {"idTagInfo": {"status": "Accepted"}} if "idTag" in call.payload else {}


async def _close(peer: Peer, call: Call, transaction_id: int, known: dict[str, str]) -> None:
    n = int(known["connector_id"])
    cp = peer.charge_point_id
    body = ChargingStopped(
        transaction_id=transaction_id,
        meter_stop_wh=read_meter(call.payload, "meterStop"),
        stopped_at=read_time(call.payload["timestamp"], peer.clock()),
        reason=call.payload.get("reason", "Local"),
        id_tag=read_id_tag(call.payload) if call.payload.get("idTag") else None,
    )
    event_id = natural_id(cp, "StopTransaction", transaction_id)
    closed = {
        "meter_stop_wh": str(body.meter_stop_wh),
        "stopped_at": body.stopped_at.isoformat(),
        "stop_reason": body.reason,
    }
    writes = [StateWrite(keys.transaction(cp, transaction_id), closed)]
    connector = await peer.bus.read(keys.connector(cp, n))
    if connector.get("transaction_id") == str(transaction_id):
        free = {"transaction_id": "", "id_tag": "", "power_w": "0"}
        free["energy_wh"] = str(body.meter_stop_wh)
        writes.append(StateWrite(keys.connector(cp, n), free))
    events = [*_last_readings(peer, call, transaction_id, n), peer.envelope(event_id, body, n)]
    await peer.commit(writes=writes, events=events, cause=event_id)


def _last_readings(peer: Peer, call: Call, transaction_id: int, n: int) -> list[Envelope]:
    bodies = readings(call.payload.get("transactionData", ()), transaction_id, peer.clock())
    cp = peer.charge_point_id
    return [
        peer.envelope(natural_id(cp, "transactionData", transaction_id, ordinal), body, n)
        for ordinal, body in enumerate(bodies)
    ]


async def _keep_orphan(peer: Peer, call: Call) -> None:
    """Keep a stop that no transaction explains; refusing it would make it come again for ever."""
    name = str(call.payload["transactionId"])[:20]
    text = f"{call.payload['timestamp']} meterStop {call.payload['meterStop']}"[:100]
    key = keys.orphan_stops(peer.charge_point_id)
    await peer.commit(writes=[StateWrite(key, {name: text})])


def _status(kept: str | None, otherwise: TagStatus) -> TagStatus:
    match kept:
        case "Accepted" | "Blocked" | "Expired" | "Invalid" | "ConcurrentTx":
            return kept
        case _:
            return otherwise
