"""WebSockets on their way in: few sockets of one address without a request, and those not for long.

libp2p gives a socket a minute for its HTTP request, and counts it only afterwards.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

import libp2p.transport.websocket.listener as libp2p_listener
import trio
from libp2p.transport.websocket.transport import WebsocketTransport
from trio_websocket import WebSocketRequest, WebSocketServer

from sdk.p2p.admission import Admission, Visit
from sdk.p2p.forwarded import forwarded_for

HTTP_SECONDS = 5.0
GOODBYE_SECONDS = 1.0
MESSAGE_BYTES = 1024 * 1024

Serve = Callable[[WebSocketRequest], Awaitable[None]]


class _Door:
    """What one listener does with each request, and who may come to it."""

    def __init__(self, serve: Serve, admission: Admission) -> None:
        self.serve = serve
        self.admission = admission


class _Server(WebSocketServer):
    def __init__(self, door: _Door, listeners: Sequence[trio.SocketListener]) -> None:
        super().__init__(
            self._greet,
            listeners,
            max_message_size=MESSAGE_BYTES,
            connect_timeout=HTTP_SECONDS,
            disconnect_timeout=GOODBYE_SECONDS,
        )
        self._door = door
        self._visits: dict[trio.abc.Stream, Visit] = {}

    async def _handle_connection(self, stream: trio.abc.Stream) -> None:
        admission = self._door.admission
        ip = _endpoint(stream)[0]
        scope = trio.CancelScope()
        visit = admission.arrives(
            None if admission.trusts(ip) else ip, from_any_thread(scope.cancel)
        )
        if visit is None:
            await trio.aclose_forcefully(stream)
            return
        self._visits[stream] = visit
        try:
            with scope:
                await super()._handle_connection(stream)
        finally:
            visit.over()
            del self._visits[stream]
            with trio.CancelScope(shield=True):
                await trio.aclose_forcefully(stream)

    async def _greet(self, request: WebSocketRequest) -> None:
        connection: Any = request._connection  # noqa: SLF001 - told no other way
        stream = connection._stream  # noqa: SLF001
        ip, port = _endpoint(stream)
        trusts = self._door.admission.trusts
        client = forwarded_for(request.headers, trusts) if trusts(ip) else ip
        connection.noroam_remote = None if client is None else (client, port)
        # From here on it is counted with all other connections, by whoever is behind it.
        self._visits[stream].over()
        await self._door.serve(request)


def guard_websockets(transport: WebsocketTransport, admission: Admission) -> None:
    """Guard 5: the sockets of a WebSocket listener are admitted and timed from the first byte."""
    create = transport.create_listener

    def create_guarded(handler: Any) -> Any:  # noqa: ANN401 - libp2p's
        listener: Any = create(handler)
        listener._handle_websocket_connection = _Door(  # noqa: SLF001
            listener._handle_websocket_connection,  # noqa: SLF001
            admission,
        )
        return listener

    transport.create_listener = create_guarded  # type: ignore[method-assign]


def from_any_thread(call: Callable[[], None]) -> Callable[[], None]:
    """Make a call into this trio run that any thread may do, also when the run is over."""
    token = trio.lowlevel.current_trio_token()

    def ask() -> None:
        with suppress(trio.RunFinishedError):
            token.run_sync_soon(call)

    return ask


async def _serve_websocket(
    handler: _Door,
    host: str,
    port: int,
    ssl_context: None,
    *,
    task_status: Any,  # noqa: ANN401 - trio has no name for it at run time
) -> None:
    # TLS is ended in front of it.
    if ssl_context is not None:
        raise TypeError("a WebSocket listener with TLS has no guard")
    listeners = await trio.open_tcp_listeners(port, host=host)
    await _Server(handler, listeners).run(task_status=task_status)


def _endpoint(stream: Any) -> tuple[str, int]:  # noqa: ANN401 - a trio SocketStream
    try:
        host, port = stream.socket.getpeername()[:2]
    except OSError:
        # It is gone already; what comes of it will end by itself.
        return "gone", 0
    return str(host), int(port)


vars(libp2p_listener)["serve_websocket"] = _serve_websocket
