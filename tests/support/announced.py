"""A station that announces itself, without the services: its keys, its document, what it says."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sdk.chain.accounts import SigningKey, new_key
from sdk.chain.addresses import Deployment
from sdk.chain.client import ChainClient
from sdk.chain.dev_node import CHAIN_ID
from sdk.chain.sender import Sender
from sdk.charge_point_config import station_did
from sdk.did.authority import authority_did, issue_station_credential
from sdk.did.credential import StationSubject
from sdk.did.identifier import EthrDid
from sdk.did.registry import DidRegistry
from sdk.did.registry_events import Attribute
from sdk.did.resolver import StationResolver
from sdk.did.signed_calls import Changes
from sdk.did.station_document import StationDocument, StationMetadata
from sdk.ids import utc_now
from sdk.p2p.announcement import AnnouncedConnector, StationAnnouncement, sign_announcement
from sdk.p2p.announcement_table import Announced
from sdk.p2p.keys import P2pKey
from sdk.tariff import Tariff

LIFE = timedelta(minutes=3)


@dataclass
class AnnouncedStation:
    """One station; `server` is the key of its P2P server."""

    name: str = "Station"
    point: str = "CP-1"
    connectors: int = 1
    key: SigningKey = field(default_factory=new_key)
    server: P2pKey = field(default_factory=P2pKey.generate)
    multiaddrs: tuple[str, ...] = ()
    tariff: Tariff = field(default_factory=lambda: Tariff(per_kwh=4 * 10**17))
    since: datetime = field(default_factory=utc_now)

    @property
    def did(self) -> str:
        return station_did(CHAIN_ID, self.key.address)

    @property
    def routes(self) -> tuple[str, ...]:
        return self.multiaddrs or (f"/ip4/127.0.0.1/tcp/4001/p2p/{self.server.peer_id}",)

    def announcement(self, at: datetime | None = None, **changes: Any) -> StationAnnouncement:
        """What it would say now, with `changes`."""
        at = at or utc_now()
        values: dict[str, Any] = {
            "did": self.did,
            "charge_point_id": self.point,
            "ed25519": f"0x{self.server.ed25519}",
            "multiaddrs": self.routes,
            "name": self.name,
            "maximum_power_w": 22_000,
            "plug_types": ("Type 2",),
            "tariff": self.tariff,
            "connectors": (AnnouncedConnector(connector_id=1, availability="free"),),
            "at": at,
            "expires_at": at + LIFE,
        }
        return StationAnnouncement.model_validate(values | changes)

    def signed(self, at: datetime | None = None, **changes: Any) -> bytes:
        """The same, as it travels."""
        return sign_announcement(self.announcement(at, **changes), self.server)

    def announced(self, at: datetime | None = None, **changes: Any) -> Announced:
        """The same, as a table keeps it."""
        announcement = self.announcement(at, **changes)
        return Announced(announcement, sign_announcement(announcement, self.server))

    def document(self, authority: SigningKey) -> StationDocument:
        """Its DID document, with a credential of `authority`."""
        subject = StationSubject(
            did=self.did,
            charge_point_id=self.point,
            account=self.key.address,
            ed25519=self.server.ed25519,
            x25519=self.server.x25519,
        )
        return StationDocument(
            account=self.key.address,
            ed25519=self.server.ed25519,
            x25519=self.server.x25519,
            multiaddrs=self.routes,
            metadata=StationMetadata(
                charge_point_id=self.point,
                name=self.name,
                maximum_power_w=22_000,
                plug_types=("Type 2",),
                connectors=self.connectors,
                tariff=self.tariff,
            ),
            credential=issue_station_credential(authority, subject, self.since),
        )


@dataclass
class StreetOfStations:
    """Stations on one chain, which one authority vouches for."""

    client: ChainClient
    gas: Sender
    authority: SigningKey = field(default_factory=new_key)

    @property
    def registry(self) -> DidRegistry:
        return DidRegistry(self.client, Deployment())

    @property
    def trusted(self) -> str:
        return authority_did(self.authority, CHAIN_ID)

    @property
    def resolver(self) -> StationResolver:
        return StationResolver(self.registry, [self.trusted], utc_now)

    async def publish(
        self, station: AnnouncedStation, instead_of: tuple[Attribute, ...] = ()
    ) -> AnnouncedStation:
        """Write its document to the chain."""
        attributes = station.document(self.authority).attributes(CHAIN_ID)
        changes = Changes(
            revoke=tuple(it for it in instead_of if it not in attributes),
            set=tuple(it for it in attributes if it not in instead_of),
        )
        await self.registry.change(EthrDid.parse(station.did), changes, station.key, self.gas)
        return station

    async def add(self, **changes: Any) -> AnnouncedStation:
        """Make a station and publish it."""
        return await self.publish(replace(AnnouncedStation(), **changes))
