"""Accepts connections, a few at a time: a thousand at once may not hold up those who are inside."""

import asyncio
import errno
import socket
from collections.abc import Callable, Coroutine
from typing import Any

_AT_ONCE = 8
_NO_ROOM = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_PAUSE_S = 1.0
"""After which it is tried again where no more files may be open."""
_BACKLOG = 1024
"""Who finds no room in it waits for TCP to try again, a second and more."""

Spawn = Callable[[Coroutine[Any, Any, None]], None]


class Acceptor:
    """Listens, and gives each connection a protocol of its own.

    The event loop's own server accepts all that wait before anything else gets its turn.
    """

    def __init__(self, protocol: Callable[[], asyncio.BaseProtocol], spawn: Spawn) -> None:
        """Make a protocol for each connection by `protocol`."""
        self._protocol = protocol
        self._spawn = spawn
        self._loop = asyncio.get_running_loop()
        self._sockets: list[socket.socket] = []

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

    def _accept(self, listening: socket.socket) -> None:
        for _ in range(_AT_ONCE):
            try:
                connected, _ = listening.accept()
            except OSError as error:
                if error.errno in _NO_ROOM:
                    self._loop.remove_reader(listening)
                    self._loop.call_later(_PAUSE_S, self._go_on, listening)
                return
            connected.setblocking(False)
            self._spawn(self._connect(connected))

    def _go_on(self, listening: socket.socket) -> None:
        if listening in self._sockets:
            self._loop.add_reader(listening, self._accept, listening)

    async def _connect(self, connected: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._protocol, connected)
        except OSError:
            connected.close()  # gone before anything was said
