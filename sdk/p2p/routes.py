"""What a station's multiaddr says: whom to dial, and whether that is a hub, PURE."""

from dataclasses import dataclass

_CIRCUIT = "/p2p-circuit/p2p/"
_PEER = "/p2p/"


@dataclass(frozen=True, slots=True)
class Route:
    """Dial `dial` (ends in `/p2p/<peer id>`); `via_hub`: that is a hub, and leads to `peer_id`."""

    dial: str
    peer_id: str
    via_hub: bool = False


def read_route(multiaddr: str) -> Route:
    """Read `…/p2p/<server>`, or `…/p2p/<hub>/p2p-circuit/p2p/<server>`.

    Raises ValueError for a multiaddr that names no peer id, or leads over several hubs.
    """
    dial, circuit, peer_id = multiaddr.partition(_CIRCUIT)
    if not circuit:
        peer_id = multiaddr.rpartition(_PEER)[2] if _PEER in multiaddr else ""
    if not peer_id or "/" in peer_id or dial.count(_PEER) != 1 or dial.endswith(_PEER):
        raise ValueError(f"{multiaddr} leads to no peer, or over several hubs")
    return Route(dial, peer_id, bool(circuit))


def direct_first(multiaddrs: tuple[str, ...]) -> list[Route]:
    """Give the routes that can be read, those without a hub first, else in their order."""
    routes = []
    for multiaddr in multiaddrs:
        try:
            routes.append(read_route(multiaddr))
        except ValueError:
            continue
    return sorted(routes, key=lambda route: route.via_hub)
