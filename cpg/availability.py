"""What is kept of ChangeAvailability (OCPP 1.6, 5.2)."""

from collections.abc import Mapping

from cpg.effects import Effect
from cpg.peer import Peer
from sdk.bus import keys
from sdk.bus.interface import StateWrite
from sdk.events.operations import Answered, ChangeAvailability


async def availability_changed(
    peer: Peer, body: ChangeAvailability, connector_id: int | None, answered: Answered
) -> Effect:
    """Keep which connectors are in use, now or after their transactions; 0 or none is all."""
    if answered.status not in ("Accepted", "Scheduled"):
        return Effect()
    cp, kind = peer.charge_point_id, body.kind
    numbers = [connector_id] if connector_id else list(range(peer.connectors + 1))
    stored = await peer.bus.read_many([keys.connector(cp, n) for n in numbers])
    writes = []
    for n, connector in zip(numbers, stored, strict=True):
        waits = answered.status == "Scheduled" and bool(
            connector.get("transaction_id") or connector_id
        )
        fields = {"availability_scheduled": kind} if waits else in_force(kind)
        writes.append(StateWrite(keys.connector(cp, n), fields))
    return Effect(writes=writes)


def in_force(kind: str) -> dict[str, str]:
    """Give a connector's fields from when it is in use, or out of it."""
    return {"availability": kind, "availability_scheduled": ""}


def after_transaction(connector: Mapping[str, str]) -> dict[str, str]:
    """Give what changes with the end of a connector's transaction."""
    scheduled = connector.get("availability_scheduled")
    return in_force(scheduled) if scheduled else {}
