"""The bytes between us and Redis: requests out, answers in, each to the one that waits for it."""

import asyncio
from collections import deque
from typing import Any

import hiredis

from sdk.bus.interface import BusUnavailableError

Answer = Any


class LostError(Exception):
    """The connection went before the answer came."""


class _Waiting:
    """A request of `count` commands without its answer."""

    __slots__ = ("answers", "count", "future", "sent_at")

    def __init__(self, count: int, future: asyncio.Future[Answer], sent_at: float) -> None:
        self.count = count
        self.future = future
        self.sent_at = sent_at
        self.answers: list[Answer] = []


class RespStream(asyncio.Protocol):
    """Pairs answers with requests by their order, which is what Redis promises."""

    def __init__(self, answer_seconds: float) -> None:
        """Give the connection up when an answer does not come in `answer_seconds`."""
        self._answer_seconds = answer_seconds
        self._reader = hiredis.Reader()
        self._waiting: deque[_Waiting] = deque()
        self._unsent: list[bytes] = []
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._watch: asyncio.TimerHandle | None = None
        self.is_lost = False

    def take_over(self, transport: asyncio.Transport) -> None:
        """Speak over a transport that is connected and signed in."""
        self._transport = transport
        transport.set_protocol(self)
        self.is_lost = transport.is_closing()

    async def ask(self, data: bytes, count: int) -> Answer:
        """Send `count` commands, and give the answer, or for several a list.

        Raises LostError, BusUnavailableError when no answer comes in time.
        """
        if self.is_lost or self._transport is None:
            raise LostError
        future: asyncio.Future[Answer] = self._loop.create_future()
        now = self._loop.time()
        self._waiting.append(_Waiting(count, future, now))
        if not self._unsent:
            self._loop.call_soon(self._flush)
        self._unsent.append(data)
        if self._watch is None:
            self._watch = self._loop.call_at(now + self._answer_seconds, self._look)
        return await future

    def _flush(self) -> None:
        """Send what was asked in this turn of the event loop at once: each send wakes Redis."""
        data, self._unsent = self._unsent, []
        if self._transport is not None and not self.is_lost:
            self._transport.write(b"".join(data))

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        self._reader.feed(data)
        try:
            while (answer := self._reader.gets()) is not False:
                self._take(answer)
        except hiredis.ProtocolError:
            self._end(LostError())

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.BaseProtocol."""
        del exc
        self._end(LostError())

    def _take(self, answer: Answer) -> None:
        waiting = self._waiting[0]
        if waiting.count > 1:
            waiting.answers.append(answer)
            if len(waiting.answers) < waiting.count:
                return
            answer = waiting.answers
        self._waiting.popleft()
        if not waiting.future.done():
            waiting.future.set_result(answer)

    def _look(self) -> None:
        self._watch = None
        if not self._waiting:
            return
        due = self._waiting[0].sent_at + self._answer_seconds
        if due <= self._loop.time():
            self._end(BusUnavailableError("Redis does not answer in time"))
        else:
            self._watch = self._loop.call_at(due, self._look)

    def _end(self, error: Exception) -> None:
        self.is_lost = True
        if self._transport is not None:
            self._transport.abort()
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        while self._waiting:
            future = self._waiting.popleft().future
            if not future.done():
                future.set_exception(error)
