"""What keeps a hostile peer from ending or filling a libp2p host, put around py-libp2p 0.8.1.

Without them any exception of any stream handler ends the whole host, one unparsable announcement
ends the process, every inbound connection keeps its slot after it closed, and a peer that ignores
flow control fills the memory.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from weakref import WeakSet

import structlog
import trio
from libp2p.abc import IHost, IMuxedConn, INetStream, IRawConnection
from libp2p.network.swarm import Swarm
from libp2p.pubsub.pubsub import Pubsub
from libp2p.stream_muxer.yamux.yamux import Yamux
from libp2p.transport.websocket.connection import P2PWebSocketConnection
from libp2p.transport.websocket.transport import WebsocketTransport
from multiaddr.multiaddr import Multiaddr

log = structlog.get_logger(__name__)

UNREAD_BYTES_PER_CONNECTION = 4 * 1024 * 1024

T = TypeVar("T")


class ConnectionEndedError(Exception):
    """Ends the task of an inbound connection that is over, so that its slot is free again."""


def guard_handlers(host: IHost) -> None:
    """Guard 1: an exception of a stream handler resets that stream, and nothing else."""
    network = host.get_network()
    handle = network.common_stream_handler  # type: ignore[attr-defined]

    async def guarded(stream: INetStream) -> None:
        try:
            await handle(stream)
        except Exception as error:  # noqa: BLE001 - anything else would end the host
            log.debug("stream handler failed", error=repr(error))
            await reset_quietly(stream)

    network.set_stream_handler(guarded)


async def reset_quietly(stream: INetStream) -> None:
    """Reset a stream, whatever state it is in."""
    try:
        await stream.reset()
    except Exception as error:  # noqa: BLE001 - it is gone either way
        log.debug("stream could not be reset", error=repr(error))


def guard_pubsub(pubsub: Pubsub) -> None:
    """Guard 2: an announcement that can't be read, or a peer that breaks off, is dropped."""
    for name in ("push_msg", "_handle_new_peer_with_retry"):
        setattr(pubsub, name, _dropping(getattr(pubsub, name)))
    router = pubsub.router
    router.handle_rpc = _dropping(router.handle_rpc)  # type: ignore[method-assign, assignment]


def guard_inbound_slots(swarm: Swarm, connections_per_ip: int) -> None:
    """Guard 3: an inbound connection gives its slot back when it closes; and one IP has so many."""
    upgrade = swarm.upgrade_inbound_raw_conn
    handle = swarm._handle_inbound_connection  # noqa: SLF001 - the only place that sees both ends
    per_ip: Counter[str] = Counter()

    async def until_closed(raw: IRawConnection, listener: Multiaddr) -> IMuxedConn:
        connection: Any = await upgrade(raw, listener)
        await connection.event_closed.wait()
        raise ConnectionEndedError

    async def counted(connection: Any, listener: Multiaddr) -> None:  # noqa: ANN401 - of any transport
        ip = _remote_ip(connection)
        if per_ip[ip] >= connections_per_ip:
            log.debug("too many connections", ip=ip)
            await connection.close()
            return
        per_ip[ip] += 1
        try:
            await handle(connection, listener)
        finally:
            per_ip[ip] -= 1
            if not per_ip[ip]:
                del per_ip[ip]

    swarm.upgrade_inbound_raw_conn = until_closed  # type: ignore[method-assign, assignment]
    swarm._handle_inbound_connection = counted  # type: ignore[method-assign, assignment]  # noqa: SLF001


def track_websockets(swarm: Swarm) -> Callable[[], None]:
    """Give a way to close the sockets of dialled WebSockets that a cancelled close left open."""
    opened: WeakSet[Any] = WeakSet()

    def track(transport: WebsocketTransport) -> None:
        dial = transport._create_direct_connection  # noqa: SLF001 - where the socket is made

        async def tracked(*arguments: Any) -> P2PWebSocketConnection:  # noqa: ANN401 - passed on as is
            connection = await dial(*arguments)
            opened.add(connection._ws_connection._stream)  # noqa: SLF001
            return connection

        transport._create_direct_connection = tracked  # type: ignore[method-assign, assignment]  # noqa: SLF001

    def close_all() -> None:
        for stream in opened:
            # Inside TLS there is another stream.
            getattr(stream, "transport_stream", stream).socket.close()

    for transport in swarm.transport_manager.get_transports():
        if isinstance(transport, WebsocketTransport):
            track(transport)
    return close_all


class BoundedYamux(Yamux):
    """Guard 4: a peer that sends past the windows it was given loses its connection."""

    async def _read_data_body(self, length: int) -> bytes:
        unread = sum(len(buffer) for buffer in self.stream_buffers.values())
        if unread + length > UNREAD_BYTES_PER_CONNECTION:
            log.debug("peer ignores flow control", peer_id=str(self.peer_id))
            # The one error on which the muxer closes the connection in good order.
            raise trio.TooSlowError
        return await super()._read_data_body(length)


def _remote_ip(connection: Any) -> str:  # noqa: ANN401 - of any transport
    address = connection.get_remote_address()
    if address is not None:
        return str(address[0])
    # libp2p does not tell it for a WebSocket, but the WebSocket does.
    remote = getattr(getattr(connection, "_ws_connection", None), "remote", None)
    return str(getattr(remote, "address", "unknown"))


def _dropping(call: Callable[..., Awaitable[T]]) -> Callable[..., Awaitable[T | None]]:
    async def guarded(*arguments: Any, **named: Any) -> T | None:  # noqa: ANN401 - passed on as is
        try:
            return await call(*arguments, **named)
        except Exception as error:  # noqa: BLE001 - anything else would end the process
            log.debug("announcement dropped", error=repr(error))
            return None

    return guarded
