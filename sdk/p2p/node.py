"""Builds the libp2p node: Noise and Yamux, TCP and WebSocket, limits raised, guards in place."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import libp2p.network.swarm as libp2p_swarm
import libp2p.stream_muxer.muxer_multistream as libp2p_muxers
import libp2p.stream_muxer.yamux.yamux as libp2p_yamux
import libp2p.transport.tcp.tcp as libp2p_tcp
from libp2p import new_host
from libp2p.abc import IHost
from libp2p.crypto.ed25519 import create_new_key_pair
from libp2p.crypto.x25519 import create_new_key_pair as create_noise_key_pair
from libp2p.custom_types import TProtocol
from libp2p.network.config import ConnectionConfig, RetryConfig
from libp2p.network.swarm import Swarm
from libp2p.rcmgr.connection_limits import ConnectionLimits
from libp2p.rcmgr.manager import ResourceLimits, ResourceManager
from libp2p.security.noise.transport import PROTOCOL_ID as NOISE
from libp2p.security.noise.transport import Transport as NoiseTransport
from libp2p.stream_muxer.yamux.yamux import PROTOCOL_ID as YAMUX

from sdk.p2p.admission import Admission
from sdk.p2p.flow import ThriftyStream
from sdk.p2p.guards import BoundedYamux, guard_handlers
from sdk.p2p.inbound import guard_inbound
from sdk.p2p.keys import P2pKey
from sdk.p2p.sockets import PromptTcpStream

HANDSHAKE_SECONDS = 5.0

# libp2p has no settings for these: a fixed sleep in the dialer, a quarter of a second for each
# connection; streams whose windows grow to 16 MiB each though nobody reads them; and the muxer's
# class, which it makes whatever class it is given.
libp2p_swarm._HAPPY_EYEBALLS_DELAY = 0  # noqa: SLF001
libp2p_tcp.TrioTCPStream = PromptTcpStream  # type: ignore[attr-defined]
libp2p_yamux.YamuxStream = ThriftyStream  # type: ignore[misc]
libp2p_muxers.Yamux = BoundedYamux  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """What a node is: its key, the multiaddrs it listens on (none: it only dials), its limits.

    `admission` decides who comes in; it remembers who may not when the node starts again.
    """

    key: P2pKey
    listen: Sequence[str] = ()
    max_connections: int = 2000
    admission: Admission = field(default_factory=Admission)


def build_node(settings: NodeSettings) -> IHost:
    """Make a host that is ready to run; call it in the trio thread."""
    key_pair = create_new_key_pair(settings.key.seed)
    noise_key = create_noise_key_pair().private_key
    host = new_host(
        key_pair=key_pair,
        # libp2p's defaults also accept plaintext, where a peer id is only claimed.
        sec_opt={NOISE: NoiseTransport(key_pair, noise_privkey=noise_key)},
        muxer_opt={TProtocol(YAMUX): BoundedYamux},
        enable_tcp=True,
        enable_websocket=True,
        connection_config=_connections(settings),
        resource_manager=_resources(settings),
        disable_identify_address_discovery=True,
    )
    swarm = host.get_network()
    if not isinstance(swarm, Swarm):
        raise TypeError("libp2p's host has another network than the guards know")
    swarm.retry_config = RetryConfig(max_retries=0)
    # It would dial whoever once was a peer, up to half of the limit.
    swarm.auto_connector.maybe_connect = _dial_nobody  # type: ignore[method-assign]
    guard_handlers(host)
    guard_inbound(swarm, settings.admission)
    return host


async def _dial_nobody() -> None:
    return


def _connections(settings: NodeSettings) -> ConnectionConfig:
    return ConnectionConfig(
        max_connections=settings.max_connections,
        high_watermark=settings.max_connections,
        low_watermark=1,
        min_connections=0,
        inbound_upgrade_timeout=HANDSHAKE_SECONDS,
        outbound_upgrade_timeout=HANDSHAKE_SECONDS,
        inbound_stream_protocol_negotiation_timeout=HANDSHAKE_SECONDS,
    )


def _resources(settings: NodeSettings) -> ResourceManager:
    # Each connection is counted twice for a moment: before and after its handshake.
    limit = settings.max_connections * 2
    return ResourceManager(
        limits=ResourceLimits(max_connections=limit, max_streams=limit * 8),
        connection_limits=ConnectionLimits(
            max_established_inbound=limit,
            max_established_outbound=limit,
            max_established_total=limit,
            # counted by `admission`, which knows who dials whom
            max_established_per_peer=limit,
        ),
        enable_metrics=False,
        enable_memory_limits=False,
        enable_circuit_breaker=False,
        enable_graceful_degradation=False,
        enable_rate_limiting=False,
    )
