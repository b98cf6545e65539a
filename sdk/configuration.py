"""What charge points reported of their configuration; written by the gateway."""

from datetime import datetime

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.fields import Frozen, Moment


class ReportedKey(Frozen):
    """One configuration key as the charge point reported it last, or took it from us.

    `is_hidden`: it has a value which is a secret, and kept nowhere. `needs_reboot`: the value is in
    force once it has booted.
    """

    key: str
    value: str | None = None
    readonly: bool = False
    at: Moment
    needs_reboot: bool = False
    is_hidden: bool = False


async def read_configuration(bus: Bus, charge_point_id: str) -> tuple[ReportedKey, ...]:
    """Read what is known, by name. Raises BusUnavailableError."""
    stored, state = await bus.read_many(
        [keys.configuration(charge_point_id), keys.state(charge_point_id)]
    )
    booted = state.get("booted_at")
    booted_at = datetime.fromisoformat(booted) if booted else None
    known = [ReportedKey.model_validate_json(text) for text in stored.values()]
    known.sort(key=lambda entry: entry.key.casefold())
    return tuple(_in_force(entry, booted_at) for entry in known)


def _in_force(entry: ReportedKey, booted_at: datetime | None) -> ReportedKey:
    if entry.needs_reboot and booted_at is not None and booted_at > entry.at:
        return entry.model_copy(update={"needs_reboot": False})
    return entry
