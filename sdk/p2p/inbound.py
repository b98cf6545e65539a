"""The way in: each inbound connection is admitted, metered, timed, and gives back what it took."""

from typing import Any

import structlog
import trio
from libp2p.abc import IMuxedConn, IRawConnection
from libp2p.io.abc import ReadWriteCloser
from libp2p.io.exceptions import ConnectionClosedError, IOException
from libp2p.network.swarm import Swarm
from libp2p.peer.id import ID
from libp2p.transport.websocket.transport import WebsocketTransport
from multiaddr.multiaddr import Multiaddr

from sdk.p2p.admission import Admission, Visit
from sdk.p2p.packets import CLOSE_SECONDS, WRITE_SECONDS
from sdk.p2p.sockets import send_nothing
from sdk.p2p.websockets import from_any_thread, guard_websockets

READ_BYTES = 64 * 1024
"""Whatever length a peer announces, no more is made room for at once."""
IDLE_LOOK_SECONDS = 60.0

Remote = tuple[str, int]

log = structlog.get_logger(__name__)


class ConnectionEndedError(Exception):
    """Ends the task of an inbound connection that is over, so that its slot is free again."""


class MeteredConnection(ReadWriteCloser):
    """Reads as fast as its address may send, and does not wait for ever for a peer that is deaf."""

    def __init__(self, connection: ReadWriteCloser, visit: Visit, remote: Remote | None) -> None:
        self.visit = visit
        self._connection = connection
        self._remote = remote
        self._clock = visit.clock
        self.send_now = getattr(connection, "send_now", send_nothing)
        """See `sdk.p2p.sockets`."""

    async def read(self, n: int | None = None) -> bytes:
        """Give what came, at most 64 KiB; waits where the address sends too much."""
        data = await self._connection.read(READ_BYTES if n is None else min(n, READ_BYTES))
        seconds = self.visit.bytes.pay(len(data), self._clock())
        if seconds:
            await trio.sleep(seconds)
        return data

    async def write(self, data: bytes) -> None:
        """Send; raises IOException where the peer takes nothing, or is gone."""
        try:
            with trio.fail_after(WRITE_SECONDS):
                await self._connection.write(data)
        except ConnectionClosedError as error:
            # On this one the muxer would go on with what it read before, however much that is.
            raise IOException(str(error)) from error
        except trio.TooSlowError as error:
            await self.close()
            raise IOException("the peer takes nothing") from error

    async def close(self) -> None:
        """Close, whether or not the peer says goodbye."""
        await _close(self._connection)

    def get_remote_address(self) -> Remote | None:
        """Give who is at the other end, also of a WebSocket; None where a proxy does not tell."""
        return self._remote


def guard_inbound(swarm: Swarm, admission: Admission) -> None:
    """Guard 3: no connection comes in but as `admission` lets it, and none keeps its slot."""
    _Inbound(swarm, admission)
    for transport in swarm.transport_manager.get_transports():
        if isinstance(transport, WebsocketTransport):
            guard_websockets(transport, admission)


class _Inbound:
    def __init__(self, swarm: Any, admission: Admission) -> None:  # noqa: ANN401 - parts are replaced
        self._swarm = swarm
        self._admission = admission
        self._upgrade = self._swarm.upgrade_inbound_raw_conn
        self._handle = self._swarm._handle_inbound_connection  # noqa: SLF001 - the one that sees both ends
        self._swarm.upgrade_inbound_raw_conn = self._until_closed
        self._swarm._handle_inbound_connection = self._admit  # noqa: SLF001
        admission.begin()

    async def _admit(self, connection: Any, listener: Multiaddr) -> None:  # noqa: ANN401 - of any transport
        remote = _remote(connection, self._admission)
        scope = trio.CancelScope()
        visit = self._admission.arrives(remote and remote[0], from_any_thread(scope.cancel))
        try:
            if visit is None:
                log.debug("address not admitted", ip=remote and remote[0])
                return
            with scope:
                await self._handle(MeteredConnection(connection, visit, remote), listener)
        finally:
            if visit is not None:
                visit.over()
            await _close(connection)

    async def _until_closed(self, raw: IRawConnection, listener: Multiaddr) -> IMuxedConn:
        visit: Visit = raw.stream.visit  # type: ignore[attr-defined]
        connection: Any = await self._upgrade(raw, listener)
        connection.pace = visit.frames
        try:
            if visit.proved(str(connection.peer_id)):
                await _until_over(connection, self._swarm)
            else:
                log.debug("peer not admitted", peer_id=str(connection.peer_id))
        finally:
            await _close(connection)
            _forget(self._swarm, connection.peer_id)
        raise ConnectionEndedError


async def _close(connection: Any) -> None:  # noqa: ANN401 - of any layer
    with trio.CancelScope(shield=True), trio.move_on_after(CLOSE_SECONDS):
        await connection.close()


async def _until_over(connection: Any, swarm: Swarm) -> None:  # noqa: ANN401 - libp2p's
    """Wait until a connection closes, or carried no stream at two looks in a row."""
    was_idle = False
    while True:
        with trio.move_on_after(IDLE_LOOK_SECONDS):
            await connection.event_closed.wait()
            return
        held = swarm.connections.get(connection.peer_id, ())
        is_idle = not any(one.get_streams() for one in held if one.muxed_conn is connection)
        if is_idle and was_idle:
            log.debug("idle connection ends", peer_id=str(connection.peer_id))
            return
        was_idle = is_idle


def _forget(swarm: Swarm, peer_id: ID) -> None:
    """Drop what a peer told of itself once its last connection is over: ids cost nothing."""
    if all(one.is_closed for one in swarm.connections.get(peer_id, ())):
        peers: Any = swarm.peerstore
        peers.peer_data_map.pop(peer_id, None)
        peers.peer_record_map.pop(peer_id, None)


def _remote(connection: Any, admission: Admission) -> Remote | None:  # noqa: ANN401 - of any transport
    websocket = getattr(connection, "_ws_connection", None)
    if websocket is not None:
        remote: Remote | None = websocket.noroam_remote
        return remote
    found = connection.get_remote_address()
    if found is None or admission.trusts(found[0]):
        return None
    return (str(found[0]), int(found[1]))
