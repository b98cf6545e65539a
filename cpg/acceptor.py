"""Accepts connections, a few at a time: a thousand at once may not hold up those who are inside."""

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

_AT_ONCE = 8
_NO_ROOM = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_PAUSE_S = 1.0
"""After which it is tried again where no more files may be open."""
HANDSHAKE_S, SHUTDOWN_S = 10.0, 3.0
"""What TLS may take to begin and to end."""
_MOST_HANDSHAKES = 1_024
"""Above so many the one that began first goes, as before the `Doorman`."""
_TLS_RECEIVE = 32 * 1024
"""Bytes: the loop takes all that the system has for a TLS socket at once, and keeps it."""
_BACKLOG = 1024
"""Who finds no room in it waits for TCP to try again, a second and more."""

Spawn = Callable[[Coroutine[Any, Any, None]], None]
Context = Callable[[], ssl.SSLContext]
"""Gives the context of TLS that is in force."""


@dataclass(frozen=True, slots=True)
class Tls:
    """How TLS is spoken, and who hears of an address whose handshake failed, and why."""

    context: Context
    on_failure: Callable[[str, str], None]


class Acceptor:
    """Listens, and gives each connection a protocol of its own.

    The event loop's own server accepts all that wait before anything else gets its turn.
    """

    def __init__(
        self,
        protocol: Callable[[], asyncio.BaseProtocol],
        spawn: Spawn,
        tls: Tls | None = None,
    ) -> None:
        """Make a protocol for each connection by `protocol`; with `tls` they speak TLS."""
        self._protocol = protocol
        self._spawn = spawn
        self._loop = asyncio.get_running_loop()
        self._tls = tls
        self._sockets: list[socket.socket] = []
        self._shaking: dict[socket.socket, None] = {}
        """Those whose TLS handshake is not done, in the order in which they came."""

    async def listen(self, host: str, port: int) -> tuple[str, int]:
        """Listen on every address of `host`; gives the first one. Raises OSError."""
        found = await self._loop.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        try:
            for family, kind, protocol, _, address in dict.fromkeys(found):
                listening = socket.socket(family, kind, protocol)
                self._sockets.append(listening)
                listening.setblocking(False)
                if self._tls is not None:
                    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _TLS_RECEIVE)
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                listening.bind(address)
                listening.listen(_BACKLOG)
        except OSError:
            self.close()
            raise
        for listening in self._sockets:
            self._loop.add_reader(listening, self._accept, listening)
        name = self._sockets[0].getsockname()
        return name[0], name[1]

    def close(self) -> None:
        """Accept nobody any more."""
        for listening in self._sockets:
            self._loop.remove_reader(listening)
            listening.close()
        self._sockets.clear()
        for connected in self._shaking:
            _hang_up(connected)

    def _accept(self, listening: socket.socket) -> None:
        for _ in range(_AT_ONCE):
            try:
                connected, peer = listening.accept()
            except OSError as error:
                if error.errno in _NO_ROOM:
                    self._loop.remove_reader(listening)
                    self._loop.call_later(_PAUSE_S, self._go_on, listening)
                return
            connected.setblocking(False)
            self._spawn(
                self._connect(connected)
                if self._tls is None
                else self._connect_tls(connected, str(peer[0]), self._tls)
            )

    def _go_on(self, listening: socket.socket) -> None:
        if listening in self._sockets:
            self._loop.add_reader(listening, self._accept, listening)

    async def _connect(self, connected: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._protocol, connected)
        except OSError:
            connected.close()  # gone before anything was said

    async def _connect_tls(self, connected: socket.socket, address: str, tls: Tls) -> None:
        self._shaking[connected] = None
        if len(self._shaking) > _MOST_HANDSHAKES:
            _hang_up(next(iter(self._shaking)))
        try:
            await self._loop.connect_accepted_socket(
                self._protocol,
                connected,
                ssl=tls.context(),
                ssl_handshake_timeout=HANDSHAKE_S,
                ssl_shutdown_timeout=SHUTDOWN_S,
            )
        except ssl.SSLError as error:
            connected.close()
            tls.on_failure(address, getattr(error, "verify_message", "") or error.reason or "")
        except OSError:
            connected.close()  # gone, or nothing came for too long
        finally:
            del self._shaking[connected]


def _hang_up(connected: socket.socket) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)
