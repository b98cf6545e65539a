"""Whether a connector can be sold now. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sdk.events.service import Phase
from session_manager.session.state import FREE

SELLABLE = frozenset({"Available", "Preparing"})

Hindrance = Literal[
    "unknown_connector",
    "busy",
    "offline",
    "not_onboarded",
    "chain_unavailable",
    "gas_account_low",
    "connector_faulted",
    "transaction_open",
    "connector_unavailable",
]


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides whether a connector can be sold.

    `station` and `connector` are the gateway's hashes of the charge point and the connector.
    """

    known: bool
    phase: Phase
    station: Mapping[str, str]
    connector: Mapping[str, str]
    onboarded: bool
    chain_up: bool
    gas_low: bool


def hindrance(situation: Situation) -> Hindrance | None:
    """Tell the first thing that keeps a connector from being sold; None if nothing does."""
    status = situation.connector.get("status", "")
    hindrances: list[tuple[bool, Hindrance]] = [
        (not situation.known, "unknown_connector"),
        (situation.phase not in FREE, "busy"),
        (not is_connected(situation.station), "offline"),
        (not situation.onboarded, "not_onboarded"),
        (not situation.chain_up, "chain_unavailable"),
        (situation.gas_low, "gas_account_low"),
        (status == "Faulted", "connector_faulted"),
        (has_transaction(situation.connector), "transaction_open"),
        (not _is_offered(situation.station, situation.connector), "connector_unavailable"),
    ]
    return next((reason for holds, reason in hindrances if holds), None)


def availability(
    phase: Phase, station: Mapping[str, str], connector: Mapping[str, str]
) -> Literal["free", "busy", "unavailable", "offline"]:
    """Tell anyone who asks how a connector stands, and nothing of whose session it is."""
    if phase not in FREE or has_transaction(connector):
        return "busy"
    if not is_connected(station):
        return "offline"
    return "free" if _is_offered(station, connector) else "unavailable"


def is_reserved(station: Mapping[str, str], connector: Mapping[str, str]) -> bool:
    """Tell whether a connector is kept for someone: by a reservation of its own, or of any.

    A reservation of the charge point (connector 0) keeps one connector, and only the charge point
    knows which: while it holds, none is sold, as a start that it refuses costs a deposit's refund.
    """
    return bool(station.get("reserved")) or bool(connector.get("reserved"))


def _is_offered(station: Mapping[str, str], connector: Mapping[str, str]) -> bool:
    return connector.get("status", "") in SELLABLE and not is_reserved(station, connector)


def has_transaction(connector: Mapping[str, str]) -> bool:
    """Tell whether a transaction is open: not one that the charge point forgot in a reboot.

    The connector then says that it is free, and says so again when it is asked (`suspect_since`).
    """
    return bool(connector.get("transaction_id")) and not connector.get("suspect_since")


def is_connected(station: Mapping[str, str]) -> bool:
    """Tell whether a gateway holds the charge point's socket."""
    return station.get("connected") == "1"
