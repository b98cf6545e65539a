"""The security events that charge points reported; written by the gateway."""

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.fields import Frozen, Moment


class SecurityEvents(Frozen):
    """All security events of one type ("Improved security for OCPP 1.6-J", edition 3, chapter 3).

    `reported_at` is the charge point's own clock.
    """

    event_type: str
    count: int
    reported_at: Moment
    received_at: Moment
    tech_info: str | None = None


async def read_security_events(bus: Bus, charge_point_id: str) -> tuple[SecurityEvents, ...]:
    """Read them, the newest first. Raises BusUnavailableError."""
    stored = await bus.read(keys.security_events(charge_point_id))
    known = [SecurityEvents.model_validate_json(text) for text in stored.values()]
    return tuple(sorted(known, key=lambda one: one.received_at, reverse=True))
