"""Peers that break, bend or barely keep the WebSocket protocol (RFC 6455)."""

import asyncio
import struct
from collections.abc import Awaitable, Callable
from random import Random

from fuzz_history import History
from fuzz_socket import (
    BINARY,
    CLOSE,
    PING,
    PONG,
    TEXT,
    Ended,
    NotLetInError,
    RawSocket,
    Received,
    frame,
)
from fuzz_values import MOST
from soak_random import seeded

_ENDINGS = (None, 1000, 1001, 1002, 1003, 1005, 1007, 1008, 1009)
"""How a socket may end; never by 1011, which says that the gateway broke."""
_END_S = 8.0
_CALL = b'[2,"@","Heartbeat",{}]'
_CLOSE_CODES = (0, 1, 999, 1000, 1001, 1004, 1005, 1006, 1011, 1015, 2999, 3000, 4999, 5000, 65535)


class WirePoint:
    """Connects again and again, and does one thing each time."""

    def __init__(self, name: str, ids: list[str], port: int, history: History) -> None:
        """Connect as any of `ids`, which must be registered."""
        self._id = name
        self._ids = ids
        self._port = port
        self._rng = seeded(history.seed, name)
        self._history = history

    async def run(self, end: float) -> None:
        """Work until the loop's clock shows `end`."""
        loop = asyncio.get_running_loop()
        while loop.time() < end:
            kind = self._rng.choice(list(_ACTS))
            try:
                socket = await RawSocket.open(self._port, f"/{self._rng.choice(self._ids)}")
            except NotLetInError as error:
                self._hold(error.status in (429, 503), f"not let in: {error}")
                await asyncio.sleep(0.3)
                continue
            self._history.note(self._id, kind)
            try:
                await _ACTS[kind](self, socket)
            finally:
                socket.abort()

    async def split(self, socket: RawSocket) -> None:
        """Legal: a message in many fragments, also within a character, with pings between."""
        text = '[2,"@","DataTransfer",{"vendorId":"\u00e4\U0001f50c"}]'.encode()
        pieces = [text[at : at + 3] for at in range(0, len(text), 3)] + [b""] * 50
        for number, piece in enumerate(pieces):
            await socket.write(frame(0 if number else TEXT, piece, fin=False))
            if self._rng.random() < 0.3:
                await socket.write(frame(PING, b"p") + frame(PONG, b"q"))
        await socket.write(frame(0))
        await self._is_answered(socket)

    async def pings(self, socket: RawSocket) -> None:
        """Legal: a flood of pings and pongs."""
        for _ in range(20):
            await socket.write((frame(PING, b"x" * 125) + frame(PONG)) * 50)
        await socket.write(frame(TEXT, _CALL))
        await self._is_answered(socket)

    async def long_way(self, socket: RawSocket) -> None:
        """Legal: a call that comes byte by byte."""
        for byte in frame(TEXT, _CALL):
            await socket.write(bytes([byte]))
            await asyncio.sleep(0)
        await self._is_answered(socket)

    async def binary(self, socket: RawSocket) -> None:
        """Send a call as a binary message: answered, or closed by 1003."""
        await socket.write(frame(BINARY, _CALL))
        match await self._next(socket):
            case Ended(code, _):
                self._hold(code == 1003, f"a binary message: closed by {code}")

    async def broken(self, socket: RawSocket) -> None:
        """Send frames that no peer may send; the connection must end."""
        data = self._rng.choice(_broken_frames(self._rng))
        self._history.note(self._id, "its bytes", data)
        await socket.write(data)
        await self._ends(socket, *_ENDINGS)

    async def no_text(self, socket: RawSocket) -> None:
        """Send text that is no UTF-8: closed by 1007, or passed over like anything unreadable."""
        await socket.write(self._rng.choice(_NO_TEXTS) + frame(TEXT, _CALL))
        while True:
            match await self._next(socket):
                case Ended(code, _):
                    self._hold(code == 1007, f"closed by {code} for text that is no UTF-8")
                    return
                case Received(_, payload) if payload.startswith(b'[3,"@",'):
                    return

    async def too_long(self, socket: RawSocket) -> None:
        """Announce or send more than is taken."""
        lies = [frame(TEXT, b"[2", length=size) for size in (MOST + 1, 1 << 31, 1 << 40, 1 << 62)]
        lies += [frame(TEXT, b"[2", length=size) for size in (1 << 63, (1 << 64) - 1)]
        pieces = [frame(0 if n else TEXT, b" " * 9000, fin=False) for n in range(9)]
        await socket.write(self._rng.choice([*lies, b"".join(pieces)]))
        await self._ends(socket, *_ENDINGS)

    async def half(self, socket: RawSocket) -> None:
        """Send part of a frame, and then nothing."""
        whole = frame(TEXT, _CALL + b" " * self._rng.choice((0, 200, 60_000)))
        await socket.write(whole[: self._rng.randrange(len(whole))])
        await asyncio.sleep(self._rng.choice((0, 0.01, 1)))

    async def goodbye(self, socket: RawSocket) -> None:
        """Close with odd codes and reasons, and go on talking."""
        code = struct.pack("!H", self._rng.choice(_CLOSE_CODES))
        odd = (code, code + b"reason", code + b"\xff\xfe", b"\x03", b"", code + b"r" * 123)
        await socket.write(frame(CLOSE, self._rng.choice(odd)) + frame(TEXT, _CALL))
        await self._ends(socket, *_ENDINGS, *_CLOSE_CODES)

    async def deaf(self, socket: RawSocket) -> None:
        """Ask a lot and never read."""
        for _ in range(20):
            try:
                async with asyncio.timeout(0.2):
                    await socket.write(frame(TEXT, _CALL) * 50)
            except TimeoutError:
                return

    async def noise(self, socket: RawSocket) -> None:
        """Send anything."""
        await socket.write(self._rng.randbytes(self._rng.choice((1, 2, 14, 500, 100_000))))
        await asyncio.sleep(self._rng.choice((0, 0.05)))

    async def _is_answered(self, socket: RawSocket) -> None:
        while True:
            match await self._next(socket):
                case Ended(code, reason):
                    self._hold(None, f"legal frames, and closed by {code} {reason}")
                case Received(opcode, payload) if opcode == TEXT:
                    self._hold(payload.startswith(b'[3,"@",'), f"answered by {payload!r}")
                    return

    async def _ends(self, socket: RawSocket, *endings: int | None) -> None:
        while True:
            match await self._next(socket):
                case Ended(code, reason):
                    self._history.counts[f"ended {code}"] += 1
                    self._hold(code in endings, f"it ended by {code} {reason}")
                    return

    async def _next(self, socket: RawSocket) -> Received | Ended:
        try:
            async with asyncio.timeout(_END_S):
                return await socket.receive()
        except TimeoutError:
            self._history.fail("neither answered nor closed", self._id)

    def _hold(self, condition: object, fault: str) -> None:
        self._history.hold(condition, fault, self._id)


def _broken_frames(rng: Random) -> list[bytes]:
    opcode = rng.choice((3, 4, 5, 6, 7, 11, 12, 13, 14, 15))
    text = frame(TEXT, _CALL)
    return [
        frame(TEXT, _CALL, masked=False),
        frame(opcode, _CALL),
        frame(TEXT, _CALL, reserved=rng.choice((1, 2, 3, 4, 7))),
        frame(PING, b"x" * 126),
        frame(PING, b"x", fin=False),
        frame(CLOSE, b"x" * 126),
        frame(0, _CALL),
        frame(TEXT, _CALL, fin=False) + text,
        frame(PONG, b"x" * 65_536),
    ]


_NO_TEXTS = [
    *(frame(TEXT, text) for text in (b"\xff", b"[\xc0\x80]", b"\xed\xa0\x80", b"\xf5\x80\x80\x80")),
    frame(TEXT, b"[2,\xe2\x82"),
    frame(TEXT, b"\xe2", fin=False) + frame(0, b"("),
]

_ACTS: dict[str, Callable[[WirePoint, RawSocket], Awaitable[None]]] = {
    "split message": WirePoint.split,
    "ping flood": WirePoint.pings,
    "byte by byte": WirePoint.long_way,
    "binary message": WirePoint.binary,
    "broken frame": WirePoint.broken,
    "no UTF-8": WirePoint.no_text,
    "too long": WirePoint.too_long,
    "half a frame": WirePoint.half,
    "odd goodbye": WirePoint.goodbye,
    "never reads": WirePoint.deaf,
    "noise": WirePoint.noise,
}
