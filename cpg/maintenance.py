"""What is kept of firmware updates and uploads: what was asked (5.9, 5.19; SW 5.2, 5.3)."""

from datetime import datetime
from typing import Any

from cpg.effects import Effect
from cpg.locations import shown_location
from cpg.peer import Peer
from sdk.bus import keys
from sdk.bus.interface import StateWrite
from sdk.events.operations import (
    Answered,
    GetDiagnostics,
    GetLog,
    SignedUpdateFirmware,
    UpdateFirmware,
)
from sdk.maintenance import MaintenanceRequest, Matter, status_field

Asked = GetDiagnostics | GetLog | SignedUpdateFirmware | UpdateFirmware
_TAKEN = (None, "Accepted", "AcceptedCanceled")
"""GetDiagnostics and UpdateFirmware are answered without a status."""


async def asked(peer: Peer, body: Asked, _connector_id: int | None, answered: Answered) -> Effect:
    """Keep what the charge point took on; what it told of the one before is gone."""
    if answered.outcome != "answered" or answered.status not in _TAKEN:
        return Effect()
    matter, request = maintenance_request(body, answered, peer.clock())
    key, fields = keys.maintenance(peer.charge_point_id), {str(matter): request.model_dump_json()}
    return Effect(writes=[StateWrite(key, fields)], removed={key: [status_field(matter)]})


def maintenance_request(
    body: Asked, answered: Answered, at: datetime
) -> tuple[Matter, MaintenanceRequest]:
    """Give what was asked, and of what. Pure."""
    response = answered.response or {}
    more: dict[str, Any] = {"operation": type(body).__name__, "asked_at": at}
    match body:
        case GetDiagnostics():
            matter: Matter = "diagnostics"
            more |= {"location": body.location, "file_name": response.get("fileName")}
        case GetLog():
            matter = "log"
            more |= {"location": body.log.remote_location, "file_name": response.get("filename")}
            more |= {"request_id": body.request_id, "log_type": body.log_type}
        case UpdateFirmware():
            matter = "firmware"
            more |= {"location": body.location, "retrieve_at": body.retrieve_date}
        case SignedUpdateFirmware():
            matter, firmware = "firmware", body.firmware
            more |= {"location": firmware.location, "retrieve_at": firmware.retrieve_date_time}
            more |= {"request_id": body.request_id}
    more["location"] = shown_location(more["location"])
    return matter, MaintenanceRequest.model_validate(more)
