"""Makes this P2P server known on the local network, and gossips with those that it finds there."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing

import structlog

from sdk.p2p.gossip_bootstrap import Bootstrap
from sdk.p2p.mdns import MdnsError, announce_server, on_interfaces, servers_nearby

log = structlog.get_logger(__name__)

RETRY_SECONDS = 30.0


async def keep_nearby(
    interfaces: Sequence[str], peer_id: str, multiaddrs: Sequence[str], bootstrap: Bootstrap
) -> None:
    """Speak multicast DNS on these interfaces (by their IP addresses) for ever; none: return."""
    while interfaces:
        try:
            async with on_interfaces(interfaces) as zeroconf:
                await announce_server(zeroconf, peer_id, multiaddrs, interfaces)
                async with aclosing(servers_nearby(zeroconf)) as found:
                    async for multiaddr in found:
                        bootstrap.add(multiaddr)
        except MdnsError as error:
            log.warning("not known nearby", reason=str(error))
        await asyncio.sleep(RETRY_SECONDS)
