"""What the page is shown, made of what is in Redis: pure, from hashes to JSON objects.

Hashes that are missing, older or damaged give objects with gaps, never an error: the console must
show a broken station, too.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import itemgetter
from typing import Any, Protocol

from sdk.disputes import dispute_of
from sdk.gateways import is_connected
from sdk.settings import mask_url

PageObject = dict[str, Any]
Hash = Mapping[str, str]


class ChainStatus(Protocol):
    """How the chain's node is doing: `sdk.chain.client.NodeStatus`."""

    @property
    def url(self) -> str:
        """The node that is asked."""
        ...

    @property
    def chain_id(self) -> int:
        """The chain that it should be of."""
        ...

    @property
    def connected(self) -> bool:
        """Whether it answered last time."""
        ...

    @property
    def block_number(self) -> int | None:
        """The newest block that it told."""
        ...

    @property
    def latency_ms(self) -> int | None:
        """How long its last answer took."""
        ...

    @property
    def error(self) -> str | None:
        """Why it can't be used."""
        ...


@dataclass(frozen=True, slots=True)
class StationHashes:
    """All hashes of one charge point that the page shows.

    `connectors` and `sessions` are by connector, `disputed` by session id, as its index `disputes`.
    """

    config: Hash = field(default_factory=dict)
    state: Hash = field(default_factory=dict)
    identity: Hash = field(default_factory=dict)
    disputes: Hash = field(default_factory=dict)
    disputed: Mapping[str, Hash] = field(default_factory=dict)
    connectors: Mapping[int, Hash] = field(default_factory=dict)
    sessions: Mapping[int, Hash] = field(default_factory=dict)

    def with_disputed(self, disputed: Mapping[str, Hash]) -> "StationHashes":
        """Give the same with the sessions that its index `disputes` names."""
        return replace(self, disputed=disputed)


def connector_ids(config: Hash) -> list[int]:
    """Tell which connectors a registered charge point has: 1 to their number."""
    return list(range(1, (_int(config.get("connectors")) or 1) + 1))


def status_object(charge_point_id: str, hashes: StationHashes, dead: frozenset[str]) -> PageObject:
    """Show the charge point itself and its connectors; `dead` are the gateways that died."""
    state = hashes.state
    return {
        "charge_point_id": charge_point_id,
        "name": hashes.config.get("name") or None,
        "tariff": _json(hashes.config.get("tariff")),
        "token": hashes.config.get("token") or None,
        "connected": is_connected(state, dead),
        "boot": _json(state.get("boot")),
        "booted_at": state.get("booted_at") or None,
        "last_seen_at": state.get("last_seen_at") or None,
        "connectors": [
            _connector(number, hash_) for number, hash_ in sorted(hashes.connectors.items())
        ],
        "disputed": sorted(hashes.disputes),
    }


def chain_object(chain: ChainStatus) -> PageObject:
    """Show the chain's node, without what is secret in its address."""
    return {
        "url": mask_url(chain.url),
        "chain_id": chain.chain_id,
        "connected": chain.connected,
        "block_number": chain.block_number,
        "latency_ms": chain.latency_ms,
        "error": chain.error,
    }


def session_object(charge_point_id: str, connector_id: int, hash_: Hash) -> PageObject:
    """Show the session on a connector: its ChargingStatus, and its receipt at the end."""
    status = _json(hash_.get("status"))
    shown = status if isinstance(status, dict) else {"session_id": None, "phase": "idle"}
    return {
        **shown,
        "charge_point_id": charge_point_id,
        "connector_id": connector_id,
        "deadline_at": hash_.get("deadline_at") or None,
        **_token(hash_.get("quote")),
        "receipt": _receipt(hash_.get("receipt")),
    }


def disputes_object(charge_point_id: str, hashes: StationHashes, now: datetime) -> PageObject:
    """Show the sessions that wait off their connector, the oldest first, with what can be done."""
    found = [
        dispute_of(charge_point_id, session_id, since, hashes.disputed[session_id], now)
        for session_id, since in sorted(hashes.disputes.items(), key=itemgetter(1))
        if hashes.disputed.get(session_id)
    ]
    return {
        "charge_point_id": charge_point_id,
        "disputes": [each.model_dump(mode="json") for each in found],
    }


def identity_object(charge_point_id: str, hash_: Hash) -> PageObject:
    """Show who the station is on the chain, and what its accounts hold."""
    return {
        "charge_point_id": charge_point_id,
        **{
            name: hash_.get(name) or None
            for name in ("did", "qr", "reason", "address", "balance", "gas_balance", "updated_at")
        },
        "state": hash_.get("state") or "not_onboarded",
    }


def document_object(charge_point_id: str, hash_: Hash) -> PageObject:
    """Show the station's DID document."""
    return {"charge_point_id": charge_point_id, "document": _json(hash_.get("document"))}


def _connector(number: int, hash_: Hash) -> PageObject:
    return {
        "connector_id": number,
        "status": hash_.get("status") or None,
        "error_code": hash_.get("error_code") or None,
        "changed_at": hash_.get("changed_at") or None,
        "power_w": _int(hash_.get("power_w")),
        "energy_wh": _int(hash_.get("energy_wh")),
        "transaction_id": _int(hash_.get("transaction_id")),
        "sampled_at": hash_.get("sampled_at") or None,
    }


def _token(quote: str | None) -> PageObject:
    """Tell what a session is paid in, and how it is counted; None where no quote says it."""
    quoted = _json(quote)
    fields = quoted if isinstance(quoted, dict) else {}
    return {name: fields.get(name) for name in ("token", "token_decimals", "token_symbol")}


def _receipt(text: str | None) -> PageObject | None:
    """Open a signed ServiceDelivered: its payload's fields, and the signature over them."""
    signed = _json(text)
    if not isinstance(signed, dict):
        return None
    payload = _json(signed.get("payload"))
    return {**payload, "signature": signed.get("signature")} if isinstance(payload, dict) else None


def _json(text: object) -> Any:  # noqa: ANN401 - whatever was stored
    if not isinstance(text, str) or not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _int(text: str | None) -> int | None:
    try:
        return int(text) if text else None
    except ValueError:
        return None
