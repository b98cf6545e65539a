"""Settings of the P2P server."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from sdk.settings import CommaList, Port, ServiceSettings


class P2pServerSettings(ServiceSettings):
    """Where it listens, what it announces, and how much one peer may ask for.

    `p2p_announce` are the multiaddrs that DID documents show, without or with `/p2p/<peer id>`;
    none: those listened on. A limit of 0 requests per second is no limit.
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
    p2p_max_connections: int = Field(default=2000, ge=1)
    p2p_idle_seconds: float = Field(default=600, gt=0)
    """A stream on which nothing came for so long is closed; the first frame has 30 seconds."""

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
    def key_file(self) -> Path:
        """Where the server's key is kept."""
        return self.p2p_key_file or self.data_dir / "p2p.key"

    @property
    def listen(self) -> tuple[str, str]:
        """The TCP and the WebSocket multiaddr to listen on."""
        kind = "ip6" if ":" in self.p2p_host else "ip4"
        return (
            f"/{kind}/{self.p2p_host}/tcp/{self.p2p_port}",
            f"/{kind}/{self.p2p_host}/tcp/{self.p2p_ws_port}/ws",
        )
