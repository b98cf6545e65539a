"""Whether a driver could have a connector now, of what the gateway and the session say. Pure."""

from collections.abc import Mapping

from sdk.events.service import Availability, Phase

ENDED: frozenset[Phase] = frozenset({"settled", "refunded", "rejected"})
FREE: frozenset[Phase] = ENDED | {"idle"}
"""Phases in which a connector can be sold again."""
SELLABLE = frozenset({"Available", "Preparing"})
"""Statuses of a connector (OCPP 1.6, 4.9) at which a session may begin."""


def availability(
    phase: Phase,
    station: Mapping[str, str],
    connector: Mapping[str, str],
    dead: frozenset[str] = frozenset(),
) -> Availability:
    """Tell anyone who asks how a connector stands, and nothing of whose session it is.

    `station` and `connector` are the gateway's hashes of the charge point and the connector; `dead`
    are the gateways that died.
    """
    if phase not in FREE or has_transaction(connector):
        return "busy"
    if not is_connected(station, dead):
        return "offline"
    return "free" if is_offered(station, connector) else "unavailable"


def is_reserved(station: Mapping[str, str], connector: Mapping[str, str]) -> bool:
    """Tell whether a connector is kept for someone: by a reservation of its own, or of any.

    A reservation of the charge point (connector 0) keeps one connector, and only the charge point
    knows which: while it holds, none is sold, as a start that it refuses costs a deposit's refund.
    """
    return bool(station.get("reserved")) or bool(connector.get("reserved"))


def is_offered(station: Mapping[str, str], connector: Mapping[str, str]) -> bool:
    """Tell whether the charge point itself would let a driver begin."""
    return connector.get("status", "") in SELLABLE and not is_reserved(station, connector)


def has_transaction(connector: Mapping[str, str]) -> bool:
    """Tell whether a transaction is open: not one that the charge point forgot in a reboot.

    The connector then says that it is free, and says so again when it is asked (`suspect_since`).
    """
    return bool(connector.get("transaction_id")) and not connector.get("suspect_since")


def is_connected(station: Mapping[str, str], dead: frozenset[str]) -> bool:
    """Tell whether a gateway that lives holds the charge point's socket.

    `station` is `{CP}:charge_point`; `dead` are the gateways that died (`sdk.gateways`).
    """
    return station.get("connected") == "1" and station.get("gateway") not in dead
