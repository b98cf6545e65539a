"""A WebSocket client that can do everything wrong (RFC 6455), over plain streams."""

import asyncio
import struct
from contextlib import suppress
from dataclasses import dataclass

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
_CONNECT_S = 10.0
_MASK = bytes.fromhex("37fa213d")
_KEY = "dGhlIHNhbXBsZSBub25jZQ=="
"""Both of RFC 6455's own examples; they hide nothing here."""


class NotLetInError(Exception):
    """The handshake was answered by something else than 101; `status` is 0 if by nothing."""

    def __init__(self, status: int, answer: bytes) -> None:
        super().__init__(f"{status}: {answer[:300]!r}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Ended:
    """The connection is over: by a close frame with this code, or without one (None)."""

    code: int | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """A data or control frame; the server's messages are never fragmented."""

    opcode: int
    payload: bytes


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    fin: bool = True,
    reserved: int = 0,
    masked: bool = True,
    length: int | None = None,
) -> bytes:
    """Write a frame, with a length that may be a lie."""
    head = bytes([(0x80 if fin else 0) | reserved << 4 | opcode])
    size = len(payload) if length is None else length
    mask_bit = 0x80 if masked else 0
    if size < 126:
        head += bytes([mask_bit | size])
    elif size < 1 << 16:
        head += struct.pack("!BH", mask_bit | 126, size)
    else:
        head += struct.pack("!BQ", mask_bit | 127, size)
    if not masked:
        return head + payload
    pad = (_MASK * (len(payload) // 4 + 1))[: len(payload)]
    mixed = int.from_bytes(payload, "big") ^ int.from_bytes(pad, "big")
    return head + _MASK + mixed.to_bytes(len(payload), "big")


def handshake(host: str, path: str) -> bytes:
    """Write an honest upgrade request."""
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {_KEY}",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Protocol: ocpp1.6",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


class RawSocket:
    """A TCP connection to the gateway; after `open`, a WebSocket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, port: int) -> "RawSocket":
        """Connect, and say nothing."""
        async with asyncio.timeout(_CONNECT_S):
            return cls(*await asyncio.open_connection("127.0.0.1", port, limit=1 << 20))

    @classmethod
    async def open(cls, port: int, path: str) -> "RawSocket":
        """Connect and shake hands. Raises NotLetInError, OSError."""
        self = await cls.connect(port)
        try:
            await self.write(handshake(f"127.0.0.1:{port}", path))
            answer = await self.http_answer(_CONNECT_S)
        except asyncio.CancelledError:
            self.abort()
            raise
        if not answer.startswith(b"HTTP/1.1 101 "):
            self.abort()
            parts = answer.split(maxsplit=2)
            raise NotLetInError(int(parts[1]) if len(parts) > 1 else 0, answer)
        return self

    async def write(self, data: bytes) -> None:
        """Write bytes; that the server has closed is noticed by reading only."""
        with suppress(OSError):
            self._writer.write(data)
            await self._writer.drain()

    async def send(self, text: str | bytes) -> None:
        """Send a text message."""
        await self.write(frame(TEXT, text.encode() if isinstance(text, str) else text))

    async def http_answer(self, seconds: float) -> bytes:
        """Read the head of an HTTP answer; what came of it, when it ends or time is up."""
        with suppress(TimeoutError, OSError, asyncio.LimitOverrunError):
            async with asyncio.timeout(seconds):
                try:
                    return await self._reader.readuntil(b"\r\n\r\n")
                except asyncio.IncompleteReadError as error:
                    return error.partial
        return b""

    async def rest(self, seconds: float) -> tuple[bytes, bool]:
        """Read until the server closes or time is up; tell what came, and whether it closed."""
        data = b""
        try:
            async with asyncio.timeout(seconds):
                while part := await self._reader.read(1 << 16):
                    data += part
        except TimeoutError:
            return data, False
        except OSError:
            return data, True
        return data, True

    async def receive(self) -> Received | Ended:
        """Take the next frame; pings are answered."""
        while True:
            try:
                opcode, payload = await self._frame()
            except (asyncio.IncompleteReadError, OSError):
                return Ended(None)
            if opcode == CLOSE:
                code = struct.unpack("!H", payload[:2])[0] if payload else 1005
                return Ended(code, payload[2:].decode(errors="replace"))
            if opcode != PING:
                return Received(opcode, payload)
            await self.write(frame(PONG, payload))

    def abort(self) -> None:
        """Drop the connection."""
        self._writer.transport.abort()

    async def _frame(self) -> tuple[int, bytes]:
        first, second = await self._reader.readexactly(2)
        size = second & 0x7F
        if size == 126:
            size = int.from_bytes(await self._reader.readexactly(2), "big")
        elif size == 127:
            size = int.from_bytes(await self._reader.readexactly(8), "big")
        assert first & 0x80, "a server that fragments"
        assert not second & 0x80, "a server that masks"
        return first & 0x0F, await self._reader.readexactly(size)
