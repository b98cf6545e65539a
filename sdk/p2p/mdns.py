"""Finds P2P servers on the local network by multicast DNS (RFC 6762, 6763).

Only on interfaces that are named: whoever is there learns of the server, and may name others.
"""

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from ipaddress import ip_address

from zeroconf import Error, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from sdk.errors import UnavailableError
from sdk.p2p.routes import read_route

SERVICE = "_noroam._tcp.local."
MOST_SERVERS = 64
MOST_ADDRESSES = 8
"""Of one server; each is one string of its TXT record."""
LONGEST_ADDRESS = 240
LOOK_UP_MS = 2000


class MdnsError(UnavailableError):
    """The interfaces can't be used for multicast; mend the addresses, or wait for the network."""


@asynccontextmanager
async def on_interfaces(addresses: Sequence[str]) -> AsyncIterator[AsyncZeroconf]:
    """Speak multicast DNS on the interfaces that have these IP addresses. Raises MdnsError."""
    try:
        for address in addresses:
            _check_own(address)
        zeroconf = AsyncZeroconf(interfaces=list(addresses))
    except (OSError, ValueError, Error) as error:
        raise MdnsError(f"no multicast DNS on {', '.join(addresses)}: {error}") from error
    try:
        yield zeroconf
    finally:
        await zeroconf.async_close()


async def announce_server(
    zeroconf: AsyncZeroconf, peer_id: str, multiaddrs: Sequence[str], interfaces: Sequence[str]
) -> None:
    """Tell the network how to dial this server, until `zeroconf` is closed. Raises MdnsError."""
    shown = [it for it in multiaddrs if len(it) <= LONGEST_ADDRESS][:MOST_ADDRESSES]
    info = AsyncServiceInfo(
        SERVICE,
        f"{peer_id}.{SERVICE}",
        port=_port(shown),
        addresses=[ip_address(address).packed for address in interfaces],
        properties={f"multiaddr{number}": shown for number, shown in enumerate(shown)},
        server=f"{peer_id}.local.",
    )
    try:
        await (await zeroconf.async_register_service(info))
    except (OSError, Error) as error:
        raise MdnsError(f"not announced by multicast DNS: {error!r}") from error


async def servers_nearby(zeroconf: AsyncZeroconf) -> AsyncGenerator[str]:
    """Give the multiaddrs of servers as they are found, for ever; each as often as it is told."""
    names: asyncio.Queue[str] = asyncio.Queue(MOST_SERVERS)

    def note(
        zeroconf: Zeroconf,  # noqa: ARG001 - zeroconf names its arguments
        service_type: str,  # noqa: ARG001
        name: str,
        state_change: ServiceStateChange,
    ) -> None:
        if state_change is not ServiceStateChange.Removed and not names.full():
            names.put_nowait(name)

    browser = AsyncServiceBrowser(zeroconf.zeroconf, SERVICE, handlers=[note])
    try:
        while True:
            info = AsyncServiceInfo(SERVICE, await names.get())
            if await info.async_request(zeroconf.zeroconf, LOOK_UP_MS):
                for multiaddr in _multiaddrs(info):
                    yield multiaddr
    finally:
        await browser.async_cancel()


def _check_own(address: str) -> None:
    # zeroconf leaves its sockets open where it fails.
    family = socket.AF_INET6 if ip_address(address).version == 6 else socket.AF_INET  # noqa: PLR2004
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.bind((address, 0))


def _multiaddrs(info: AsyncServiceInfo) -> list[str]:
    told = [info.decoded_properties.get(f"multiaddr{number}") for number in range(MOST_ADDRESSES)]
    return [it for it in told if it and len(it) <= LONGEST_ADDRESS and _is_direct(it)]


def _is_direct(multiaddr: str) -> bool:
    try:
        return not read_route(multiaddr).via_hub
    except ValueError:
        return False


def _port(multiaddrs: Sequence[str]) -> int:
    """Give what the SRV record says; who finds the server goes by its multiaddrs."""
    parts = multiaddrs[0].split("/") if multiaddrs else []
    return int(parts[parts.index("tcp") + 1]) if "tcp" in parts else 0
