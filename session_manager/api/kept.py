"""What charge points keep for us: reservations, charging profiles, local list, certificates."""

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Literal

from pydantic import BaseModel

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.certificates import HeldCertificate, read_certificates
from sdk.charging_profiles import HeldProfile, read_charging_profiles
from sdk.events.operations import LocalListEntry
from sdk.maintenance import (
    Maintenance,
    MaintenanceRequest,
    MaintenanceStatus,
    Matter,
    read_maintenance,
)
from sdk.reservations import Reservation, read_reservations
from sdk.security_events import SecurityEvents, read_security_events
from session_manager.api.charge_points import config_asked
from session_manager.api.event_shown import shown
from session_manager.api.routes import Asked, Handler, Reply, Route
from session_manager.api.stored import whole_number
from session_manager.api.values import ApiModel

_TAGS = ("Charge points",)
Read = Callable[[Bus, str], Awaitable[Iterable[BaseModel]]]


class ReservationList(ApiModel):
    """The reservations that hold, the first to lapse first; idTags are masked for viewers.

    Those that lapsed are left out.
    """

    items: list[Reservation]


class ProfileList(ApiModel):
    """The charging profiles that the charge point took, by connector, purpose and stack level."""

    items: list[HeldProfile]


class CertificateList(ApiModel):
    """The certificates that the charge point holds, as far as it said so."""

    items: list[HeldCertificate]


class ShownMaintenance(ApiModel):
    """One matter: what was asked last, and what the charge point told last.

    `status` is its word on what was asked last: `requested` until it has told any. `told` may be of
    an earlier request.
    """

    matter: Matter
    status: str
    asked: MaintenanceRequest | None
    told: MaintenanceStatus | None


class MaintenanceState(ApiModel):
    """What was asked and told last of firmware, diagnostics and logs; and its security events."""

    items: list[ShownMaintenance]
    security_events: list[SecurityEvents]


class LocalList(ApiModel):
    """The operators' entries of a charge point's local list, by idTag; masked for viewers.

    `support`: whether it has such a list at all; `version` is the one that it has, with the idTags
    of running sessions, which are not among the entries.
    """

    support: Literal["yes", "no", "unknown"]
    version: int | None
    items: list[LocalListEntry]


async def _list(read: Read, asked: Asked) -> Reply:
    await config_asked(asked)
    charge_point_id, bus = asked.path["charge_point_id"], asked.services.bus
    return Reply({"items": _shown(await read(bus, charge_point_id), asked)})


async def _reservations(asked: Asked) -> Reply:
    await config_asked(asked)
    found = await read_reservations(asked.services.bus, asked.path["charge_point_id"])
    now = asked.services.clock()
    return Reply({"items": _shown([each for each in found if each.expires_at > now], asked)})


async def _maintenance(asked: Asked) -> Reply:
    await config_asked(asked)
    charge_point_id, bus = asked.path["charge_point_id"], asked.services.bus
    return Reply(
        {
            "items": _shown(map(_matter, await read_maintenance(bus, charge_point_id)), asked),
            "security_events": _shown(await read_security_events(bus, charge_point_id), asked),
        }
    )


def _matter(found: Maintenance) -> ShownMaintenance:
    return ShownMaintenance(
        matter=found.matter, status=found.status, asked=found.asked, told=found.told
    )


async def _local_list(asked: Asked) -> Reply:
    await config_asked(asked)
    charge_point_id, bus = asked.path["charge_point_id"], asked.services.bus
    state, stored = await bus.read_many(
        [keys.state(charge_point_id), keys.local_list(charge_point_id)]
    )
    entries = [LocalListEntry.model_validate_json(text) for _, text in sorted(stored.items())]
    return Reply(
        {
            "support": state.get("local_list") or "unknown",
            "version": whole_number(state.get("local_list_version")),
            "items": _shown(entries, asked),
        }
    )


def _shown(items: Iterable[BaseModel], asked: Asked) -> object:
    shows_tags = asked.principal.may("operator")
    return shown([item.model_dump(mode="json") for item in items], shows_tags=shows_tags)


def _route(path: str, summary: str, handler: Handler, answer: type[BaseModel]) -> Route:
    return Route(
        method="GET",
        path=f"/charge-points/{{charge_point_id}}/{path}",
        name=f"list_{path.replace('-', '_')}",
        summary=summary,
        role="viewer",
        handler=handler,
        answer=answer,
        tags=_TAGS,
        etag=True,
    )


ROUTES = (
    _route("reservations", "List the reservations that hold", _reservations, ReservationList),
    _route(
        "charging-profiles",
        "List the charging profiles that the charge point took",
        partial(_list, read_charging_profiles),
        ProfileList,
    ),
    _route(
        "certificates",
        "List the certificates that the charge point holds",
        partial(_list, read_certificates),
        CertificateList,
    ),
    Route(
        method="GET",
        path="/charge-points/{charge_point_id}/local-list",
        name="get_local_list",
        summary="Show the local list of a charge point",
        role="viewer",
        handler=_local_list,
        answer=LocalList,
        tags=_TAGS,
        etag=True,
    ),
    Route(
        method="GET",
        path="/charge-points/{charge_point_id}/maintenance",
        name="get_maintenance",
        summary="Show how firmware updates, diagnostics and logs stand, and the security events",
        role="viewer",
        handler=_maintenance,
        answer=MaintenanceState,
        tags=_TAGS,
        etag=True,
    ),
)
