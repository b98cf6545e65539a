"""Whether a connector can be sold now. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sdk.availability import FREE, has_transaction, is_connected, is_offered
from sdk.events.service import Phase

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

    `station` and `connector` are the gateway's hashes of the charge point and the connector, and
    `dead` the gateways that died.
    """

    known: bool
    phase: Phase
    station: Mapping[str, str]
    connector: Mapping[str, str]
    onboarded: bool
    chain_up: bool
    gas_low: bool
    dead: frozenset[str] = frozenset()


def hindrance(situation: Situation) -> Hindrance | None:
    """Tell the first thing that keeps a connector from being sold; None if nothing does."""
    status = situation.connector.get("status", "")
    hindrances: list[tuple[bool, Hindrance]] = [
        (not situation.known, "unknown_connector"),
        (situation.phase not in FREE, "busy"),
        (not is_connected(situation.station, situation.dead), "offline"),
        (not situation.onboarded, "not_onboarded"),
        (not situation.chain_up, "chain_unavailable"),
        (situation.gas_low, "gas_account_low"),
        (status == "Faulted", "connector_faulted"),
        (has_transaction(situation.connector), "transaction_open"),
        (not is_offered(situation.station, situation.connector), "connector_unavailable"),
    ]
    return next((reason for holds, reason in hindrances if holds), None)
