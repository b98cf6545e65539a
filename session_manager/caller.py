"""Whose request it is: the address of who is behind the trusted proxies."""

from collections.abc import Sequence
from ipaddress import ip_address, ip_network

from aiohttp import web

from sdk.p2p.forwarded import forwarded_for

_CALLER = web.RequestKey("caller", str)


class Proxies:
    """The proxies whose X-Forwarded-For is believed."""

    def __init__(self, networks: Sequence[str] = ()) -> None:
        """Trust by address or network. Raises ValueError for what is neither."""
        self._networks = [ip_network(network) for network in networks]

    def note(self, request: web.Request) -> None:
        """Find out who asks, for `caller_of`."""
        peer = request.remote or ""
        if self._networks and self._trusts(peer):
            peer = forwarded_for(request.raw_headers, self._trusts) or peer
        request[_CALLER] = peer

    def _trusts(self, address: str) -> bool:
        try:
            ip = ip_address(address)
        except ValueError:
            return False
        mapped = getattr(ip, "ipv4_mapped", None) or ip
        return any(mapped in network for network in self._networks)


def caller_of(request: web.Request) -> str:
    """Give the address of who asks."""
    caller = request.get(_CALLER)
    return caller if caller is not None else request.remote or ""
