"""A TCP connection of libp2p's, read and written with as few steps as it takes."""

from typing import Any

import trio
from libp2p.io.exceptions import ConnectionClosedError
from libp2p.io.trio import TrioTCPStream

READ_BYTES = 16 * 1024
"""So much is read at once."""


class PromptTcpStream(TrioTCPStream):
    """Waits before it reads, not after a try in vain, and sends at once what the kernel takes."""

    def __init__(self, stream: trio.SocketStream) -> None:
        super().__init__(stream)
        socket: Any = stream.socket
        self._socket = socket._sock  # noqa: SLF001 - trio's own lets all others run first

    async def read(self, n: int | None = None) -> bytes:
        """Give what came, at most `n` bytes; nothing at the end. Raises ConnectionClosedError."""
        while n != 0 and self._socket.fileno() >= 0:
            try:
                await trio.lowlevel.wait_readable(self._socket)
                data: bytes = self._socket.recv(n or READ_BYTES)
            except BlockingIOError:
                continue
            except trio.ClosedResourceError:
                break
            except OSError as error:
                raise ConnectionClosedError(f"the connection broke: {error}") from error
            return data
        return b""

    def send_now(self, data: bytes) -> int:
        """Send what the kernel takes at once; gives how many bytes that is."""
        try:
            sent: int = self._socket.send(data)
        except OSError:
            # `write` tells which, if it is more than that the kernel is full.
            return 0
        return sent


def send_nothing(_: bytes) -> int:
    """In place of `send_now`, of a connection that has none."""
    return 0
