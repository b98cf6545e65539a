"""The message log: what a charge point and the gateway said to each other, and what was counted.

The gateway redacts before it writes: idTags, keys and passwords are "***". An entry of the stream
holds lines of JSON, each an object:

`t` ms since 1970, when the request came or went; `l` latency in µs; `q`, `a` request and answer: a
frame, or, as a string, the start of one that was too long; `s` 1: we asked; `o` outcome (absent:
answered); `n` action and `i` message id where `q` does not tell them; `z` size in bytes, where
something is not kept; `r` reason; `x` how many messages found no room. Where `t` is a list, `l`,
`q` and `a` are lists as well, of as many messages.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any, Literal, get_args

import orjson

from sdk.bus import keys
from sdk.bus.interface import Bus, BusUnavailableError
from sdk.bus.messages import MessagePage
from sdk.errors import InvalidInputError
from sdk.fields import Frozen, Moment
from sdk.tolerances import Tolerance

CountName = Literal[
    "tolerated.casing",
    "tolerated.extra_properties",
    "tolerated.missing_parts",
    "tolerated.numeric_ids",
    "tolerated.odd_timestamps",
    "malformed",
    "stray_answers",
    "refused",
    "throttled",
]
"""What a gateway counts of a charge point; see `TOLERATED` for those of a profile."""
COUNT_NAMES: tuple[CountName, ...] = get_args(CountName)
TOLERATED: Mapping[Tolerance, CountName] = {
    "casing": "tolerated.casing",
    "extra_properties": "tolerated.extra_properties",
    "missing_parts": "tolerated.missing_parts",
    "numeric_ids": "tolerated.numeric_ids",
    "odd_timestamps": "tolerated.odd_timestamps",
}

MessageOutcome = Literal[
    "answered", "refused", "timeout", "socket_gone", "unreadable", "stray", "dropped"
]
"""`refused`: by CALLERROR. `timeout`, `socket_gone`: no answer came. `unreadable`: no frame.
`stray`: an answer that nothing waited for. `dropped`: a gap of the log."""

_PAGE = 100
_POLL_S = 0.5
_SUBJECT = 3
_CALL = 2
_UNREADABLE = (ValueError, TypeError, LookupError, ArithmeticError, OSError)
"""What a line that another version wrote, or that is damaged, can raise."""


class Message(Frozen):
    """One request with its answer, or what came instead."""

    at: Moment
    """When the request came (`received`) or was sent (`sent`)."""
    outcome: MessageOutcome
    direction: Literal["received", "sent"] | None = None
    action: str | None = None
    message_id: str | None = None
    request: str | None = None
    """The frame as JSON, redacted; its start where `cut`."""
    answer: str | None = None
    cut: bool = False
    """Something was too long to be kept whole."""
    latency_ms: float | None = None
    size: int | None = None
    """Bytes of what is not kept whole."""
    reason: str | None = None
    dropped: int = 0
    """How many messages are missing here (0 of a gap: nobody knows)."""


class MessageReader:
    """Reads one charge point's log, and goes on behind what it has read.

    Entries and lines that this version can't read are skipped.
    """

    def __init__(self, bus: Bus, charge_point_id: str, action: str | None = None) -> None:
        """With `action`, give only messages of that one."""
        self._bus = bus
        self._charge_point_id = charge_point_id
        self._action = action
        self._position: str | None = None

    async def last(self, count: int) -> list[Message]:
        """Give up to `count` messages, the newest last. Raises BusUnavailableError."""
        if count < 1:
            raise InvalidInputError("the number of messages is at least 1")
        newest: deque[Message] = deque(maxlen=count)
        self._position = "0-0"
        while page := await self._next():
            newest.extend(page)
        return list(newest)

    async def follow(self) -> AsyncIterator[Message]:
        """Give what comes from now on, or behind `last`, in order and once.

        What was trimmed before it could be read is told as `dropped`. While Redis does not answer,
        it waits.
        """
        while True:
            # Ctrl-C while the caller worked is raised here; redis-py would lose it (see
            # `sdk.bus.redis_connection.keeping_cancellation`)
            await asyncio.sleep(0)
            try:
                if self._position is None:
                    self._position = await self._bus.last_message(self._charge_point_id)
                messages = await self._next()
            except BusUnavailableError:
                messages = None
            for message in messages or ():
                yield message
            if messages is None:
                await asyncio.sleep(_POLL_S)

    async def _next(self) -> list[Message] | None:
        after = self._position or "0-0"
        page = await self._bus.read_messages(self._charge_point_id, after, _PAGE)
        if not page.entries:
            return None
        self._position = page.entries[-1].entry_id
        found = [message for entry in page.entries for message in read_entry(entry.data)]
        if self._action is not None:
            found = [message for message in found if message.action == self._action]
        return [_gap(page), *found] if page.gap else found


def read_entry(data: bytes) -> list[Message]:
    """Read the messages of one entry; unreadable lines are left out."""
    return [message for line in data.split(b"\n") for message in _read_line(line)]


async def read_counts(bus: Bus, charge_point_id: str) -> dict[str, int]:
    """Read what was counted since the charge point was registered; all names, zeros included."""
    held = await bus.read(keys.counts(charge_point_id))
    return {name: _number(held.get(name, "0")) for name in COUNT_NAMES}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _read_line(line: bytes) -> list[Message]:
    try:
        stored = orjson.loads(line)
        if not isinstance(stored["t"], list):
            return [_message(stored)]
        columns = zip(*(stored[name] for name in "tlqa"), strict=True)
        return [_message(dict(zip("tlqa", column, strict=True))) for column in columns]
    except _UNREADABLE:
        return []


def _message(stored: dict[str, Any]) -> Message:
    request, answer = stored.get("q"), stored.get("a")
    head = request if isinstance(request, list) else []
    call = len(head) >= _SUBJECT and head[0] == _CALL
    outcome = stored.get("o", "answered")
    told = outcome != "dropped"
    return Message(
        at=datetime.fromtimestamp(stored["t"] / 1000, tz=UTC),
        outcome=outcome,
        direction=("sent" if stored.get("s") else "received") if told else None,
        action=stored.get("n", head[2] if call else None),
        message_id=stored.get("i", str(head[1]) if call else None),
        request=_text(request),
        answer=_text(answer),
        cut="z" in stored,
        latency_ms=stored["l"] / 1000 if "l" in stored else None,
        size=stored.get("z"),
        reason=stored.get("r"),
        dropped=stored.get("x", 0),
    )


def _text(frame: Any) -> str | None:  # noqa: ANN401 - whatever JSON holds
    if frame is None or isinstance(frame, str):
        return frame
    return orjson.dumps(frame).decode()


def _gap(page: MessagePage) -> Message:
    milliseconds = int(page.entries[0].entry_id.partition("-")[0])
    return Message(
        at=datetime.fromtimestamp(milliseconds / 1000, tz=UTC),
        outcome="dropped",
        reason="trimmed before it was read",
    )
