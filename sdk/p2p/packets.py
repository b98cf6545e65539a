"""The packets of one connection, between Noise and Yamux.

Reading is done here and not by libp2p's layers: those ask the socket for each length and each body
by itself, some of them twice, and tell a log of it.
"""

from itertools import count
from struct import Struct
from time import monotonic
from typing import Any, Protocol

import trio
from libp2p.abc import ISecureConn
from libp2p.io.exceptions import ConnectionClosedError, IncompleteReadError, IOException
from libp2p.security.noise.io import MAX_PLAINTEXT_LENGTH
from libp2p.stream_muxer.yamux.yamux import (
    FLAG_SYN,
    HEADER_SIZE,
    TYPE_DATA,
    TYPE_PING,
    YAMUX_HEADER_FORMAT,
)

from sdk.p2p.pace import Pace
from sdk.p2p.sockets import READ_BYTES, send_nothing

WRITE_SECONDS = 30.0
"""A peer that takes nothing for so long loses its connection."""
CLOSE_SECONDS = 1.0
COSTLY = 40
"""A packet that has to be answered, or makes a task, costs as much as so many others."""
PACKETS_AT_ONCE = 64
"""After so many, other connections have their turn."""

HEADER = Struct(YAMUX_HEADER_FORMAT)
_LENGTH_BYTES = 2


class Muxer(Protocol):
    """Whom the packets are for."""

    pace: Pace | None

    async def takes(self, stream_id: int, length: int) -> bool:
        """Take the content that comes next for an open stream; False if there is no such stream."""


class Packets:
    """A secured connection that pays for each packet read, and sends whole packets only.

    All streams share it: half a packet of one that was cancelled would end it for all.
    """

    def __init__(self, connection: ISecureConn, muxer: Muxer) -> None:
        noise: Any = connection
        self._connection = noise
        self._raw = noise.conn.read_writer.read_write_closer
        self._decrypt, self._encrypt = noise.conn.decrypt, noise.conn.encrypt
        self._send_now = getattr(self._raw.stream, "send_now", send_nothing)
        self._turn = trio.Lock()
        self._sealed = bytearray()
        self._plain = bytearray(noise._drain(None))  # noqa: SLF001 - what came with the handshake
        self._muxer = muxer
        self.sending = trio.CancelScope()
        self.is_over = False
        """Whoever writes now may be interrupted in the middle."""

    async def read(self, n: int = HEADER_SIZE) -> bytes:
        """Give the next header, but of plain data for an open stream: the muxer gets it at once."""
        for taken in count(1):
            header = await self.take(n)
            await self._pay(header)
            _, kind, flags, stream_id, length = HEADER.unpack(header)
            if kind != TYPE_DATA or flags or not await self._muxer.takes(stream_id, length):
                break
            if taken % PACKETS_AT_ONCE == 0:
                await trio.lowlevel.checkpoint()
        return header

    async def take(self, n: int) -> bytes:
        """Give exactly `n` bytes. Raises IOException, and Noise's errors."""
        plain = self._plain
        while len(plain) < n:
            await self._open_next()
        data = bytes(plain[:n])
        del plain[:n]
        return data

    async def write(self, data: bytes) -> None:
        """Send a packet whole, also for one who is cancelled meanwhile. Raises IOException."""
        await self._take_turn()
        try:
            sealed = self._seal(data)
            sent = self._send_now(sealed)
            if sent < len(sealed):
                await self._send(sealed[sent:])
        finally:
            self._turn.release()

    async def _take_turn(self) -> None:
        try:
            # What `acquire` would do, if it did not let all others run first.
            self._turn.acquire_nowait()
        except trio.WouldBlock:
            await self._turn.acquire()

    def _seal(self, data: bytes) -> bytes:
        messages = []
        for at in range(0, len(data), MAX_PLAINTEXT_LENGTH):
            message = self._encrypt(data[at : at + MAX_PLAINTEXT_LENGTH])
            messages += [len(message).to_bytes(_LENGTH_BYTES, "big"), message]
        return b"".join(messages)

    async def _send(self, sealed: bytes) -> None:
        deadline = trio.current_time() + WRITE_SECONDS
        with trio.CancelScope(deadline=deadline, shield=not self.is_over) as self.sending:
            await self._raw.write(sealed)
        if self.sending.cancelled_caught:
            with trio.CancelScope(deadline=trio.current_time() + CLOSE_SECONDS, shield=True):
                await self._connection.close()
            raise IOException("the peer takes nothing")

    async def _pay(self, header: bytes) -> None:
        pace = self._muxer.pace
        if pace is not None:
            seconds = pace.pay(_cost(header), monotonic())
            if seconds:
                await trio.sleep(seconds)

    async def _open_next(self) -> None:
        """Decrypt one more message: two bytes of length, big endian, then the sealed content."""
        sealed = self._sealed
        await self._receive(_LENGTH_BYTES)
        end = _LENGTH_BYTES + int.from_bytes(sealed[:_LENGTH_BYTES], "big")
        await self._receive(end)
        message = self._decrypt(bytes(sealed[_LENGTH_BYTES:end]))
        del sealed[:end]
        if not message:
            raise ConnectionClosedError("a message without content")
        self._plain += message

    async def _receive(self, wanted: int) -> None:
        sealed = self._sealed
        while len(sealed) < wanted:
            data = await self._raw.read(READ_BYTES)
            if not data:
                text, got = "the connection ended", len(sealed) + len(self._plain)
                raise IncompleteReadError(text, expected_bytes=wanted, received_bytes=got)
            sealed += data

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the connection has
        return getattr(self._connection, name)


def _cost(header: bytes) -> int:
    """Tell what a packet costs: its type is its second byte, its flags the two after that."""
    if header[1] == TYPE_PING or header[3] & FLAG_SYN:
        return COSTLY
    return 1
