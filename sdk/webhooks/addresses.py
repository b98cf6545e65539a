"""Where a webhook's request may go: public addresses, and networks that the owner named. Pure.

A URL that an operator writes must not reach what only this machine can: its services, the cloud's
metadata, the network behind the firewall.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
_NAT64 = IPv6Network("64:ff9b::/96")
_FOR_PROTOCOLS = IPv4Network("192.0.0.0/24")
"""RFC 6890; Python takes some of them for public."""
_SCOPE = "%"


def networks_of(texts: Sequence[str]) -> tuple[Network, ...]:
    """Read networks such as 10.1.0.0/16. Raises ValueError."""
    return tuple(ip_network(text.strip()) for text in texts)


def is_named(text: str, named: Sequence[Network]) -> bool:
    """Tell whether an address is in a network that the owner named."""
    address = _innermost(text)
    return address is not None and any(
        network.version == address.version and address in network for network in named
    )


def may_be_reached(text: str, named: Sequence[Network]) -> bool:
    """Tell whether a request may go to an address."""
    address = _innermost(text)
    if address is None:
        return False
    return _is_public(address) or is_named(text, named)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and address.is_site_local:
        return False
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    return address not in _FOR_PROTOCOLS


def _innermost(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address; an IPv4 one that is packed into IPv6 is what it leads to."""
    try:
        address = ip_address(text.partition(_SCOPE)[0])
    except ValueError:
        return None
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None) or address
