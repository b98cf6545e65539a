"""Settings of the P2P server."""

from ipaddress import ip_address
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from p2p_server.identity import NO_DIRECT
from sdk.p2p.admission import AdmissionLimits
from sdk.p2p.protocols import ANNOUNCEMENTS, CONVERSATION, HUB, MEMBER, RELAYED
from sdk.p2p.routes import read_route
from sdk.settings import CommaList, Networks, Port, ServiceSettings


class P2pServerSettings(ServiceSettings):
    """Where it listens, what it announces, and how much one peer may ask for.

    `p2p_announce` are the multiaddrs that DID documents show, without or with `/p2p/<peer id>`;
    unset: those listened on; `none`: none, as behind a NAT. A limit of 0 requests per second is no
    limit.
    """

    p2p_host: str = "127.0.0.1"
    p2p_port: Port = 4001
    p2p_ws_port: Port = 4002
    p2p_key_file: Path | None = None
    p2p_announce: CommaList = ()
    p2p_requests_per_second: float = Field(default=20, ge=0)
    p2p_request_burst: int = Field(default=60, ge=1)
    p2p_streams_per_peer: int = Field(default=4, ge=1)
    p2p_stations_per_peer: int = Field(default=8, ge=1)
    p2p_connections_per_ip: int = Field(default=200, ge=1)
    p2p_connections_per_peer: int = Field(default=8, ge=1)
    p2p_ban_seconds: float = Field(default=60, gt=0)
    """The first ban of a peer; each further one is twice as long, up to an hour."""
    p2p_trusted_proxies: Networks = ()
    """Addresses and networks of proxies in front: believed in X-Forwarded-For, never banned."""
    p2p_max_connections: int = Field(default=2000, ge=1)
    p2p_idle_seconds: float = Field(default=600, gt=0)
    """A stream on which nothing came for so long is closed; the first frame has 30 seconds."""

    p2p_listed: bool = True
    """Whether its stations are announced to everybody."""
    p2p_bootstrap: CommaList = ()
    """Multiaddrs of peers over which announcements are exchanged."""
    p2p_mdns: CommaList = ()
    """IP addresses of the interfaces on which it is known by multicast DNS, and finds others."""

    p2p_hubs: CommaList = ()
    """Multiaddrs of the hubs that lead to this server too, several of one hub if it has them."""
    p2p_streams_per_hub: int = Field(default=2000, ge=1)
    """So many consumers may come over one hub at a time."""

    p2p_hub: Literal["off", "members", "open"] = "off"
    """Whether this server is a hub for others: for those in P2P_HUB_MEMBERS, or for all."""
    p2p_hub_members: CommaList = ()
    """Peer ids of the P2P servers that may be members."""
    p2p_hub_capacity: int = Field(default=256, ge=1)
    """So many members at a time."""
    p2p_hub_streams_per_member: int = Field(default=1000, ge=1)
    p2p_hub_streams_per_consumer: int = Field(default=8, ge=1)

    @field_validator("p2p_hubs")
    @classmethod
    def _check_hubs(cls, hubs: tuple[str, ...]) -> tuple[str, ...]:
        for multiaddr in hubs:
            if read_route(multiaddr).via_hub:
                raise ValueError(f"{multiaddr} leads over another hub")
        return hubs

    @field_validator("p2p_bootstrap")
    @classmethod
    def _check_bootstrap(cls, peers: tuple[str, ...]) -> tuple[str, ...]:
        for multiaddr in peers:
            if read_route(multiaddr).via_hub:
                raise ValueError(f"{multiaddr} leads over a hub")
        return peers

    @field_validator("p2p_mdns")
    @classmethod
    def _check_interfaces(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        for address in addresses:
            try:
                ip_address(address)
            except ValueError:
                raise ValueError(f"{address} is no IP address of this machine") from None
        return addresses

    @model_validator(mode="after")
    def _check_roles(self) -> Self:
        if self.p2p_announce == (NO_DIRECT,) and not self.p2p_hubs:
            raise ValueError("P2P_HUBS: is needed, as P2P_ANNOUNCE is none: nobody would get here")
        if (self.p2p_hub == "members") != bool(self.p2p_hub_members):
            raise ValueError("P2P_HUB_MEMBERS: goes with P2P_HUB members, and only with it")
        return self

    @model_validator(mode="after")
    def _check_announce(self) -> Self:
        if self.p2p_host in ("0.0.0.0", "::") and not self.p2p_announce:  # noqa: S104 - refused
            raise ValueError(
                f"P2P_ANNOUNCE: is needed, as nobody can dial P2P_HOST {self.p2p_host}"
            )
        if self.p2p_port and self.p2p_port == self.p2p_ws_port:
            raise ValueError("P2P_WS_PORT: is the same as P2P_PORT")
        return self

    @property
    def admission_limits(self) -> AdmissionLimits:
        """How many connections there may be of one peer and of one address."""
        return AdmissionLimits(
            connections_per_address=self.p2p_connections_per_ip,
            connections_per_peer=self.p2p_connections_per_peer,
            handshakes=max(64, self.p2p_max_connections // 4),
        )

    @property
    def key_file(self) -> Path:
        """Where the server's key is kept."""
        return self.p2p_key_file or self.data_dir / "p2p.key"

    @property
    def protocols(self) -> tuple[str, ...]:
        """The protocols whose streams are let in."""
        as_member = (RELAYED,) if self.p2p_hubs else ()
        as_hub = (HUB, MEMBER) if self.p2p_hub != "off" else ()
        return (CONVERSATION, ANNOUNCEMENTS, *as_member, *as_hub)

    @property
    def hubs(self) -> dict[str, tuple[str, ...]]:
        """The multiaddrs of each hub, by its peer id."""
        hubs: dict[str, tuple[str, ...]] = {}
        for multiaddr in self.p2p_hubs:
            hub = read_route(multiaddr).peer_id
            hubs[hub] = (*hubs.get(hub, ()), multiaddr)
        return hubs

    @property
    def listen(self) -> tuple[str, str]:
        """The TCP and the WebSocket multiaddr to listen on."""
        kind = "ip6" if ":" in self.p2p_host else "ip4"
        return (
            f"/{kind}/{self.p2p_host}/tcp/{self.p2p_port}",
            f"/{kind}/{self.p2p_host}/tcp/{self.p2p_ws_port}/ws",
        )
