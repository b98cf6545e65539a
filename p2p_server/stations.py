"""Which stations there are: a short-lived copy of the register; most requests cost no look-up."""

from collections.abc import Callable

from sdk.bus import keys
from sdk.bus.interface import Bus

FRESH_SECONDS = 2.0
RECHECK_SECONDS = 0.2


class Stations:
    """The charge points of the register; `clock` gives monotonic seconds."""

    def __init__(self, bus: Bus, clock: Callable[[], float]) -> None:
        self._bus = bus
        self._clock = clock
        self._ids: set[str] = set()
        self._read_at = float("-inf")

    async def knows(self, charge_point_id: str) -> bool:
        """Tell whether a charge point is registered; at most some seconds late.

        Raises BusUnavailableError.
        """
        age = self._clock() - self._read_at
        if age > FRESH_SECONDS or (charge_point_id not in self._ids and age > RECHECK_SECONDS):
            self._ids = await self._bus.members(keys.STATIONS)
            self._read_at = self._clock()
        return charge_point_id in self._ids

    async def did(self, charge_point_id: str, peer_id: str) -> str | None:
        """Give the DID of a station, unless it is served by another P2P server than `peer_id`.

        Raises BusUnavailableError.
        """
        config = await self._bus.read(keys.config(charge_point_id))
        if config.get("p2p_peer_id") not in (None, "", peer_id):
            return None
        return config.get("did") or None
