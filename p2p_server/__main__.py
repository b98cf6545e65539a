"""Composition root of the P2P server."""

import asyncio
from time import monotonic

from p2p_server.answers import Answers
from p2p_server.guard import Guard
from p2p_server.identity import announce, keep_announced, with_peer_id
from p2p_server.peers import Peers
from p2p_server.relay import Relay
from p2p_server.settings import P2pServerSettings
from p2p_server.stations import Stations
from sdk.bus.interface import Bus
from sdk.ids import utc_now
from sdk.p2p.errors import ListenAddressTakenError, ListenError
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import KeyFileError, P2pKey, load_key
from sdk.p2p.node import NodeSettings
from sdk.p2p.protocols import CONVERSATION
from sdk.service import AddressTakenError, Context, run
from sdk.settings import SettingsError


async def serve(settings: P2pServerSettings, context: Context) -> None:
    """Run until the context says stop."""
    try:
        key = load_key(settings.key_file)
    except KeyFileError as error:
        raise SettingsError(f"P2P_KEY_FILE: {error}") from error
    node = NodeSettings(
        key, settings.listen, settings.p2p_max_connections, settings.p2p_connections_per_ip
    )
    try:
        async with P2pHost(node, (CONVERSATION,)) as host:
            await _serve(settings, context, key, host)
    except ListenAddressTakenError as error:
        raise AddressTakenError(f"P2P_PORT, P2P_WS_PORT: {error}") from error
    except ListenError as error:
        raise SettingsError(f"P2P_HOST, P2P_PORT, P2P_WS_PORT: {error}") from error


async def _serve(settings: P2pServerSettings, context: Context, key: P2pKey, host: P2pHost) -> None:
    bus: Bus = context.bus
    announced = [with_peer_id(a, key.peer_id) for a in settings.p2p_announce or host.addresses]
    peers = Peers(settings.p2p_streams_per_peer, settings.p2p_stations_per_peer)
    async with bus.follow() as follower, asyncio.TaskGroup() as group:
        answers = Answers(follower, peers, group)
        relay = Relay(
            bus,
            key,
            peers,
            guard=Guard(settings.p2p_requests_per_second, settings.p2p_request_burst, monotonic),
            stations=Stations(bus, monotonic),
            answers=answers,
            clock=utc_now,
            idle_seconds=settings.p2p_idle_seconds,
        )
        await announce(bus, key, announced, utc_now)
        tasks = [
            group.create_task(keep_announced(bus, key, announced, utc_now)),
            group.create_task(answers.leave_unused()),
            group.create_task(relay.run(host)),
        ]
        context.ready(host.addresses[0])
        await context.stopping.wait()
        for task in tasks:
            task.cancel()
        await answers.close()


def main() -> None:
    """Run the service: `noroam-p2p-server`."""
    run("p2p_server", P2pServerSettings, serve)


if __name__ == "__main__":
    main()
