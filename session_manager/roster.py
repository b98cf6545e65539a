"""Which charge points are registered, read again and again at little cost."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import TypeVar

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.logs import Logger
from sdk.register import ChargePointConfig, ConfigError
from session_manager.session.state import FREE

AT_ONCE = 50
"""How many charge points are read or leased in one go: more would keep sessions waiting."""

T = TypeVar("T")


def batches(items: Iterable[T]) -> Iterable[Sequence[T]]:
    """Cut into parts of at most AT_ONCE."""
    rest = iter(items)
    while part := list(islice(rest, AT_ONCE)):
        yield part


class Roster:
    """The register as it stands; what did not change is not parsed again."""

    def __init__(self, bus: Bus, log: Logger) -> None:
        """Read over `bus`; what can't be read is told in the log, once."""
        self._bus = bus
        self._log = log
        self._fields: dict[str, dict[str, str]] = {}
        self._configs: dict[str, ChargePointConfig] = {}

    async def read(self) -> dict[str, ChargePointConfig]:
        """Give every charge point that can be driven, by id. Raises BusUnavailableError."""
        ids = await self._bus.members(keys.STATIONS)
        for gone in self._fields.keys() - ids:
            del self._fields[gone]
            self._configs.pop(gone, None)
        for part in batches(sorted(ids)):
            hashes = await self._bus.read_many([keys.config(item) for item in part])
            for charge_point_id, fields in zip(part, hashes, strict=True):
                if self._fields.get(charge_point_id) != fields:
                    self._take(charge_point_id, fields)
        return dict(self._configs)

    async def free(self, ids: Sequence[str], owner: str) -> list[str]:
        """Give those that nobody but `owner` holds the lease of. Raises BusUnavailableError."""
        found: list[str] = []
        for part in batches(ids):
            holders = await self._bus.read_blobs([keys.lease(item) for item in part])
            pairs = zip(part, holders, strict=True)
            found += [item for item, holder in pairs if holder in (b"", owner.encode())]
        return found

    async def busy_first(self, configs: Sequence[ChargePointConfig]) -> list[ChargePointConfig]:
        """Put those first that have an open session. Raises BusUnavailableError."""
        free: dict[str, bool] = {}
        for part in batches(configs):
            places = [(c.charge_point_id, n) for c in part for n in range(1, c.connectors + 1)]
            hashes = await self._bus.read_many([keys.session(*place) for place in places])
            for (charge_point_id, _), fields in zip(places, hashes, strict=True):
                is_free = fields.get("phase", "idle") in FREE
                free[charge_point_id] = is_free and free.get(charge_point_id, True)
        return sorted(configs, key=lambda config: free[config.charge_point_id])

    def _take(self, charge_point_id: str, fields: Mapping[str, str]) -> None:
        self._fields[charge_point_id] = dict(fields)
        self._configs.pop(charge_point_id, None)
        try:
            config = ChargePointConfig.from_hash(charge_point_id, fields)
        except ConfigError as error:
            self._log.warning("can't drive %s: %s", charge_point_id, error)
        else:
            self._configs[charge_point_id] = config
