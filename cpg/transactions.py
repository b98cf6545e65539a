"""Transactions that end: closed once, however often the charge point tells of it (4.10)."""

from collections.abc import Mapping
from typing import Any

from cpg.authorisation import judge, release
from cpg.availability import after_transaction
from cpg.charging_profiles import ended_with, read_held, removed
from cpg.frames import Call
from cpg.meter_values import event_of, read_readings
from cpg.orphans import keep_orphan
from cpg.peer import Peer
from cpg.readings import Readings
from cpg.translate import read_id_tag, read_meter, read_time, read_transaction
from cpg.validation import Violation
from sdk.bus import keys
from sdk.bus.interface import Room, StateWrite
from sdk.events.charging import ChargingStopped
from sdk.events.envelope import Envelope
from sdk.ids import natural_id


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
        await _close(peer, kept, body, known, call)
        if known.get("counted"):
            await release(peer, known["id_tag"], transaction_id)
    n = int(known["connector_id"]) if known else None
    return n, await _stop_info(peer, call)


async def _stop_info(peer: Peer, call: Call) -> dict[str, Any]:
    """Say what the register says of the tag that stopped: the charge point may keep it."""
    if not call.payload.get("idTag"):
        return {}
    register = await peer.bus.read(keys.id_tags(peer.charge_point_id))
    judged = await judge(peer, register, str(call.payload["idTag"]))
    return {"idTagInfo": judged.info}


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


async def _close(
    peer: Peer, kept: Readings, body: ChargingStopped, known: Mapping[str, str], call: Call
) -> None:
    cp, transaction_id, n = peer.charge_point_id, body.transaction_id, int(known["connector_id"])
    closed = {
        "meter_stop_wh": str(body.meter_stop_wh),
        "stopped_at": body.stopped_at.isoformat(),
        "stop_received_at": peer.clock().isoformat(),
        "stop_reason": body.reason,
    }
    writes = [StateWrite(keys.transaction(cp, transaction_id), closed)]
    connector, profiles = await peer.bus.read_many(
        [keys.connector(cp, n), keys.charging_profiles(cp)]
    )
    is_current = connector.get("transaction_id") == str(transaction_id)
    if is_current:
        free = {"transaction_id": "", "id_tag": "", "power_w": "0", "suspect_since": ""}
        free["closed_transaction"] = str(transaction_id)
        free |= kept.register_at(n, connector, body.meter_stop_wh, body.stopped_at)
        free |= after_transaction(connector)
        writes.append(StateWrite(keys.connector(cp, n), free))
    event_id = natural_id(cp, "StopTransaction", transaction_id)
    events = [*_last_readings(peer, call, transaction_id, n), peer.envelope(event_id, body, n)]
    where = n if is_current else None
    ended = ended_with(transaction_id, where, known["id_tag"], read_held(profiles))
    await peer.commit(
        writes=writes,
        removed=removed(cp, ended),
        events=events,
        cause=event_id,
        room=Room.TRANSACTIONS,
    )


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
