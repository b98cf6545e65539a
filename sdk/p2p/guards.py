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
from libp2p.abc import IHost, IMuxedConn, INetStream, ISecureConn
from libp2p.identity.identify_push.identify_push import ID_PUSH
from libp2p.network.swarm import Swarm
from libp2p.pubsub.pubsub import Pubsub
from libp2p.stream_muxer.yamux.yamux import Yamux
from libp2p.transport.websocket.connection import P2PWebSocketConnection
from libp2p.transport.websocket.transport import WebsocketTransport

from sdk.p2p.pace import Pace
from sdk.p2p.packets import Packets
from sdk.p2p.rpc_filter import RpcReader

log = structlog.get_logger(__name__)

UNREAD_BYTES_PER_CONNECTION = 4 * 1024 * 1024
STREAMS_PER_CONNECTION = 128
BODY_SECONDS = 60.0
"""A packet that began must be complete after so long."""

T = TypeVar("T")


def guard_handlers(host: IHost) -> None:
    """Guard 1: an exception of a stream handler resets that stream, and nothing else.

    A connection that came in has so many streams at a time, and nobody needs to be told what a peer
    pushes of itself.
    """
    network: Any = host.get_network()
    host.get_mux().remove_handler(ID_PUSH)
    handle = network.common_stream_handler
    held: Counter[IMuxedConn] = Counter()

    async def guarded(stream: INetStream) -> None:
        connection = stream.muxed_conn
        if held[connection] >= STREAMS_PER_CONNECTION and not connection.is_initiator:
            log.debug("too many streams", peer_id=str(connection.peer_id))
            await reset_quietly(stream)
            return
        held[connection] += 1
        try:
            await handle(stream)
        except Exception as error:  # noqa: BLE001 - anything else would end the host
            log.debug("stream handler failed", error=repr(error))
            await reset_quietly(stream)
        finally:
            held[connection] -= 1
            if not held[connection]:
                del held[connection]

    network.set_stream_handler(guarded)


async def reset_quietly(stream: INetStream) -> None:
    """Reset a stream, whatever state it is in."""
    try:
        await stream.reset()
    except Exception as error:  # noqa: BLE001 - it is gone either way
        log.debug("stream could not be reset", error=repr(error))


def guard_pubsub(pubsub: Pubsub) -> None:
    """Guard 2: an announcement that can't be read, or a peer that breaks off, is dropped.

    What a peer sends is cut down to the topics in use and to bounded lists first; see
    `sdk.p2p.rpc_filter`.
    """
    for name in ("push_msg", "_handle_new_peer_with_retry"):
        setattr(pubsub, name, _dropping(getattr(pubsub, name)))
    router = pubsub.router
    router.handle_rpc = _dropping(router.handle_rpc)  # type: ignore[method-assign, assignment]
    pubsub.continuously_read_stream = RpcReader(pubsub).read  # type: ignore[method-assign]


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
    """Guard 4: a peer that sends past the windows it was given loses its connection.

    And one that sends more packets than its address may is read from more slowly: pings are
    answered, streams opened and reset again, whoever asks for it. A stream that ends in the middle
    of a packet does not end the others.
    """

    def __init__(self, secured_conn: ISecureConn, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - passed on as is
        self.pace: Pace | None = None
        self._packets = Packets(secured_conn, self)
        wire: Any = self._packets
        super().__init__(wire, *arguments, **named)

    async def close(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - passed on as is
        """Say goodbye, for as long as the caller cares to wait."""
        self._packets.is_over = True
        await super().close(*arguments, **named)

    def let_go(self) -> None:
        """Finish no packet any more: the host ends."""
        self._packets.is_over = True
        self._packets.sending.cancel()

    async def send(self, packet: bytes) -> None:
        """Send a packet; others have their turn only where it can't be sent at once."""
        await self._packets.write(packet)

    async def takes(self, stream_id: int, length: int) -> bool:
        """Give a stream the content of a plain packet of data; see `sdk.p2p.packets`."""
        stream = self.streams.get(stream_id)
        if stream is None or stream.recv_closed or stream.closed:
            return False
        data = await self._read_data_body(length)
        if stream_id in self.streams:
            stream.recv_window = max(0, stream.recv_window - length)
            self.stream_buffers[stream_id] += data
            self.stream_events[stream_id].set()
        return True

    async def _read_data_body(self, length: int) -> bytes:
        unread = sum(len(buffer) for buffer in self.stream_buffers.values())
        if unread + length > UNREAD_BYTES_PER_CONNECTION:
            log.debug("peer ignores flow control", peer_id=str(self.peer_id))
            # The one error on which the muxer closes the connection in good order.
            raise trio.TooSlowError
        with trio.fail_after(BODY_SECONDS):
            return await self._packets.take(length)

    async def _write_frame(self, data: bytes) -> None:
        await self._packets.write(data)
        await trio.lowlevel.checkpoint()


def _dropping(call: Callable[..., Awaitable[T]]) -> Callable[..., Awaitable[T | None]]:
    async def guarded(*arguments: Any, **named: Any) -> T | None:  # noqa: ANN401 - passed on as is
        try:
            return await call(*arguments, **named)
        except Exception as error:  # noqa: BLE001 - anything else would end the process
            log.debug("announcement dropped", error=repr(error))
            return None

    return guarded
