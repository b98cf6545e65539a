"""One lane as a reader sees it: the channel while it is whole, the stream whenever it is not."""

import asyncio
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
    when the reader gets there, so a slow reader costs reads, never memory. There may be tens of
    thousands that wait: `on_wake` lets a reader be started when there is something to read.
    """

    __slots__ = (
        "_capacity",
        "_closed",
        "_gap",
        "_last",
        "_live",
        "_on_close",
        "_on_wake",
        "_page",
        "_stale",
        "_stream",
        "_wake",
        "topic",
    )

    def __init__(
        self,
        topic: Topic,
        stream: LaneStream,
        after: str,
        *,
        on_close: Callable[["LaneSubscription"], Awaitable[None]],
        on_wake: Callable[[], None] | None = None,
        capacity: int = 256,
    ) -> None:
        self.topic = topic
        self._stream = stream
        self._last = after
        self._on_close = on_close
        self._on_wake = on_wake
        self._capacity = capacity
        self._live: list[Announcement] = []
        self._page: list[Entry] = []
        self._stale = True
        self._gap = False
        self._closed = False
        self._wake: asyncio.Event | None = None

    def offer(self, announcement: Announcement) -> None:
        """Take what the channel carried."""
        if len(self._live) >= self._capacity:
            self._live.clear()
            self._stale = True
        else:
            self._live.append(announcement)
        self._notify()

    def catch_up(self) -> None:
        """Read the stream before anything else: the channel may have lost something."""
        self._stale = True
        self._notify()

    def is_heard(self) -> None:
        """Rely on the channel from now on; `begin` tells what came before."""
        self._stale = False

    def begin(self, after: str, newest: str) -> None:
        """Start from behind `after`; with an older `newest` entry the stream is not read."""
        self._last = after
        if position(newest) > position(after):
            self._stale = True

    def end(self) -> None:
        """End the iteration."""
        self._closed = True
        self._on_wake = None  # whoever is woken holds this, too
        self._notify()

    async def close(self) -> None:
        """Stop following."""
        if not self._closed:
            self.end()
            await self._on_close(self)

    def _notify(self) -> None:
        if self._wake is not None:
            self._wake.set()
        if self._on_wake is not None:
            self._on_wake()

    def __aiter__(self) -> "LaneSubscription":
        return self

    async def __anext__(self) -> Delivery:
        if self._wake is None:
            self._wake = asyncio.Event()
        while not self._closed:
            delivery = await self.take()
            if delivery is not None:
                return delivery
            if not self._closed:
                await self._wake.wait()
            self._wake.clear()
        raise StopAsyncIteration

    async def take(self) -> Delivery | None:
        """Give the next delivery; None when there is nothing at the moment, or it is closed."""
        while not self._closed:
            entry = self._page.pop() if self._page else self._from_channel()
            if entry is None:
                if not self._stale:
                    return None
                await self._read_page()
                continue
            self._last = entry.stream_id
            delivery = await self._read(entry)
            if delivery is not None:
                return delivery
        return None

    def _from_channel(self) -> Entry | None:
        while self._live and not self._stale:
            stream_id, previous, data = self._live.pop(0)
            if previous == self._last:
                return Entry(stream_id, data)
            if position(stream_id) > position(self._last):
                if position(previous) < position(self._last):
                    return Entry(stream_id, data)  # what was between is erased, and was read
                self._stale = True
        return None

    async def _read_page(self) -> None:
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
        self._page = page.entries[::-1]
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
