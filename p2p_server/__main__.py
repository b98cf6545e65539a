"""Composition root of the P2P server."""

import asyncio
from time import monotonic

from p2p_server.announced_nearby import keep_nearby
from p2p_server.announcements import Announcements
from p2p_server.announcing import Announcing
from p2p_server.answers import Answers
from p2p_server.doors import Door, Doors
from p2p_server.guard import Guard, GuardLimits
from p2p_server.hub_roles import as_hub, as_member, memberships
from p2p_server.identity import announce, announced, keep_announced
from p2p_server.key_file import until_stopping_or_new_key
from p2p_server.peers import Peers
from p2p_server.relay import Relay
from p2p_server.settings import P2pServerSettings
from p2p_server.stations import Stations
from sdk.bus.interface import Bus
from sdk.ids import utc_now
from sdk.p2p.admission import Admission
from sdk.p2p.announcement_table import AnnouncementTable
from sdk.p2p.errors import ListenAddressTakenError, ListenError
from sdk.p2p.gossip_bootstrap import Bootstrap
from sdk.p2p.gossip_limits import stations_topic
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import KeyFileError, load_key
from sdk.p2p.node import NodeSettings
from sdk.p2p.protocols import ANNOUNCEMENTS, CONVERSATION
from sdk.service import AddressTakenError, Context, run
from sdk.settings import SettingsError


async def serve(settings: P2pServerSettings, context: Context) -> None:
    """Run until the context says stop; with another key once the key file holds one."""
    while not context.stopping.is_set():
        await _serve_with_key(settings, context)


async def _serve_with_key(settings: P2pServerSettings, context: Context) -> None:
    try:
        key = load_key(settings.key_file)
    except KeyFileError as error:
        raise SettingsError(f"P2P_KEY_FILE: {error}") from error
    if key.peer_id in settings.hubs:
        raise SettingsError("P2P_HUBS: names this server itself")
    admission = Admission(
        settings.admission_limits, settings.p2p_trusted_proxies, settings.p2p_ban_seconds
    )
    node = NodeSettings(key, settings.listen, settings.p2p_max_connections, admission)
    try:
        topics = stations_topic(utc_now)
        async with P2pHost(node, settings.protocols, topics=topics) as host:
            await _serve(settings, context, node, host)
    except ListenAddressTakenError as error:
        raise AddressTakenError(f"P2P_PORT, P2P_WS_PORT: {error}") from error
    except ListenError as error:
        raise SettingsError(f"P2P_HOST, P2P_PORT, P2P_WS_PORT: {error}") from error


async def _serve(
    settings: P2pServerSettings, context: Context, node: NodeSettings, host: P2pHost
) -> None:
    bus: Bus = context.bus
    key = node.key
    multiaddrs = announced(settings.p2p_announce, host.addresses, settings.p2p_hubs, key.peer_id)
    peers = Peers(settings.p2p_streams_per_peer, settings.p2p_stations_per_peer)
    guard = Guard(
        settings.p2p_requests_per_second,
        settings.p2p_request_burst,
        monotonic,
        node.admission,
        GuardLimits(streams_per_address=2 * settings.p2p_connections_per_ip),
    )
    async with bus.follow() as follower, asyncio.TaskGroup() as group:
        answers = Answers(follower, peers, group)
        relay = Relay(
            bus,
            key,
            peers,
            guard=guard,
            stations=Stations(bus, monotonic),
            answers=answers,
            clock=utc_now,
            idle_seconds=settings.p2p_idle_seconds,
        )
        table = AnnouncementTable()
        announcements = Announcements(host, table, utc_now)
        announcing = Announcing(bus, host, key, multiaddrs, table, clock=utc_now)
        bootstrap = _bootstrap(settings, host, announcements, announcing)
        entrances = {
            **as_member(settings, relay),
            **as_hub(settings, host, guard),
            CONVERSATION: Door(relay.serve),
            ANNOUNCEMENTS: Door(announcements.serve),
        }
        await announce(bus, key, multiaddrs, utc_now)
        tasks = [
            group.create_task(keep_announced(bus, key, multiaddrs, utc_now)),
            group.create_task(answers.leave_unused()),
            group.create_task(Doors(guard, entrances).run(host)),
            *(group.create_task(member.keep()) for member in memberships(settings, host)),
            group.create_task(announcements.hear()),
            group.create_task(announcements.tidy()),
            group.create_task(bootstrap.run()),
            group.create_task(keep_nearby(settings.p2p_mdns, host.peer_id, multiaddrs, bootstrap)),
            *([group.create_task(announcing.run())] if settings.p2p_listed else []),
        ]
        context.ready(host.addresses[0])
        await until_stopping_or_new_key(context.stopping, settings.key_file, key)
        for task in tasks:
            task.cancel()
        await answers.close()


def _bootstrap(
    settings: P2pServerSettings, host: P2pHost, known: Announcements, own: Announcing
) -> Bootstrap:
    async def greet(peer_id: str) -> None:
        own.announce_again()
        await known.ask(peer_id)

    bootstrap = Bootstrap(host, greet)
    for multiaddr in settings.p2p_bootstrap:
        bootstrap.add(multiaddr)
    return bootstrap


def main() -> None:
    """Run the service: `noroam-p2p-server`."""
    run("p2p_server", P2pServerSettings, serve)


if __name__ == "__main__":
    main()
