"""What a P2P server is to others: a hub, a member of hubs, both or neither, as its settings say."""

from p2p_server.doors import Door
from p2p_server.guard import Guard
from p2p_server.hub import Hub, HubLimits
from p2p_server.membership import BroughtByHubs, Membership
from p2p_server.relay import Relay
from p2p_server.settings import P2pServerSettings
from sdk.ids import utc_now
from sdk.p2p.host import P2pHost
from sdk.p2p.protocols import HUB, MEMBER, RELAYED


def as_hub(settings: P2pServerSettings, host: P2pHost, guard: Guard) -> dict[str, Door]:
    """Give the doors of a hub; none where it is none."""
    if settings.p2p_hub == "off":
        return {}
    limits = HubLimits(
        settings.p2p_hub_capacity,
        settings.p2p_hub_streams_per_member,
        settings.p2p_hub_streams_per_consumer,
    )
    hub = Hub(
        host,
        lambda peer_id: settings.p2p_hub == "open" or peer_id in settings.p2p_hub_members,
        limits,
        guard=guard,
        clock=utc_now,
        idle_seconds=settings.p2p_idle_seconds,
    )
    return {HUB: Door(hub.serve_app), MEMBER: Door(hub.serve_member)}


def as_member(settings: P2pServerSettings, relay: Relay) -> dict[str, Door]:
    """Give the door through which hubs bring consumers; none without hubs."""
    if not settings.hubs:
        return {}
    brought = BroughtByHubs(tuple(settings.hubs), settings.p2p_streams_per_hub)
    return {RELAYED: Door(relay.serve, brought.meet)}


def memberships(settings: P2pServerSettings, host: P2pHost) -> list[Membership]:
    """Give what keeps the server a member of each of its hubs."""
    return [Membership(host, hub, multiaddrs) for hub, multiaddrs in settings.hubs.items()]
