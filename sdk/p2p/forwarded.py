"""Whom a proxy in front of a WebSocket forwards: the last hop of X-Forwarded-For it did not write.

The proxy has to set the header, or to take away the one that came, as a client can send it too.
Pure.
"""

from collections.abc import Callable, Iterable
from ipaddress import ip_address

FORWARDED_FOR = b"x-forwarded-for"


def forwarded_for(
    headers: Iterable[tuple[bytes, bytes]], trusts: Callable[[str], bool]
) -> str | None:
    """Give the address of who is behind the trusted proxies, or None where they don't tell.

    Several headers are one list (RFC 9110, section 5.3).
    """
    values = [value for name, value in headers if name.lower() == FORWARDED_FOR]
    hops = b",".join(values).decode("ascii", "replace").split(",")
    for hop in reversed(hops):
        address = _address(hop.strip())
        if address is None or not trusts(address):
            return address
    return None


def _address(hop: str) -> str | None:
    """Read an address, with a port or without."""
    if hop.startswith("["):
        hop = hop[1:].partition("]")[0]
    elif hop.count(":") == 1:
        hop = hop.partition(":")[0]
    try:
        return str(ip_address(hop))
    except ValueError:
        return None
