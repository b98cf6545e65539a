"""Calls of ours on one socket: one outstanding at a time, answered by its own reply or never."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import uuid4

from cpg.desk import Used
from cpg.frames import CallError, CallResult, write_call
from cpg.message_log import AskedOutcome
from cpg.precedence import Precedence
from cpg.tolerance import Mended
from cpg.validation import Violation, check_response

_LONGEST = 255
"""Characters of an error's description (OCPP-J 1.6, 4.2.3)."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The charge point's answer, checked against the schema."""

    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Refused:
    """The charge point's CALLERROR."""

    code: str
    description: str = ""

    @property
    def unsupported(self) -> bool:
        """Whether the charge point lacks the operation."""
        return self.code in ("NotImplemented", "NotSupported")


@dataclass(frozen=True, slots=True)
class Unknown:
    """It was sent, and no answer came that can be read: in time, or before the socket was gone."""

    timed_out: bool
    is_unreadable: bool = False
    """It came, as no frame."""


@dataclass(frozen=True, slots=True)
class NotSent:
    """It was not sent, as its time was over when its turn came."""


Answer = Answered | Refused | Unknown | NotSent


Mend = Callable[[str, dict[str, Any]], Mended]


class TellAsked(Protocol):
    """Who hears of each call of ours when it is over; seconds of a monotonic clock."""

    def __call__(  # noqa: PLR0913 - what there is to tell of a call
        self,
        action: str,
        request: bytes,
        answer: str | bytes | None,
        outcome: AskedOutcome,
        *,
        used: Used,
        began: float,
        ended: float,
    ) -> None:
        """Take a call and what came of it; `used` was tolerated."""
        ...


class Calls:
    """The pending call of one socket."""

    __slots__ = ("_closed", "_mend", "_pending", "_send", "_tell", "_timeout", "_turn")

    def __init__(
        self, send: Callable[[bytes], None], timeout: float, tell: TellAsked, mend: Mend
    ) -> None:
        """Write frames with `send`; wait `timeout` seconds for an answer; `tell` what happened.

        `mend` gives what an answer that the schema forbids may be taken for.
        """
        self._mend = mend
        self._send = send
        self._timeout = timeout
        self._tell = tell
        self._turn = Precedence()
        self._pending: tuple[str, asyncio.Future[CallResult | CallError | Unknown]] | None = None
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether the socket is gone."""
        return self._closed

    async def call(
        self,
        action: str,
        payload: dict[str, Any],
        timeout: float | None = None,  # noqa: ASYNC109
        *,
        has_lapsed: Callable[[], bool] | None = None,
        first: bool = False,
    ) -> Answer:
        """Ask when it has its turn, unless it `has_lapsed` by then, and wait for the answer.

        What a session waits for goes `first`: behind the pending call, before all others.
        """
        async with self._turn.turn(first=first):
            return await self.ask(action, payload, timeout, has_lapsed=has_lapsed)

    def turn(self, *, first: bool = False) -> AbstractAsyncContextManager[None]:
        """Give the turn for as long as it is held, to `ask` what nothing may come between."""
        return self._turn.turn(first=first)

    async def ask(
        self,
        action: str,
        payload: dict[str, Any],
        timeout: float | None = None,  # noqa: ASYNC109
        *,
        has_lapsed: Callable[[], bool] | None = None,
    ) -> Answer:
        """Ask at once; only for who has the `turn`."""
        if self._closed:
            return Unknown(timed_out=False)
        if has_lapsed is not None and has_lapsed():
            return NotSent()
        message_id = str(uuid4())
        request, began = write_call(message_id, action, payload), time.monotonic()
        frame = await self._exchange(message_id, request, timeout or self._timeout)
        answer, used = self._read(action, frame)
        raw = None if isinstance(frame, Unknown) else frame.raw
        ended = time.monotonic()
        self._tell(action, request, raw, _outcome(frame), used=used, began=began, ended=ended)
        return answer

    def _read(self, action: str, frame: CallResult | CallError | Unknown) -> tuple[Answer, Used]:
        """Read an answer; what can't be read says nothing of what the charge point did."""
        if isinstance(frame, Unknown):
            return frame, frozenset()
        if isinstance(frame, CallError):
            return Refused(frame.code, frame.description[:_LONGEST]), frozenset()
        payload, used = frame.payload, frame.tolerated
        try:
            try:
                check_response(action, payload)
            except Violation:
                _, payload, more = self._mend(action, payload)
                check_response(action, payload)
                used |= more
        except Violation:
            return Unknown(timed_out=False), used
        return Answered(payload), used

    async def _exchange(
        self,
        message_id: str,
        request: bytes,
        timeout: float,  # noqa: ASYNC109
    ) -> CallResult | CallError | Unknown:
        future: asyncio.Future[CallResult | CallError | Unknown] = (
            asyncio.get_running_loop().create_future()
        )
        self._pending = (message_id, future)
        try:
            self._send(request)
            async with asyncio.timeout(timeout):
                return await future
        except TimeoutError:
            return Unknown(timed_out=True)
        except SocketGoneError:
            return Unknown(timed_out=False)
        finally:
            self._pending = None

    def take(self, frame: CallResult | CallError) -> bool:
        """Hand an answer to the call that waits for it; False drops it: late or never asked for."""
        if self._pending is None or self._pending[0] != frame.message_id:
            return False
        if self._pending[1].done():
            return False
        self._pending[1].set_result(frame)
        return True

    def give_up(self, message_id: str) -> None:
        """End the pending call if it is this one: what came as its answer is no frame."""
        if self._pending is None or self._pending[0] != message_id or self._pending[1].done():
            return
        self._pending[1].set_result(Unknown(timed_out=False, is_unreadable=True))

    def close(self) -> None:
        """End the pending call and all that follow: the socket is gone."""
        self._closed = True
        if self._pending is not None and not self._pending[1].done():
            self._pending[1].set_exception(SocketGoneError())


class SocketGoneError(Exception):
    """The socket closed under a call."""


def _outcome(frame: CallResult | CallError | Unknown) -> AskedOutcome:
    match frame:
        case Unknown(is_unreadable=True):
            return "unreadable"
        case Unknown(timed_out):
            return "timeout" if timed_out else "socket_gone"
        case CallError():
            return "refused"
        case CallResult():
            return "answered"
