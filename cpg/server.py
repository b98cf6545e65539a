"""Accepts charge points, and keeps the newest socket of each."""

from http import HTTPStatus
from weakref import WeakKeyDictionary

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import InvalidHeader
from websockets.http11 import Request, Response

from cpg.connection import Connection, Rules
from cpg.gatekeeper import SUBPROTOCOL, Gatekeeper, Refusal
from cpg.peer import Peer
from sdk.bus import keys
from sdk.bus.interface import Bus, BusUnavailableError, Follower
from sdk.ids import Clock
from sdk.logs import Logger, bind
from sdk.register import ChargePointConfig

MAX_FRAME = 64 * 1024
_PING_S = 30.0
_CLOSE_S = 3.0


class Gateway:
    """The OCPP-J server; one per process."""

    def __init__(
        self, bus: Bus, gatekeeper: Gatekeeper, rules: Rules, clock: Clock, log: Logger
    ) -> None:
        """Let in whom `gatekeeper` lets in."""
        self._bus = bus
        self._gatekeeper = gatekeeper
        self._rules = rules
        self._clock = clock
        self._log = log
        self._connections: dict[str, Connection] = {}
        self._accepted: WeakKeyDictionary[ServerConnection, ChargePointConfig] = WeakKeyDictionary()
        self._follower: Follower | None = None
        self._server: Server | None = None

    async def start(self, host: str, port: int, follower: Follower) -> Server:
        """Listen; `follower` brings the commands. Raises OSError when the port is taken."""
        self._follower = follower
        self._server = await serve(
            self._serve,
            host,
            port,
            process_request=self._check,
            subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]
            compression=None,
            max_size=MAX_FRAME,
            max_queue=16,
            open_timeout=10,
            close_timeout=_CLOSE_S,
            ping_interval=_PING_S,
            ping_timeout=_PING_S,
            server_header=None,
        )
        return self._server

    async def stop(self) -> None:
        """Close all sockets, and return when what must be told of them is told."""
        for connection in self._connections.values():
            connection.end("gateway_stopped")
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def holds(self, charge_point_id: str) -> bool:
        """Tell whether this gateway serves a socket of this charge point."""
        return charge_point_id in self._connections

    async def _check(self, socket: ServerConnection, request: Request) -> Response | None:
        try:
            headers = request.headers
            verdict = await self._gatekeeper.check(
                request.path,
                ",".join(headers.get_all("Sec-WebSocket-Protocol")),
                headers.get("Authorization"),
            )
        except BusUnavailableError:
            verdict = Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "try again later\n")
        except (InvalidHeader, LookupError):
            verdict = Refusal(HTTPStatus.BAD_REQUEST, "unreadable headers\n")
        if isinstance(verdict, Refusal):
            return _response(verdict)
        self._accepted[socket] = verdict
        return None

    async def _serve(self, socket: ServerConnection) -> None:
        config = self._accepted[socket]
        with bind(charge_point_id=config.charge_point_id):
            try:
                await self._serve_peer(socket, config)
            except BusUnavailableError as error:
                self._log.warning("can't serve it now: %s", error)

    async def _serve_peer(self, socket: ServerConnection, config: ChargePointConfig) -> None:
        if self._follower is None:
            raise RuntimeError("the gateway is not started")
        charge_point_id = config.charge_point_id
        guard = await self._bus.new_fence(keys.gateway(charge_point_id))
        generation = int(guard.token.partition("-")[0])
        peer = Peer(charge_point_id, guard, generation, self._bus, self._clock, config.connectors)
        connection = Connection(socket, peer, self._rules, self._log)
        older = self._connections.get(charge_point_id)
        self._connections[charge_point_id] = connection
        if older is not None:
            older.end("superseded")
        try:
            await connection.serve(self._follower)
        finally:
            if self._connections.get(charge_point_id) is connection:
                del self._connections[charge_point_id]


def _response(refusal: Refusal) -> Response:
    headers = Headers({"Content-Type": "text/plain", "Connection": "close"})
    headers["Content-Length"] = str(len(refusal.text))
    if refusal.status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Basic realm="ocpp", charset="UTF-8"'
    status = refusal.status
    return Response(status.value, status.phrase, headers, refusal.text.encode())
