"""Where the newest readings are kept: on the connector, and on the transaction they belong to."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from cpg.newest import Newest
from cpg.peer import Peer
from sdk.bus import keys
from sdk.bus.interface import StateWrite
from sdk.events.charging import MeterValueReported

_SHOWN = ("energy_wh", "power_w", "current_a", "voltage_v", "soc_percent")


class Readings:
    """Knows, for one socket, how new the stored readings are; each hash is read once for it."""

    def __init__(self, peer: Peer) -> None:
        """Keep the readings of `peer`."""
        self._peer = peer
        self._connectors = Newest()
        self._transactions = Newest()

    async def writes(
        self, connector_id: int, transaction_id: int | None, bodies: Iterable[MeterValueReported]
    ) -> list[StateWrite]:
        """Give what to store of readings in order. Raises BusUnavailableError."""
        known_transaction = await self._load(connector_id, transaction_id)
        shown: dict[str, str] = {}
        counted: dict[str, str] = {}
        now = self._peer.clock()
        for body in bodies:
            if self._connectors.takes(connector_id, body.sampled_at, now):
                shown |= _fields(body, _SHOWN)
            if known_transaction is None or body.energy_wh is None:
                continue
            if self._transactions.takes(known_transaction, body.sampled_at, now):
                counted |= _fields(body, ("energy_wh",))
        cp = self._peer.charge_point_id
        writes = [StateWrite(keys.connector(cp, connector_id), shown)] if shown else []
        if counted and known_transaction is not None:
            writes.append(StateWrite(keys.transaction(cp, known_transaction), counted))
        return writes

    def register_at(
        self, connector_id: int, stored: Mapping[str, str], meter_wh: int, at: datetime
    ) -> dict[str, str]:
        """Give the connector's fields for a register told by Start or Stop; none if it is late.

        `stored` is the connector's hash.
        """
        if not self._connectors.knows(connector_id):
            self._connectors.load(connector_id, stored.get("sampled_at"))
        if not self._connectors.takes(connector_id, at, self._peer.clock()):
            return {}
        return {"energy_wh": str(meter_wh), "sampled_at": at.isoformat()}

    def opened(self, transaction_id: int) -> None:
        """Know a new transaction."""
        self._transactions.load(transaction_id, None)

    async def _load(self, connector_id: int, transaction_id: int | None) -> int | None:
        """Give the transaction if it is one of ours; any other gets no hash."""
        cp, bus = self._peer.charge_point_id, self._peer.bus
        if not self._connectors.knows(connector_id):
            stored = await bus.read(keys.connector(cp, connector_id))
            self._connectors.load(connector_id, stored.get("sampled_at"))
        if transaction_id is None or self._transactions.knows(transaction_id):
            return transaction_id
        stored = await bus.read(keys.transaction(cp, transaction_id))
        if not stored:
            return None
        self._transactions.load(transaction_id, stored.get("sampled_at"))
        return transaction_id


def _fields(body: MeterValueReported, names: Iterable[str]) -> dict[str, str]:
    values = ((name, getattr(body, name)) for name in names)
    fields = {name: str(value) for name, value in values if value is not None}
    return {**fields, "sampled_at": body.sampled_at.isoformat()}
