"""What a station's identity should be: from the register and the P2P servers' entries. Pure."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import Field, ValidationError

from sdk.charge_point_config import ChargePointConfig, ConfigError
from sdk.did.credential import (
    PublicKeyHex,
    StationCredential,
    read_credential,
    verify_credential,
)
from sdk.did.errors import DidError
from sdk.did.identifier import EthrDid
from sdk.did.registry_events import Attribute
from sdk.did.resolver import describe
from sdk.did.station_document import StationDocument, StationMetadata
from sdk.fields import Frozen
from sdk.p2p.keys import peer_id_of

LIVE_FOR = timedelta(seconds=120)
"""A P2P server that announced itself since is taken to be alive."""


class P2pServer(Frozen):
    """One P2P server's entry: its public keys (64 hex digits) and where it listens."""

    ed25519: PublicKeyHex
    x25519: PublicKeyHex
    multiaddrs: Annotated[tuple[str, ...], Field(min_length=1, max_length=32)]


@dataclass(frozen=True, slots=True)
class Servers:
    """All P2P servers by peer id, and the first of those that are alive."""

    known: Mapping[str, P2pServer]
    first_live: str | None


@dataclass(frozen=True, slots=True)
class Trust:
    """What a credential is held against: the chain, the authorities, the moment."""

    chain_id: int
    authorities: Collection[EthrDid]
    now: datetime


@dataclass(frozen=True, slots=True)
class WantedIdentity:
    """What the chain should say of a station, vouched for by `credential`, which `token` says."""

    did: EthrDid
    attributes: tuple[Attribute, ...]
    credential: StationCredential
    token: str


@dataclass(frozen=True, slots=True)
class NotOnboarded:
    """Why the station may not sell: a name for programs, and a sentence."""

    reason: str
    detail: str


def read_servers(entries: Mapping[str, Mapping[str, str]], now: datetime) -> Servers:
    """Read the P2P servers' hashes, by peer id; one that can't be read is as if it were not."""
    known: dict[str, P2pServer] = {}
    live: list[str] = []
    for peer_id, fields in entries.items():
        try:
            entry = {**fields, "multiaddrs": _list(fields, "multiaddrs")}
            known[peer_id] = P2pServer.model_validate(entry)
            announced_at = datetime.fromisoformat(fields["updated_at"]).astimezone(UTC)
        except (ValidationError, KeyError, ValueError):
            continue
        if now - announced_at < LIVE_FOR:
            live.append(peer_id)
    return Servers(known, min(live, default=None))


def wanted_identity(
    charge_point_id: str, fields: Mapping[str, str], servers: Servers, trust: Trust
) -> WantedIdentity | NotOnboarded:
    """Tell what to publish for `{CP}:config`, or why there is nothing that an app would accept."""
    try:
        config = ChargePointConfig.from_hash(charge_point_id, fields)
        if config.credential is None:
            return NotOnboarded("no_credential", "the register holds no credential")
        server = _server_of(config, config.credential, servers)
        if server is None:
            return NotOnboarded("no_p2p_server", "no P2P server announced itself")
        return _wanted(config, config.credential, server, trust)
    except ConfigError as error:
        return NotOnboarded("misconfigured", str(error))
    except DidError as error:
        return NotOnboarded(error.reason, str(error))


def _wanted(
    config: ChargePointConfig, token: str, server: P2pServer, trust: Trust
) -> WantedIdentity | NotOnboarded:
    did = EthrDid.parse(config.did)
    if did.chain_id != trust.chain_id:
        return NotOnboarded("other_chain", f"{did} is not of chain {trust.chain_id}")
    credential = verify_credential(token, trust.authorities, trust.now)
    station = StationDocument(
        account=did.address,
        ed25519=server.ed25519,
        x25519=server.x25519,
        multiaddrs=server.multiaddrs,
        metadata=_metadata(config),
        credential=token,
    )
    describe(did, did.address, station, credential)
    return WantedIdentity(did, station.attributes(did.chain_id), credential, token)


def _server_of(config: ChargePointConfig, token: str, servers: Servers) -> P2pServer | None:
    """Choose the P2P server: the configured one, else the credential's, else the first alive."""
    if config.p2p_peer_id is not None:
        return servers.known.get(config.p2p_peer_id)
    vouched = peer_id_of(read_credential(token).subject.ed25519)
    return servers.known.get(vouched) or servers.known.get(servers.first_live or "")


def _metadata(config: ChargePointConfig) -> StationMetadata:
    return StationMetadata(
        charge_point_id=config.charge_point_id,
        name=config.name,
        maximum_power_w=config.maximum_power_w,
        plug_types=config.plug_types,
        connectors=config.connectors,
        tariff=config.tariff,
    )


def _list(fields: Mapping[str, str], name: str) -> Sequence[object]:
    try:
        value = json.loads(fields.get(name, ""))
    except ValueError:
        return ()
    return value if isinstance(value, list) else ()
