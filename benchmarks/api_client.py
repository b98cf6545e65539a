"""HTTP on one kept connection, with as little work as can be: the server is what is measured."""

import asyncio
from typing import cast

_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length: "


class UnexpectedAnswerError(Exception):
    """The server answered otherwise than with 200."""


class HttpClient(asyncio.Protocol):
    """One request after the other; each is a ready text."""

    def __init__(self) -> None:
        """Wait for nothing yet."""
        self._data = bytearray()
        self._answer: asyncio.Future[bytes] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("the server hung up"))

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        self._data += data
        head = self._data.find(_HEAD_END)
        if head < 0:
            return
        lines = bytes(self._data[:head]).lower()
        at = lines.find(_LENGTH) + len(_LENGTH)
        end = head + len(_HEAD_END) + int(lines[at:].split(b"\r\n", 1)[0])
        if len(self._data) >= end and self._answer is not None:
            body = bytes(self._data[head + len(_HEAD_END) : end])
            self._data.clear()
            if lines.startswith(b"http/1.1 200 "):
                self._answer.set_result(body)
            else:
                self._answer.set_exception(UnexpectedAnswerError(body.decode()[:300]))

    async def ask(self, request: bytes) -> bytes:
        """Send a request and give the body of its answer. Raises UnexpectedAnswerError."""
        if self._transport is None:
            raise ConnectionError("it is not connected")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()


def request_text(method: str, path: str, key: str, body: bytes = b"") -> bytes:
    """Write a request of the API."""
    lines = [
        f"{method} /api/v1{path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {key}",
    ]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body
