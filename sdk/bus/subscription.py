"""One lane as a reader sees it: the channel while it is whole, the stream whenever it is not."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from sdk.bus.interface import BusUnavailableError, Delivery
from sdk.bus.keys import Lane
from sdk.bus.stream_ids import START, position
from sdk.events.envelope import UnreadableEnvelopeError, read_envelope
from sdk.logs import get_logger

log = get_logger("bus")

RETRY_SECONDS = 0.5


class Entry(NamedTuple):
    """One entry of a lane's stream, not yet parsed."""

    stream_id: str
    data: bytes


class Announcement(NamedTuple):
    """One entry as the channel carried it, with the id of the entry before it."""

    stream_id: str
    previous: str
    data: bytes


class Page(NamedTuple):
    """What a stream holds behind a position; `gap` if entries between were trimmed."""

    entries: list[Entry]
    gap: bool


class LaneStream(Protocol):
    """The stream side of one lane."""

    async def page(self, after: str, count: int) -> Page:
        """Read up to `count` entries behind `after`. Raises BusUnavailableError."""
        ...

    async def bury(self, entry: Entry, reason: str) -> None:
        """Put an entry into the dead-letter stream, once. Raises BusUnavailableError."""
        ...


@dataclass(frozen=True, slots=True)
class Topic:
    """What a subscription follows, and whether its reader is a durable one."""

    charge_point_id: str
    lane: Lane
    durable: bool


class LaneSubscription:
    """Follows one lane; fed by `offer`, read by one task.

    It holds at most `capacity` announcements: what comes beyond is dropped and read from the stream
    when the reader gets there, so a slow reader costs reads, never memory.
    """

    def __init__(
        self,
        topic: Topic,
        stream: LaneStream,
        after: str,
        *,
        on_close: Callable[["LaneSubscription"], Awaitable[None]],
        capacity: int = 256,
    ) -> None:
        self.topic = topic
        self._stream = stream
        self._last = after
        self._on_close = on_close
        self._capacity = capacity
        self._live: deque[Announcement] = deque()
        self._page: deque[Entry] = deque()
        self._stale = True
        self._gap = False
        self._closed = False
        self._wake = asyncio.Event()

    def offer(self, announcement: Announcement) -> None:
        """Take what the channel carried."""
        if len(self._live) >= self._capacity:
            self._live.clear()
            self._stale = True
        else:
            self._live.append(announcement)
        self._wake.set()

    def catch_up(self) -> None:
        """Read the stream before anything else: the channel may have lost something."""
        self._stale = True
        self._wake.set()

    def end(self) -> None:
        """End the iteration."""
        self._closed = True
        self._wake.set()

    async def close(self) -> None:
        """Stop following."""
        if not self._closed:
            self.end()
            await self._on_close(self)

    def __aiter__(self) -> "LaneSubscription":
        return self

    async def __anext__(self) -> Delivery:
        while not self._closed:
            entry = self._page.popleft() if self._page else self._from_channel()
            if entry is None:
                await self._more()
                continue
            self._last = entry.stream_id
            delivery = await self._read(entry)
            if delivery is not None:
                return delivery
        raise StopAsyncIteration

    def _from_channel(self) -> Entry | None:
        while self._live and not self._stale:
            stream_id, previous, data = self._live.popleft()
            if previous == self._last:
                return Entry(stream_id, data)
            if position(stream_id) > position(self._last):
                self._stale = True
        return None

    async def _more(self) -> None:
        if not self._stale:
            self._wake.clear()
            await self._wake.wait()
            return
        self._stale = False
        try:
            page = await self._stream.page(self._last, self._capacity)
        except BusUnavailableError:
            self._stale = True
            await asyncio.sleep(RETRY_SECONDS)
            return
        if page.gap and self._last != START:
            self._gap = True
            topic = self.topic
            log.warning(
                "lane %s was trimmed before it was read from %s",
                topic.lane,
                self._last,
                charge_point_id=topic.charge_point_id,
            )
        self._page.extend(page.entries)
        if len(page.entries) >= self._capacity:
            self._stale = True

    async def _read(self, entry: Entry) -> Delivery | None:
        try:
            envelope = read_envelope(entry.data)
        except UnreadableEnvelopeError as error:
            if self.topic.durable:
                await self._bury(entry, str(error))
            return None
        gap, self._gap = self._gap, False
        return Delivery(self.topic.lane, entry.stream_id, envelope, gap)

    async def _bury(self, entry: Entry, reason: str) -> None:
        while not self._closed:
            try:
                await self._stream.bury(entry, reason)
            except BusUnavailableError:
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return
