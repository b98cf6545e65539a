"""What a charge point is doing now: the models of the answer, and how it is made of hashes. Pure.

It is made without models, as this is what a monitoring system asks most; a test holds it to them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sdk.charge_point_config import qr_text
from sdk.events.charge_point import ConnectorStatus
from sdk.events.service import Phase
from sdk.fields import EnergyWh, Moment, Money, PowerW
from sdk.gateways import is_connected
from sdk.settings import MASK
from session_manager.api.stored import json_object, moment_text, whole_number
from session_manager.api.values import ApiModel

Hash = Mapping[str, str]


class Boot(ApiModel):
    """What the charge point said of itself when it booted."""

    vendor: str
    model: str
    serial_number: str | None = None
    firmware_version: str | None = None


class OpenSession(ApiModel):
    """The session on a connector, running or the last one; money in the token's smallest unit.

    `energy_wh` is what was delivered in it.
    """

    session_id: str
    phase: Phase
    energy_wh: EnergyWh
    cost: Money
    deposit: Money
    private: bool


class Connector(ApiModel):
    """One connector; `id_tag` is masked for viewers.

    `meter_start_wh` and `meter_wh` are readings of its meter's register: when the transaction
    began, and the last one. `suspect_since`: it says that it is free, though its transaction was
    never stopped.
    """

    connector_id: int
    status: ConnectorStatus | None
    error_code: str | None
    changed_at: Moment | None
    availability: str | None
    """What ChangeAvailability was answered with last: Operative or Inoperative."""
    transaction_id: int | None
    id_tag: str | None
    meter_start_wh: EnergyWh | None
    meter_wh: EnergyWh | None
    power_w: PowerW | None
    sampled_at: Moment | None
    suspect_since: Moment | None
    session: OpenSession | None


class Identity(ApiModel):
    """The station on the chain, and how far its onboarding got."""

    did: str
    qr: str
    state: str
    reason: str | None
    balance: Money | None
    gas_balance: Money | None


class ChargePointState(ApiModel):
    """One charge point with all its connectors; `status` is that of the whole (connector 0).

    `connected`: it has a socket, and the gateway that holds it lives. `drift` counts the
    configuration keys that are not as wanted, `disputes` the sessions that wait off their connector
    for their payout; `unsupported` names the operations that it said it lacks.
    """

    charge_point_id: str
    name: str
    connected: bool
    connected_at: Moment | None
    last_seen_at: Moment | None
    booted_at: Moment | None
    boot: Boot | None
    status: ConnectorStatus | None
    security_profile: int
    local_list: Literal["yes", "no", "unknown"]
    unsupported: list[str]
    drift: int
    disputes: int
    connectors: list[Connector]
    identity: Identity


@dataclass(frozen=True, slots=True)
class StateHashes:
    """The hashes that a state is made of; `connectors` from 0 on, `sessions` from 1 on."""

    config: Hash
    state: Hash
    identity: Hash
    unsupported: Hash
    drift: Hash
    disputes: Hash
    connectors: Sequence[Hash]
    sessions: Sequence[Hash]


def connector_count(config: Hash) -> int:
    """Tell how many connectors a registered charge point has."""
    return whole_number(config.get("connectors")) or 1


def state_shown(
    charge_point_id: str,
    hashes: StateHashes,
    *,
    shows_tags: bool = True,
    dead: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """Make the JSON of a `ChargePointState`; `dead` are the gateways that are."""
    config, state = hashes.config, hashes.state
    return {
        "charge_point_id": charge_point_id,
        "name": config.get("name", ""),
        "connected": is_connected(state, dead),
        "connected_at": moment_text(state.get("connected_at")),
        "last_seen_at": moment_text(state.get("last_seen_at")),
        "booted_at": moment_text(state.get("booted_at")),
        "boot": json_object(state.get("boot")),
        "status": hashes.connectors[0].get("status") or None,
        "security_profile": whole_number(config.get("security_profile")) or 0,
        "local_list": state.get("local_list") or "unknown",
        "unsupported": sorted(hashes.unsupported),
        "drift": len(hashes.drift),
        "disputes": len(hashes.disputes),
        "connectors": [
            connector_shown(number, connector, session, shows_tags=shows_tags)
            for number, (connector, session) in enumerate(
                zip(hashes.connectors[1:], hashes.sessions, strict=True), 1
            )
        ],
        "identity": _identity(config, hashes.identity),
    }


def connector_shown(
    connector_id: int, connector: Hash, session: Hash, *, shows_tags: bool
) -> dict[str, Any]:
    """Make the JSON of a `Connector`."""
    get = connector.get
    id_tag = get("id_tag") or None
    return {
        "connector_id": connector_id,
        "status": get("status") or None,
        "error_code": get("error_code") or None,
        "changed_at": moment_text(get("changed_at")),
        "availability": get("availability") or None,
        "transaction_id": whole_number(get("transaction_id")),
        "id_tag": id_tag if shows_tags or id_tag is None else MASK,
        "meter_start_wh": whole_number(get("meter_start_wh")),
        "meter_wh": whole_number(get("energy_wh")),
        "power_w": whole_number(get("power_w")),
        "sampled_at": moment_text(get("sampled_at")),
        "suspect_since": moment_text(get("suspect_since")),
        "session": _session(session),
    }


def _session(session: Hash) -> dict[str, Any] | None:
    status = json_object(session.get("status"))
    if status is None:
        return None
    return {
        "session_id": status.get("session_id", ""),
        "phase": session.get("phase") or status.get("phase"),
        "energy_wh": status.get("energy_wh", 0),
        "cost": status.get("cost", "0"),
        "deposit": status.get("deposit", "0"),
        "private": status.get("private", False),
    }


def _identity(config: Hash, identity: Hash) -> dict[str, Any]:
    did = config.get("did", "")
    return {
        "did": did,
        "qr": identity.get("qr") or qr_text(did, 1),
        "state": identity.get("state") or "unknown",
        "reason": identity.get("reason") or None,
        "balance": identity.get("balance") or None,
        "gas_balance": identity.get("gas_balance") or None,
    }
