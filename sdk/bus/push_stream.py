"""What Redis sends by itself, over a connection that follows channels."""

import asyncio
from collections.abc import Callable

import hiredis

_PARTS = 3


class PushStream(asyncio.Protocol):
    """Hands on each message of RESP2 as it comes: its kind, the channel, the data.

    redis-py's own reader would take a task to wake for each of them.
    """

    def __init__(self, hear: Callable[[bytes, bytes, bytes], None]) -> None:
        """`hear` must not raise."""
        self._hear = hear
        self._reader = hiredis.Reader()
        self._loop = asyncio.get_running_loop()
        self._lost: asyncio.Future[None] = self._loop.create_future()
        self._alive_at = self._loop.time()

    def take_over(self, transport: asyncio.Transport) -> None:
        """Listen to a transport that is connected and signed in, with no answer under way."""
        transport.set_protocol(self)
        if transport.is_closing():
            self._lose("it is closed")

    def note_life(self) -> None:
        """Have `stay` wait longer."""
        self._alive_at = self._loop.time()

    async def stay(self, patience: float) -> None:
        """Wait until the connection is lost: ConnectionError.

        Raises TimeoutError `patience` seconds after the last `note_life`.
        """
        self.note_life()
        while not self._lost.done():
            left = self._alive_at + patience - self._loop.time()
            if left <= 0:
                raise TimeoutError
            await asyncio.wait({self._lost}, timeout=left)
        self._lost.result()

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        self._reader.feed(data)
        try:
            while not self._lost.done() and (message := self._reader.gets()) is not False:
                self._take(message)
        except hiredis.ProtocolError as error:
            self._lose(str(error))

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.BaseProtocol."""
        self._lose(str(exc or "it is closed"))

    def _take(self, message: object) -> None:
        if isinstance(message, list) and len(message) == _PARTS:
            self._hear(*message)
        elif isinstance(message, hiredis.ReplyError):
            self._lose(str(message))

    def _lose(self, why: str) -> None:
        if not self._lost.done():
            self._lost.set_exception(ConnectionError(f"Redis gives nothing more: {why}"))
            self._lost.exception()  # perhaps nobody waits for it
