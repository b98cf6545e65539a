"""The reservations that the simulated charge point keeps; connector 0: any connector."""

from dataclasses import dataclass
from datetime import datetime

from sdk.ids import utc_now

ANY = 0


@dataclass(frozen=True)
class Reservation:
    """One reservation; who has the parent may use it as well."""

    number: int
    connector: int
    id_tag: str
    parent_id_tag: str | None
    expires_at: datetime

    def is_for(self, id_tag: str, parent_id_tag: str | None) -> bool:
        """Tell whether a tag may use it."""
        same = id_tag.casefold() == self.id_tag.casefold()
        return same or (parent_id_tag is not None and parent_id_tag == self.parent_id_tag)


class Reservations:
    """Those that hold; whoever asks must look at the clock by `lapsed` now and then."""

    def __init__(self) -> None:
        self._held: dict[int, Reservation] = {}

    def __contains__(self, number: int) -> bool:
        """Whether there is a reservation of this number."""
        return number in self._held

    def add(self, reservation: Reservation) -> None:
        """Hold one, instead of another of the same number."""
        self._held[reservation.number] = reservation

    def remove(self, number: int) -> Reservation | None:
        """Let one go; gives it, if there was one."""
        return self._held.pop(number, None)

    def of(self, connector: int) -> Reservation | None:
        """Give the reservation of a connector itself."""
        return next((each for each in self._held.values() if each.connector == connector), None)

    def usable(self, connector: int, id_tag: str, parent: str | None) -> Reservation | None:
        """Give the reservation that a tag would use at a connector."""
        fitting = [each for each in self._held.values() if each.is_for(id_tag, parent)]
        own = [each for each in fitting if each.connector == connector]
        return next(iter(own or [each for each in fitting if each.connector == ANY]), None)

    def bars(self, connector: int, id_tag: str, parent: str | None, free: int) -> bool:
        """Tell whether a connector is kept for somebody else, where `free` of them are free."""
        if self.usable(connector, id_tag, parent) is not None:
            return False
        anywhere = sum(each.connector == ANY for each in self._held.values())
        return self.of(connector) is not None or free <= anywhere

    def lapsed(self) -> list[Reservation]:
        """Let those go whose time is over, and give them."""
        over = [each for each in self._held.values() if each.expires_at <= utc_now()]
        for each in over:
            del self._held[each.number]
        return over
