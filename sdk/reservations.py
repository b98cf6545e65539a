"""Reservations that a charge point holds, as the gateway keeps them."""

from pydantic import ValidationError

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.fields import ConnectorId, Frozen, IdTag, Moment


class Reservation(Frozen):
    """A reservation that holds until `expires_at`; `connector_id` 0: of any connector."""

    reservation_id: int
    connector_id: ConnectorId
    id_tag: IdTag
    parent_id_tag: IdTag | None = None
    expires_at: Moment
    made_at: Moment

    def suits(self, id_tag: str, parent_id_tag: str | None) -> bool:
        """Tell whether a tag may use it: it is its own, or one of the same parent (5.13)."""
        if id_tag.casefold() == self.id_tag.casefold():
            return True
        parents = parent_id_tag, self.parent_id_tag
        return all(parents) and len({str(each).casefold() for each in parents}) == 1


def read_reservation(text: str) -> Reservation | None:
    """Read one as it is kept; None for a damaged one."""
    try:
        return Reservation.model_validate_json(text)
    except ValidationError:
        return None


async def read_reservations(bus: Bus, charge_point_id: str) -> list[Reservation]:
    """Read those that hold, the first to lapse first. Raises BusUnavailableError."""
    stored = await bus.read(keys.reservations(charge_point_id))
    found = [each for each in map(read_reservation, stored.values()) if each is not None]
    return sorted(found, key=lambda each: (each.expires_at, each.reservation_id))
