"""The feeds of charge points: each is followed once for all that read it, while somebody does."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from sdk.bus.interface import Bus, BusUnavailableError, Follower
from sdk.bus.keys import Lane
from sdk.errors import UnavailableError
from session_manager.api.event_kept import LANES, Feed
from session_manager.api.problems import ProblemError

MOST_FEEDS = 256
MOST_READERS, MOST_OF_A_KEY = 100, 10
_RETRY_AFTER_S = 2
LINGER_S = 30.0
"""How long a charge point is followed on when nobody reads it."""


class TooManyFeedsError(UnavailableError):
    """Too many charge points are followed at once; try again later."""


class TooManyReadersError(UnavailableError):
    """Too many event streams are open in all; try again later."""


class Feeds:
    """The feeds of all charge points that somebody reads, while `run` runs."""

    def __init__(self, bus: Bus, linger: float = LINGER_S) -> None:
        self._bus = bus
        self._linger = linger
        self._feeds: dict[str, Feed] = {}
        self._wanted: asyncio.Queue[Feed] = asyncio.Queue()
        self._readers: Counter[str] = Counter()
        self._is_running = False

    async def run(self) -> None:
        """Follow what is read, until cancelled; connects when somebody reads."""
        self._is_running = True
        try:
            feed = await self._wanted.get()
            async with self._bus.follow() as follower, asyncio.TaskGroup() as tasks:
                while True:
                    tasks.create_task(self._follow(feed, follower))
                    feed = await self._wanted.get()
        finally:
            self._is_running = False
            for feed in list(self._feeds.values()):
                self._drop(feed)

    def want(self, charge_point_id: str, changed: asyncio.Event) -> Feed:
        """Give the feed of a charge point, which is loading; `changed` is set by each event.

        Raises TooManyFeedsError, BusUnavailableError. Let go of it by `Feed.remove`.
        """
        if not self._is_running:
            raise BusUnavailableError("it is starting or stopping")
        feed = self._feeds.get(charge_point_id)
        if feed is None:
            if len(self._feeds) >= MOST_FEEDS:
                raise TooManyFeedsError("Too many charge points are followed; try again later.")
            feed = self._feeds[charge_point_id] = Feed(charge_point_id)
            self._wanted.put_nowait(feed)
        feed.add(changed)
        return feed

    @contextmanager
    def counted(self, key_id: str) -> Iterator[None]:
        """Count a reader while the block runs. Raises ProblemError (429), TooManyReadersError."""
        if self._readers[key_id] >= MOST_OF_A_KEY:
            raise ProblemError(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"This key has {MOST_OF_A_KEY} event streams open, and may not have more.",
                headers={"Retry-After": str(_RETRY_AFTER_S)},
            )
        if self._readers.total() >= MOST_READERS:
            raise TooManyReadersError("Too many event streams are open; close some.")
        self._readers[key_id] += 1
        try:
            yield
        finally:
            self._readers[key_id] -= 1
            if not self._readers[key_id]:
                del self._readers[key_id]

    async def _follow(self, feed: Feed, follower: Follower) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                reading = [tasks.create_task(_read(feed, follower, lane)) for lane in LANES]
                await feed.unused(self._linger)
                self._drop(feed)
                for task in reading:
                    task.cancel()
        except* BusUnavailableError:
            pass
        finally:
            self._drop(feed)

    def _drop(self, feed: Feed) -> None:
        if self._feeds.get(feed.charge_point_id) is feed:
            del self._feeds[feed.charge_point_id]
        feed.fail()


async def _read(feed: Feed, follower: Follower, lane: Lane) -> None:
    subscription = await follower.subscribe(feed.charge_point_id, lane, after="0")
    try:
        while (delivery := await subscription.take()) is not None:
            feed.put(delivery)
        feed.loaded()
        async for delivery in subscription:
            feed.put(delivery)
    finally:
        await subscription.close()
