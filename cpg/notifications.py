"""Notifications of firmware, uploads and security: durable before they are answered.

OCPP 1.6, 4.4 and 4.5; SW: "Improved security for OCPP 1.6-J", edition 3, 4.1, 4.2 and 4.4.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from cpg.frames import Call
from cpg.peer import Peer
from cpg.translate import read_time
from sdk.bus import keys
from sdk.bus.interface import Room, StateWrite
from sdk.events.body import Body
from sdk.events.charge_point import (
    DiagnosticsStatusChanged,
    FirmwareStatusChanged,
    LogStatusChanged,
    SecurityEventReported,
)
from sdk.ids import natural_id
from sdk.maintenance import MaintenanceStatus, Matter, is_of_another, status_field
from sdk.security_events import SecurityEvents

_MATTERS: Mapping[str, Matter] = {
    "DiagnosticsStatusNotification": "diagnostics",
    "FirmwareStatusNotification": "firmware",
    "LogStatusNotification": "log",
    "SignedFirmwareStatusNotification": "firmware",
}
_MOST_TYPES, _OTHERS = 200, "(others)"
"""Types of security events that are counted by themselves; a vendor may have its own (SW 3)."""


async def status_told(peer: Peer, call: Call) -> dict[str, Any]:
    """Take the status of a firmware update or an upload.

    One of another request than the last is told, and not kept.
    """
    matter, now = _MATTERS[call.action], peer.clock()
    key, request_id = keys.maintenance(peer.charge_point_id), call.payload.get("requestId")
    stored = await peer.bus.read(key) if request_id is not None else {}
    body = _status(call)
    told = MaintenanceStatus(status=call.payload["status"], request_id=request_id, told_at=now)
    written = StateWrite(key, {status_field(matter): told.model_dump_json()})
    cause = peer.cause(call, call.action)
    await peer.commit(
        writes=[] if is_of_another(request_id, stored.get(matter)) else [written],
        events=[peer.envelope(cause, body)],
        cause=cause,
        room=Room.STATE_ONLY,
    )
    return {}


async def security_event(peer: Peer, call: Call) -> dict[str, Any]:
    """Take a security event (SW 4.2); one that is sent again, on any socket, is told once.

    Raises Violation.
    """
    cp, now = peer.charge_point_id, peer.clock()
    body = SecurityEventReported(
        event_type=call.payload["type"],
        reported_at=read_time(call.payload["timestamp"], now),
        tech_info=call.payload.get("techInfo"),
    )
    stored = await peer.bus.read(keys.security_events(cp))
    is_counted = body.event_type in stored or len(stored) < _MOST_TYPES
    name = body.event_type if is_counted else _OTHERS
    counted = SecurityEvents(
        event_type=name,
        count=_count(stored.get(name)) + 1,
        reported_at=body.reported_at,
        received_at=now,
        tech_info=body.tech_info,
    )
    cause = natural_id(cp, call.action, call.message_id, call.checksum)
    await peer.commit(
        writes=[StateWrite(keys.security_events(cp), {name: counted.model_dump_json()})],
        events=[peer.envelope(cause, body)],
        cause=cause,
        room=Room.STATE_ONLY,
    )
    return {}


def _status(call: Call) -> Body:
    status, request_id = call.payload["status"], call.payload.get("requestId")
    match call.action:
        case "DiagnosticsStatusNotification":
            return DiagnosticsStatusChanged(status=status)
        case "LogStatusNotification":
            return LogStatusChanged(status=status, request_id=request_id)
        case _:
            is_signed = call.action.startswith("Signed")
            return FirmwareStatusChanged(status=status, signed=is_signed, request_id=request_id)


def _count(stored: str | None) -> int:
    try:
        return SecurityEvents.model_validate_json(stored).count if stored else 0
    except ValidationError:
        return 0
