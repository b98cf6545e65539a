"""What a station announces of itself, built from what Redis holds of it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from pydantic import ValidationError

from sdk.availability import availability
from sdk.charge_point_config import ChargePointConfig, ConfigError
from sdk.events.service import Phase
from sdk.p2p.announcement import AnnouncedConnector, StationAnnouncement
from sdk.p2p.keys import P2pKey

Hash = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StationHashes:
    """`{CP}:config` and `{CP}:charge_point`; `:connector:<n>` and `:session:<n>`, from 1 on.

    `dead` are the gateways that died.
    """

    charge_point_id: str
    config: Hash
    station: Hash
    connectors: Sequence[Hash]
    sessions: Sequence[Hash]
    dead: frozenset[str] = frozenset()


def is_announced(identity: Hash, key: P2pKey) -> bool:
    """Tell whether the chain has the station's document, and it names this P2P server."""
    return identity.get("state") == "published" and key.ed25519 in identity.get("document", "")


def connectors_of(config: Hash) -> int:
    """Give the number of connectors; 0 where the configuration does not tell."""
    count = config.get("connectors", "")
    return int(count) if count.isdecimal() else 0


def build_announcement(
    hashes: StationHashes, key: P2pKey, multiaddrs: Sequence[str], at: datetime, life: timedelta
) -> StationAnnouncement | None:
    """Tell everybody how a station stands; None for one that can't be announced.

    Nothing of its sessions but whether they leave a connector free.
    """
    try:
        config = ChargePointConfig.from_hash(hashes.charge_point_id, hashes.config)
        return StationAnnouncement(
            did=config.did,
            charge_point_id=config.charge_point_id,
            ed25519=f"0x{key.ed25519}",
            multiaddrs=tuple(multiaddrs),
            name=config.name,
            maximum_power_w=config.maximum_power_w,
            plug_types=config.plug_types,
            tariff=config.tariff,
            token=config.token,
            connectors=_connectors(hashes),
            at=at,
            expires_at=at + life,
        )
    except (ConfigError, ValidationError):
        return None


def _connectors(hashes: StationHashes) -> tuple[AnnouncedConnector, ...]:
    pairs = zip(hashes.connectors, hashes.sessions, strict=True)
    return tuple(
        AnnouncedConnector(
            connector_id=number,
            availability=availability(
                cast(Phase, session.get("phase") or "idle"), hashes.station, connector, hashes.dead
            ),
        )
        for number, (connector, session) in enumerate(pairs, 1)
    )
