"""What the simulated charge point knows of itself; it outlives connections and reboots."""

from ocpp.v16 import call
from ocpp.v16.enums import ChargePointErrorCode, ChargePointStatus

from simulated_car import BATTERY_WH, Car, Plug
from simulated_configuration import Configuration
from simulated_options import Options, Script
from simulated_outbox import Put, now
from simulated_profiles import Profiles
from simulated_reservations import Reservation, Reservations
from simulated_tags import Tags


class State:
    """Plugs, tags, keys and all that; whatever changes for others is told by `put`."""

    def __init__(self, options: Options, script: Script, put: Put) -> None:
        self.options = options
        self.script = script
        self.put = put
        self.configuration = Configuration(options)
        self.tags = Tags(options, self.configuration)
        self.profiles = Profiles()
        self.reservations = Reservations()
        self.is_operative = True
        """As connector 0 tells it."""
        self.is_online = False
        self.plugs = {n: _plug(options, n) for n in range(1, options.connectors + 1)}

    def knows(self, connector: int | None) -> bool:
        """Tell whether there is such a connector; 0 and none: the whole charge point."""
        return not connector or connector in self.plugs

    def at(self, connector: int | None) -> list[Plug]:
        """Give one plug, or all of them."""
        return [self.plugs[connector]] if connector else list(self.plugs.values())

    def tell_all(self) -> None:
        """Tell how all connectors are, as after each connect."""
        self.tell_whole()
        for plug in self.plugs.values():
            self.put(plug.told())

    def tell_whole(self) -> None:
        """Tell how the charge point itself is."""
        available, unavailable = ChargePointStatus.available, ChargePointStatus.unavailable
        status = available if self.is_operative else unavailable
        self.put(call.StatusNotification(0, _NO_ERROR, status, timestamp=now()))

    def set_status(
        self, plug: Plug, status: ChargePointStatus, error: ChargePointErrorCode | None = None
    ) -> None:
        """Change a plug's status and tell it, if it is another one."""
        error = error or _NO_ERROR
        if (plug.status, plug.error) != (status, error):
            plug.status, plug.error = status, error
            self.put(plug.told())

    def rest(self, plug: Plug, *, has_charged: bool = False) -> None:
        """Give a plug without a transaction the status that it has then."""
        if plug.transaction is not None or plug.status is ChargePointStatus.faulted:
            return
        if not plug.is_operative:
            self.set_status(plug, ChargePointStatus.unavailable)
        elif plug.has_cable:
            self.set_status(plug, _FINISHING if has_charged else ChargePointStatus.preparing)
        elif self.reservations.of(plug.number) is not None:
            self.set_status(plug, ChargePointStatus.reserved)
        else:
            self.set_status(plug, ChargePointStatus.available)

    def is_barred(self, plug: Plug, id_tag: str, parent: str | None) -> bool:
        """Tell whether a plug is reserved for somebody else."""
        free = sum(each.is_free or each is plug for each in self.plugs.values())
        return self.reservations.bars(plug.number, id_tag, parent, free)

    def reservation_used(self, plug: Plug, id_tag: str, parent: str | None) -> Reservation | None:
        """Let the reservation go that a tag uses at a plug, and give it."""
        found = self.reservations.usable(plug.number, id_tag, parent)
        return None if found is None else self.reservations.remove(found.number)


_NO_ERROR = ChargePointErrorCode.no_error
_FINISHING = ChargePointStatus.finishing


def _plug(options: Options, number: int) -> Plug:
    car = Car(options.soc / 100 * BATTERY_WH)
    if options.faulted or number == options.faulted_connector:
        faulted, error = ChargePointStatus.faulted, ChargePointErrorCode.internal_error
        return Plug(number, options.meter_wh, car, faulted, error)
    return Plug(number, options.meter_wh, car, ChargePointStatus.available, _NO_ERROR)
