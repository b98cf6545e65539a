"""Checks of listen addresses, before libp2p gets them."""

import errno
import socket
from collections.abc import Sequence

from multiaddr.exceptions import Error as MultiaddrError
from multiaddr.multiaddr import Multiaddr

from sdk.p2p.errors import ListenAddressTakenError, ListenError


def check_free(addresses: Sequence[str]) -> None:
    """Make sure that each address is a TCP or WebSocket multiaddr, ours, and free.

    libp2p listens with SO_REUSEPORT, so that a second server at the same port would silently get
    half of the first one's peers. Raises ListenError.
    """
    for address in addresses:
        host, port = _endpoint(address)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    raise ListenAddressTakenError(f"{address}: in use") from error
                raise ListenError(f"can't listen on {address}: {error.strerror}") from error


def _endpoint(address: str) -> tuple[str, int]:
    try:
        parsed = Multiaddr(address)
        names = [protocol.name for protocol in parsed.protocols()]
        if names not in (
            ["ip4", "tcp"],
            ["ip6", "tcp"],
            ["ip4", "tcp", "ws"],
            ["ip6", "tcp", "ws"],
        ):
            raise ListenError(f"{address} is not /ip4|ip6/<address>/tcp/<port>[/ws]")
        return str(parsed.value_for_protocol(names[0])), int(parsed.value_for_protocol("tcp") or 0)
    except (MultiaddrError, ValueError) as error:
        raise ListenError(f"{address} is no multiaddr: {error}") from error
