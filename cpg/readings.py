"""Where the newest readings are kept: on the connector, and on the transaction they belong to."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from cpg.meter_values import Reading
from cpg.newest import Newest
from cpg.peer import Peer
from sdk.bus import keys
from sdk.bus.interface import StateWrite

_SHOWN = ("energy_wh", "power_w", "current_a", "voltage_v", "soc_percent")


class Readings:
    """Knows, for one socket, how new the stored readings are; each hash is read once for it."""

    __slots__ = ("_connectors", "_peer", "_transactions")

    def __init__(self, peer: Peer) -> None:
        """Keep the readings of `peer`."""
        self._peer = peer
        self._connectors = Newest()
        self._transactions = Newest()

    async def fields(
        self, connector_id: int, transaction_id: int | None, readings: Sequence[Reading]
    ) -> tuple[dict[str, str], list[StateWrite]]:
        """Give what the connector should show of readings in order, and what else to store.

        Raises BusUnavailableError.
        """
        known_transaction = await self._load(connector_id, transaction_id)
        shown: dict[str, str] = {}
        counted: dict[str, str] = {}
        now = self._peer.clock()
        for reading in readings:
            at = reading.sampled_text
            if self._connectors.takes(connector_id, reading.sampled_at, now):
                for name, value in zip(_SHOWN, reading[2:7], strict=True):
                    if value is not None:
                        shown[name] = str(value)
                shown["sampled_at"] = at
            if known_transaction is None or reading.energy_wh is None:
                continue
            if self._transactions.takes(known_transaction, reading.sampled_at, now):
                counted = {"energy_wh": str(reading.energy_wh), "sampled_at": at}
        if not counted or known_transaction is None:
            return shown, []
        key = keys.transaction(self._peer.charge_point_id, known_transaction)
        return shown, [StateWrite(key, counted)]

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

    def forget(self, connector_id: int, transaction_id: int | None) -> None:
        """Read again how new the stored readings are: those of `fields` were not stored."""
        self._connectors.forget(connector_id)
        if transaction_id is not None:
            self._transactions.forget(transaction_id)

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
