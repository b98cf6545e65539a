"""Strangers at the door: what no HTTP client would ask (RFC 9112), and what no client finishes."""

import asyncio

from fuzz_history import History
from fuzz_socket import RawSocket, handshake
from soak_random import seeded

_FAULTS = (b"HTTP/1.1 500", b"HTTP/1.0 500")
_ANSWER_S = 5.0
_CLIENT_HELLO = bytes.fromhex("16030100f8010000f40303") + bytes(range(32)) + b"\x20" + b"\x00" * 200


class Stranger:
    """Connects again and again with a request that is not to be let in."""

    def __init__(self, name: str, port: int, history: History) -> None:
        """Ask for charge points that are not registered."""
        self._name = name
        self._port = port
        self._rng = seeded(history.seed, name)
        self._history = history

    async def run(self, end: float) -> None:
        """Work until the loop's clock shows `end`."""
        loop = asyncio.get_running_loop()
        while loop.time() < end:
            kind = self._rng.choice(list(_REQUESTS))
            data = self._request(kind)
            self._history.note(self._name, kind, data)
            socket = await RawSocket.connect(self._port)
            try:
                await self._ask(socket, data, is_whole=data.endswith(b"\r\n\r\n"))
            finally:
                socket.abort()

    async def _ask(self, socket: RawSocket, data: bytes, *, is_whole: bool) -> None:
        at = self._rng.randrange(len(data)) if data and self._rng.random() < 0.2 else len(data)
        await socket.write(data[:at])
        await asyncio.sleep(0)
        await socket.write(data[at:])
        answer, is_over = await socket.rest(_ANSWER_S if is_whole else 0.2)
        self._history.counts[f"http {answer[9:12].decode(errors='replace')}"] += 1
        self._hold(b" 101 " not in answer[:20], f"let in: {answer[:200]!r}")
        self._hold(not answer.startswith(_FAULTS), f"it broke: {answer[:200]!r}")
        self._hold(self._history.marker.encode() not in answer, f"it echoes: {answer[:500]!r}")
        self._hold(is_over or not is_whole, "a whole request, and no answer")

    def _hold(self, condition: object, fault: str) -> None:
        self._history.hold(condition, fault, self._name)

    def _request(self, kind: str) -> bytes:
        return self._rng.choice(_REQUESTS[kind]).replace(b"@", self._history.marker.encode())


def _with(*lines: bytes) -> bytes:
    """Give an upgrade request with more header lines."""
    return _GOOD[:-2] + b"\r\n".join(lines) + b"\r\n\r\n"


def _instead(old: bytes, new: bytes) -> bytes:
    assert old in _GOOD, old
    return _GOOD.replace(old, new, 1)


_GOOD = handshake("127.0.0.1", "/@")
_PATHS = (
    *(b"/", b"", b"*", b"//", b"/a/b/@", b"/%00", b"/@%00", b"/..%2f..%2f@", b"/@/", b"/%ff%fe"),
    *(b"http://127.0.0.1/@", b"ws://user:pass@127.0.0.1:99999/@", b"http://[::1/@", b"/@?a=b#c"),
    *(b"/" + b"@" * 300, b"/" + b"a" * 7000, b"/%", b"/%zz", b"/{@}", b"/\xc3\xa4", b"/@ x", b"@"),
)
_REQUESTS: dict[str, list[bytes]] = {
    "unknown": [_GOOD],
    "odd path": [_instead(b" /@ ", b" " + path + b" ") for path in _PATHS],
    "odd method": [
        _instead(b"GET", name)
        for name in (b"POST", b"get", b"CONNECT", b"PRI", b"", b"\x00", b"G" * 5000, b"OPTIONS")
    ],
    "odd version": [
        _instead(b"HTTP/1.1", version)
        for version in (b"HTTP/1.0", b"HTTP/2.0", b"HTTP/0.9", b"", b"HTTP/1.1 x", b"ICY", b"\xff")
    ],
    "odd headers": [
        _with(b"X: " + b"@" * 10_000),
        _with(b"X-" + b"a" * 20_000 + b": @"),
        _with(*[b"X-%d: @" % number for number in range(2000)]),
        _with(b"Cookie: " + b"a=@; " * 3000),
        _with(b"no colon @"),
        _with(b": @"),
        _with(b" folded: @"),
        _with(b"X: a\x00b@"),
        _with(b"X\xff: @\xff"),
        _with(b"X : @"),
        _with(b"X: @\rY: b"),
        _with(b"Host: other"),
        _with(b"Content-Length: 99999999999"),
        _with(b"Content-Length: -1"),
        _with(b"Transfer-Encoding: chunked"),
        _with(b"Expect: 100-continue"),
    ],
    "odd upgrade": [
        _instead(b"Upgrade: websocket", b"Upgrade: @"),
        _instead(b"Connection: Upgrade", b"Connection: close, @"),
        _instead(b"Version: 13", b"Version: @"),
        _instead(b"Version: 13", b"Version: 999999999999999999999"),
        _instead(b"Key: ", b"Key: @"),
        _instead(b"Sec-WebSocket-Key", b"Sec-WebSocket-Kez"),
        _instead(b"ocpp1.6", b"@"),
        _instead(b"ocpp1.6", b"," * 5000),
        _instead(b"ocpp1.6", b"ocpp2.0.1\r\nSec-WebSocket-Protocol: @"),
        _with(b"Sec-WebSocket-Extensions: permessage-deflate; @=\xff"),
        _with(b"Sec-WebSocket-Extensions: " + b"a;b=c," * 1000),
        _with(b"Sec-WebSocket-Key: @", b"Sec-WebSocket-Version: 8"),
    ],
    "odd credentials": [
        _with(b"Authorization: " + text)
        for text in (b"Basic", b"Basic @", b"Basic \xff", b"Bearer @", b"Basic " + b"QUFB" * 2000)
    ],
    "half a request": [_GOOD[: len(_GOOD) // 2], _GOOD[:-2], b"GET", b"G" * 100_000, b"\r" * 9000],
    "no request": [_CLIENT_HELLO, b"\x00" * 100, b"\x80\x80\x00\x01", b"\r\n\r\n ", b"[2]\r\n\r\n"],
    "other protocols": [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"EHLO @\r\n\r\n",
        b"*1\r\n$4\r\nPING\r\n\r\n",
        b"SSH-2.0-@\r\n\r\n",
    ],
}
