"""The gateway: accepts charge points, and keeps the newest socket of each."""

import asyncio
import time
from collections.abc import Coroutine
from http import HTTPStatus
from typing import Any

from cpg import presence
from cpg.acceptor import Acceptor, Context, Tls
from cpg.connection import Connection, House, Rules
from cpg.doorman import Doorman
from cpg.gatekeeper import Gatekeeper, Refusal
from cpg.message_log import MessageLog
from cpg.peer import Peer, SupersededError
from cpg.promotion import promote
from cpg.quarantine import Quarantine, Stranger
from cpg.security_profiles import Admitted
from cpg.strangers import StrangerConnection
from cpg.tls import offer_of
from cpg.turns import Turns
from cpg.turnstile import Turnstile
from cpg.wire import Wire
from sdk.bus import keys
from sdk.bus.interface import Bus, BusUnavailableError, Entrance, Follower
from sdk.bus.keys import Lane
from sdk.ca.interface import CertificateAuthority
from sdk.ids import Clock
from sdk.leaky_count import LeakyCount
from sdk.logs import Logger, bind
from sdk.printable import printable
from sdk.register import Register

_CLOSE_S = 3.0
_LOOK_EVERY_S = 1.0
_AT_ONCE = 500
"""Wires looked at together; what comes meanwhile should not have to wait."""
_CHORES_AT_ONCE, _AT_ONCE_LEAVING = 16, 8
_REFUSALS_TOLD = 20
_AGAIN = (("Retry-After", "10"),)


class Gateway:
    """The OCPP-J server; one per process, run by `serve`."""

    def __init__(  # noqa: PLR0913 - what it is composed of
        self,
        bus: Bus,
        gatekeeper: Gatekeeper,
        rules: Rules,
        clock: Clock,
        log: Logger,
        *,
        quarantine: Quarantine | None = None,
        authority: CertificateAuthority | None = None,
    ) -> None:
        """Let in whom `gatekeeper` lets in; `quarantine` answers those that it calls strangers.

        `authority` signs charge points' certificates; without it nobody gets one.
        """
        self._bus = bus
        self._gatekeeper = gatekeeper
        self._rules = rules
        self._clock = clock
        self._log = log
        self._quarantine = quarantine
        self._authority = authority
        self._register = Register(bus, clock)
        self._messages = MessageLog(bus, clock, log)
        self._connections: dict[str, Connection] = {}
        self._wires: set[Wire] = set()
        self._group: asyncio.TaskGroup | None = None
        self._refusals = LeakyCount(_REFUSALS_TOLD, 1.0)
        self._doorman = Doorman(self._greet, self._spawn)
        self._leavings = Turnstile(self._spawn, _AT_ONCE_LEAVING)
        self._follower: Follower | None = None
        self._house: House | None = None
        self._acceptors: list[Acceptor] = []
        self._helpers: list[asyncio.Task[None]] = []

    async def start(
        self, host: str, port: int, follower: Follower, group: asyncio.TaskGroup
    ) -> tuple[str, int]:
        """Listen, and give the address; `follower` brings commands, work runs in `group`.

        Raises OSError when the port is taken.
        """
        self._follower, self._group = follower, group
        turns = Turns(self._rules.messages_per_second, self._rules.message_burst)
        chores = Turnstile(self._spawn, _CHORES_AT_ONCE)
        self._house = House(
            self._rules,
            turns,
            self._messages,
            self._spawn,
            chores,
            self._log,
            self._gatekeeper.hash_password,
            self._authority,
            follower,
        )
        address = await self._listen(host, port)
        self._helpers = [
            group.create_task(self._messages.run()),
            group.create_task(self._keep_looking()),
        ]
        return address

    async def start_tls(self, host: str, port: int, context: Context) -> tuple[str, int]:
        """Listen with TLS, too, and give the address; after `start`. Raises OSError."""
        return await self._listen(host, port, Tls(context, self._tell_tls_failure))

    async def stop(self) -> None:
        """Close all sockets, and return when what must be told of them is told."""
        for acceptor in self._acceptors:
            acceptor.close()
        for connection in list(self._connections.values()):
            connection.end("gateway_stopped")
        deadline = time.monotonic() + _CLOSE_S
        while self._connections and time.monotonic() < deadline:  # noqa: ASYNC110 - sockets close one by one
            await asyncio.sleep(0.02)
        for wire in list(self._wires):
            wire.abort()
        await asyncio.sleep(0)
        async with asyncio.TaskGroup() as group:
            for connection in list(self._connections.values()):
                group.create_task(self._isolated(connection.over()))
        for helper in self._helpers:
            helper.cancel()
        await self._messages.flush()

    def holds(self, charge_point_id: str) -> bool:
        """Tell whether this gateway serves a socket of this charge point."""
        return charge_point_id in self._connections

    def came(self, wire: Wire) -> None:
        """See `Door`."""
        self._wires.add(wire)
        self._doorman.came(wire)

    def knocked(self, wire: Wire) -> None:
        """See `Door`."""
        self._doorman.knocked(wire)

    def leaving(self, wire: Wire) -> None:
        """See `Door`."""
        self._leavings.add(wire.take_leave)

    def gone(self, wire: Wire) -> None:
        """See `Door`."""
        self._wires.discard(wire)
        self._doorman.left(wire)

    async def _listen(self, host: str, port: int, tls: Tls | None = None) -> tuple[str, int]:
        acceptor = Acceptor(lambda: Wire(self), self._spawn, tls)
        self._acceptors.append(acceptor)
        return await acceptor.listen(host, port)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        if self._group is None:
            raise RuntimeError("the gateway is not started")
        self._group.create_task(self._isolated(work))

    async def _isolated(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except SupersededError:
            return
        except BusUnavailableError as error:
            self._log.warning("can't be done now: %s", error)
        except Exception:  # noqa: BLE001 - what one makes fail must not end the others' sockets
            self._log.exception("the work of one charge point failed")

    async def _greet(self, wire: Wire) -> None:
        request = wire.request()
        if request is None:
            return
        headers, offer = request.headers, offer_of(wire.tls, self._clock)
        origin = self._gatekeeper.origin(wire.address, offer, headers.get_all)
        if isinstance(origin, Refusal):
            self._refuse(wire, origin, request.path, wire.address)
            return
        verdict = await self._gatekeeper.check(
            request.path,
            ",".join(headers.get_all("Sec-WebSocket-Protocol")),
            ",".join(headers.get_all("Authorization")) or None,
            origin.address,
            origin.offer,
        )
        if wire.is_gone:
            return
        if isinstance(verdict, Refusal):
            self._refuse(wire, verdict, request.path, origin.address)
        elif wire.is_handshake(request):
            await self._let_in(wire, verdict)

    def _refuse(self, wire: Wire, refusal: Refusal, path: str, address: str) -> None:
        """Turn away, and log no more of it than a person would read."""
        wire.refuse(refusal.status, refusal.text, refusal.headers)
        if self._refusals.take(time.monotonic()):
            text = "turned away %s from %s: %d %s"
            why = refusal.reason or refusal.text.strip()
            self._log.warning(text, printable(path[:100]), address, refusal.status.value, why)

    def _tell_tls_failure(self, address: str, why: str) -> None:
        if self._refusals.take(time.monotonic()):
            self._log.warning("turned away %s: TLS: %s", address, why)

    async def _let_in(self, wire: Wire, verdict: Admitted | Stranger) -> None:
        with bind(charge_point_id=verdict.charge_point_id):
            try:
                if isinstance(verdict, Stranger):
                    self._seat(wire, verdict)
                else:
                    await self._enter(wire, verdict)
                    if verdict.proven:
                        await promote(self._register, verdict, self._log)
            except BusUnavailableError as error:
                self._log.warning("can't serve it now: %s", error)
                wire.refuse(HTTPStatus.SERVICE_UNAVAILABLE, "try again later\n", _AGAIN)
            except SupersededError:
                wire.refuse(HTTPStatus.CONFLICT, "a newer socket came\n", _AGAIN)

    def _seat(self, wire: Wire, stranger: Stranger) -> None:
        if self._quarantine is None or self._house is None or self._follower is None:
            raise RuntimeError("strangers came without a quarantine")
        connection = StrangerConnection(wire, stranger, self._quarantine, self._house)
        self._doorman.left(wire)
        connection.open()
        self._log.info("waits in quarantine")
        self._spawn(connection.watch(self._follower))

    async def _enter(self, wire: Wire, admitted: Admitted) -> None:
        if self._follower is None or self._house is None:
            raise RuntimeError("the gateway is not started")
        bell = _Bell()
        subscription = await self._follower.listen(admitted.charge_point_id, Lane.OCPP, bell.ring)
        try:
            connection, entrance = await self._admit(wire, admitted, self._house)
        except BaseException:
            await subscription.close()
            raise
        subscription.begin(entrance.cursor, entrance.newest)
        bell.connection = connection
        connection.open()
        self._log.info("connected")
        if wire.is_gone:  # it went before it was opened, and told nobody
            connection.lost()
        connection.take_commands(subscription, entrance.unanswered, entrance.state)

    async def _admit(
        self, wire: Wire, admitted: Admitted, house: House
    ) -> tuple[Connection, Entrance]:
        """Make it the newest socket of its charge point. Raises SupersededError when it isn't."""
        charge_point_id, rules = admitted.charge_point_id, self._rules
        entrance = await self._bus.enter(charge_point_id, keys.GATEWAY_READER)
        generation = int(entrance.guard.token.partition("-")[0])
        peer = Peer(charge_point_id, entrance.guard, generation, self._bus, self._clock)
        peer.security_profile = admitted.profile
        peer.configure(admitted.config)
        peer.told_interval = rules.heartbeat_interval
        await presence.connect(peer, rules.owner, entrance.state)
        older = self._connections.get(charge_point_id)
        if older is not None and older.peer.generation > generation:
            raise SupersededError(charge_point_id)
        connection = Connection(wire, peer, house, self._forget)
        self._connections[charge_point_id] = connection
        if older is not None:
            older.end("superseded")
        self._doorman.left(wire)
        return connection, entrance

    def _forget(self, connection: Connection) -> None:
        if self._connections.get(connection.charge_point_id) is connection:
            del self._connections[connection.charge_point_id]

    async def _keep_looking(self) -> None:
        every = min(_LOOK_EVERY_S, self._rules.silence / 4)
        while True:
            await asyncio.sleep(every)
            now = time.monotonic()
            self._doorman.look(now)
            for number, wire in enumerate(list(self._wires)):
                if number % _AT_ONCE == 0:
                    await asyncio.sleep(0)
                if wire.closing_at is not None:
                    if now - wire.closing_at > _CLOSE_S:
                        wire.abort()
                elif wire.receiver is not None:
                    wire.receiver.look(now)


class _Bell:
    """Wakes a connection that is made after its lane is heard."""

    __slots__ = ("connection",)

    def __init__(self) -> None:
        self.connection: Connection | None = None

    def ring(self) -> None:
        """Tell that there may be commands."""
        if self.connection is not None:
            self.connection.wake()
