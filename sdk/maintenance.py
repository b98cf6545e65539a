"""Firmware updates and uploads that charge points were asked for; written by the gateway."""

from collections.abc import Mapping
from typing import Literal

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.fields import Frozen, Moment

Matter = Literal["firmware", "diagnostics", "log"]
MATTERS: tuple[Matter, ...] = ("firmware", "diagnostics", "log")


class MaintenanceRequest(Frozen):
    """What was asked by which operation; `location` without credentials."""

    operation: str
    location: str
    file_name: str | None = None
    """Of the file that the charge point said it uploads."""
    request_id: int | None = None
    log_type: str | None = None
    retrieve_at: Moment | None = None
    asked_at: Moment


class MaintenanceStatus(Frozen):
    """What the charge point told last, by its own word."""

    status: str
    request_id: int | None = None
    told_at: Moment


class Maintenance(Frozen):
    """One matter: what was asked last, and what the charge point told last."""

    matter: Matter
    asked: MaintenanceRequest | None = None
    told: MaintenanceStatus | None = None

    @property
    def status(self) -> str:
        """The charge point's word on what was asked last; `requested` until it has told any."""
        if self.told is None or (
            self.asked is not None and self.told.told_at < self.asked.asked_at
        ):
            return "requested"
        return self.told.status


def is_of_another(request_id: int | None, asked: str | None) -> bool:
    """Tell whether a status is not of what was asked last: `asked` as it is stored.

    One without an id was triggered, and is of whatever there is.
    """
    if request_id is None or asked is None:
        return False
    return MaintenanceRequest.model_validate_json(asked).request_id != request_id


def status_field(matter: Matter) -> str:
    """Name the field of `{CP}:maintenance` of what was told; `matter` is that of what was asked."""
    return f"{matter}_status"


async def read_maintenance(bus: Bus, charge_point_id: str) -> tuple[Maintenance, ...]:
    """Read what was asked or told, one entry a matter. Raises BusUnavailableError."""
    stored = await bus.read(keys.maintenance(charge_point_id))
    entries = [_entry(matter, stored) for matter in MATTERS]
    return tuple(entry for entry in entries if entry.asked or entry.told)


def _entry(matter: Matter, stored: Mapping[str, str]) -> Maintenance:
    asked, told = stored.get(matter), stored.get(status_field(matter))
    return Maintenance(
        matter=matter,
        asked=MaintenanceRequest.model_validate_json(asked) if asked else None,
        told=MaintenanceStatus.model_validate_json(told) if told else None,
    )
