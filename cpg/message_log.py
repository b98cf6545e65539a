"""The gateway's side of the message log: takes finished exchanges, and brings them to the bus.

Taking one appends a tuple, because this happens tens of thousands of times a second; everything
else is done by `run`, four times a second, for all charge points together. Nothing is kept of a
charge point that says nothing.
"""

import asyncio
import time
from collections.abc import Callable
from secrets import token_hex
from typing import Literal

from cpg.message_lines import (
    LONGEST,
    PLAIN_ACTIONS,
    Frame,
    Kind,
    Record,
    dropped_line,
    entries,
    has_free_text,
    lines,
)
from sdk.bus.interface import Bus, BusUnavailableError
from sdk.bus.messages import MessageBatch
from sdk.ids import Clock
from sdk.logs import Logger
from sdk.message_log import CountName

AskedOutcome = Literal["answered", "refused", "timeout", "socket_gone", "unreadable"]

ROOM = 16 * 1024 * 1024
"""Bytes that wait at most in one process."""
CHARGE_POINT_ROOM = 128 * 1024
"""Bytes of one charge point that wait at most; twice that while they are being sent."""
_OVERHEAD = 256
"""What a record takes beside its frames."""
_REDACTED = 2_048
"""The same where it has to be redacted: room is time, too, and no flush may take long."""
_INTERVAL_S, _RETRY_S = 0.25, 1.0
_BATCHES, _BATCH_BYTES, _SLICE_S = 100, 512 * 1024, 0.002
"""What is prepared and sent in one go; longer than a slice no message has to wait for it."""
_CHARGE_POINTS = 400
"""Sent at each interval: with more that talk, each is sent less often, and more at once."""


class _Waiting:
    """What waits of one charge point."""

    __slots__ = ("counts", "dropped", "records", "room")

    def __init__(self, room: int) -> None:
        self.room = room
        self.records: list[Record] = []
        self.dropped = 0
        self.counts: dict[CountName, int] | None = None


class MessageLog:
    """One per gateway process. All times are seconds of `time.monotonic`.

    `charge_point_id` must be one that was let in: for each there is a stream in Redis.
    """

    def __init__(
        self, bus: Bus, clock: Clock, log: Logger, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """`clock` tells the wall time of what `monotonic` gives."""
        self._bus = bus
        self._clock = clock
        self._log = log
        self._monotonic = monotonic
        self._room = ROOM
        self._waiting: dict[str, _Waiting] = {}
        self._taken: dict[str, _Waiting] = {}
        self._batches: list[MessageBatch] = []
        self._batched = 0
        self._overflow = _Waiting(0)
        self._down = False
        self._id = token_hex(6)
        self._number = 0

    def heard(  # noqa: PLR0913 - called for every message: no object is made for it
        self,
        charge_point_id: str,
        action: str,
        request: Frame,
        answer: bytes,
        began: float,
        ended: float,
        *,
        valid: bool,
    ) -> None:
        """Take a CALL of the charge point and the frame that we answered it with.

        `valid`: the request, as it came, is JSON that keeps to its schema and has no further
        properties; nothing was tolerated. Else it is redacted.
        """
        waiting = self._waiting.get(charge_point_id) or self._new(charge_point_id)
        size = len(request) + len(answer)
        plain = valid and size <= LONGEST and action in PLAIN_ACTIONS
        if plain and action == "StatusNotification":
            plain = not has_free_text(request)
        cost = size + (_OVERHEAD if plain else _REDACTED)
        if cost > waiting.room or cost > self._room:
            waiting.dropped += 1
            return
        waiting.room -= cost
        self._room -= cost
        kind: Kind = "plain" if plain else "heard"
        waiting.records.append((kind, began, ended, action, request, answer, ""))

    def asked(  # noqa: PLR0913 - as above
        self,
        charge_point_id: str,
        action: str,
        request: Frame,
        answer: Frame | None,
        outcome: AskedOutcome,
        *,
        began: float,
        ended: float,
    ) -> None:
        """Take a CALL of ours and the charge point's answer; None: none came."""
        record: Record = ("asked", began, ended, action, request, answer, outcome)
        self._take(charge_point_id, record, len(request) + len(answer or b""))

    def stray(self, charge_point_id: str, size: int, reason: str, at: float) -> None:
        """Take an answer of `size` bytes that nothing waited for; its content is not kept."""
        self._take(charge_point_id, ("stray", at, at, reason, None, None, size), len(reason))

    def unreadable(self, charge_point_id: str, size: int, reason: str, at: float) -> None:
        """Take what is no frame: nobody can say what is secret in it, so only its size is kept."""
        record: Record = ("unreadable", at, at, reason, None, None, size)
        self._take(charge_point_id, record, len(reason))

    def count(self, charge_point_id: str, name: CountName, number: int = 1) -> None:
        """Add to a count of the charge point."""
        waiting = self._waiting.get(charge_point_id) or self._new(charge_point_id)
        if waiting.counts is None:
            waiting.counts = {}
        waiting.counts[name] = waiting.counts.get(name, 0) + number

    async def run(self) -> None:
        """Bring what comes to the bus until cancelled; then call `flush`."""
        while True:
            await asyncio.sleep(_INTERVAL_S)
            self._turn()
            sent = 0
            while sent < _CHARGE_POINTS or self._room < ROOM // 2:
                if not self._batches and not self._prepare():
                    break
                sent += len(self._batches)
                if not await self._send():
                    await asyncio.sleep(_RETRY_S)

    async def flush(self, seconds: float = 1.0) -> None:
        """Bring the rest to the bus, as far as it goes in that time."""
        try:
            async with asyncio.timeout(seconds):
                for _ in range(2):  # what was being sent, and what came meanwhile
                    self._turn()
                    while self._batches or self._prepare():
                        if not await self._send():
                            return
        except TimeoutError:
            self._log.warning("the last messages could not be logged in time")

    def _new(self, charge_point_id: str) -> _Waiting:
        if self._room < _OVERHEAD:
            return self._overflow
        self._room -= _OVERHEAD
        waiting = self._waiting[charge_point_id] = _Waiting(CHARGE_POINT_ROOM)
        return waiting

    def _take(self, charge_point_id: str, record: Record, size: int) -> None:
        waiting = self._waiting.get(charge_point_id) or self._new(charge_point_id)
        cost = size + _REDACTED
        if cost > waiting.room or cost > self._room:
            waiting.dropped += 1
            return
        waiting.room -= cost
        self._room -= cost
        waiting.records.append(record)

    def _turn(self) -> None:
        if not self._taken:
            self._taken, self._waiting = self._waiting, {}
        if self._overflow.dropped:
            self._log.warning("%d messages found no room in the log", self._overflow.dropped)
            self._overflow = _Waiting(0)

    def _prepare(self) -> bool:
        """Make the next batches of what was taken; False: there is nothing left."""
        began = self._monotonic()
        offset = self._clock().timestamp() - began

        def late() -> bool:
            return self._monotonic() - began > _SLICE_S

        self._number += 1
        while self._taken and self._batched < _BATCH_BYTES:
            charge_point_id, waiting = self._taken.popitem()
            written, done = lines(waiting.records, offset, late)
            if done < len(waiting.records):
                waiting.records = waiting.records[done:]
                self._taken[charge_point_id] = waiting
                self._batches.append(self._batch(charge_point_id, written))
                break
            self._batches.append(self._last_batch(charge_point_id, waiting, written, offset))
            if late() or len(self._batches) == _BATCHES:
                break
        return bool(self._batches)

    def _last_batch(
        self, charge_point_id: str, waiting: _Waiting, written: list[bytes], offset: float
    ) -> MessageBatch:
        self._batched += CHARGE_POINT_ROOM - waiting.room + _OVERHEAD
        if waiting.dropped:
            written.append(dropped_line(waiting.dropped, self._monotonic() + offset))
        return self._batch(charge_point_id, written, waiting.counts)

    def _batch(
        self,
        charge_point_id: str,
        written: list[bytes],
        counts: dict[CountName, int] | None = None,
    ) -> MessageBatch:
        numbers = {str(name): number for name, number in counts.items()} if counts else {}
        batch_id = f"{self._id}:{self._number}"
        return MessageBatch(charge_point_id, batch_id, entries(written), numbers)

    async def _send(self) -> bool:
        try:
            refused = await self._bus.append_messages(self._batches)
        except BusUnavailableError as error:
            if not self._down:
                self._log.warning("messages wait to be logged: %s", error)
            self._down = True
            return False
        self._down = False
        self._batches = []
        self._room += self._batched
        self._batched = 0
        if refused:
            self._log.warning("messages of %s can't be logged", ", ".join(refused[:5]))
        await asyncio.sleep(0)
        return True
