"""Following lanes within one process."""

from collections.abc import Callable, MutableMapping
from typing import Protocol

from sdk.bus import keys
from sdk.bus.interface import DeadLetter, LogLine
from sdk.bus.keys import Lane
from sdk.bus.limits import Limits
from sdk.bus.log_subscription import LogLineSubscription
from sdk.bus.memory_store import MemoryStore
from sdk.bus.stream_ids import START, normal, position
from sdk.bus.subscription import Announcement, Entry, LaneSubscription, Page, Topic


class Listener(Protocol):
    """What a channel feeds."""

    def offer(self, announcement: Announcement) -> None:
        """Take what the channel carried."""
        ...

    def catch_up(self) -> None:
        """Read the stream: the channel may have lost something."""
        ...

    def end(self) -> None:
        """End the iteration."""
        ...


class MemoryLane:
    """The stream side of one lane."""

    def __init__(self, store: MemoryStore, topic: Topic, limits: Limits) -> None:
        self._store = store
        self._topic = topic
        self._limits = limits

    async def page(self, after: str, count: int) -> Page:
        """See `LaneStream.page`."""
        stream = self._store.streams[keys.lane(self._topic.charge_point_id, self._topic.lane)]
        entries = [Entry(i, f["d"].encode()) for i, f in stream.after(after, count)]
        return Page(entries, gap=position(stream.first_id) > position(after))

    async def bury(self, entry: Entry, reason: str) -> None:
        """See `LaneStream.bury`."""
        letter = DeadLetter(self._topic.lane, entry.stream_id, entry.data.decode(), reason)
        bury(self._store, self._limits, self._topic.charge_point_id, letter)


def bury(store: MemoryStore, limits: Limits, charge_point_id: str, letter: DeadLetter) -> None:
    """Append to the dead-letter stream, once per lane and stream id."""
    mark = keys.buried(charge_point_id, letter.lane, letter.stream_id)
    if store.get(mark) is None:
        store.set(mark, "1", limits.command_memory)
        stream = store.streams[keys.dead(charge_point_id)]
        stream.append(
            {
                "lane": letter.lane.value,
                "id": letter.stream_id,
                "data": letter.data,
                "reason": letter.reason,
            }
        )
        stream.keep_newest(limits.dead_entries)


class MemoryFollower:
    """Follows any number of lanes until `end`."""

    def __init__(
        self, store: MemoryStore, listeners: MutableMapping[str, set[Listener]], limits: Limits
    ) -> None:
        self._store = store
        self._listeners = listeners
        self._limits = limits
        self._mine: list[tuple[str, Listener]] = []

    async def subscribe(
        self,
        charge_point_id: str,
        lane: Lane,
        *,
        after: str | None,
        reader: str | None = None,
        on_wake: Callable[[], None] | None = None,
    ) -> LaneSubscription:
        """See `Follower.subscribe`."""
        key = keys.lane(charge_point_id, lane)
        start = self._store.streams[key].last_id if after is None else normal(after)
        if reader is not None:
            held = self._store.get(keys.cursor(charge_point_id, reader))
            self._store.hashes[keys.readers(charge_point_id, lane)].setdefault(
                reader, held or start
            )
        topic = Topic(charge_point_id, lane, durable=reader is not None)
        stream = MemoryLane(self._store, topic, self._limits)
        subscription = LaneSubscription(
            topic, stream, start, on_close=self._forget, on_wake=on_wake
        )
        self._add(key, subscription)
        subscription.catch_up()
        return subscription

    async def listen(
        self, charge_point_id: str, lane: Lane, on_wake: Callable[[], None]
    ) -> LaneSubscription:
        """See `Follower.listen`."""
        topic = Topic(charge_point_id, lane, durable=True)
        stream = MemoryLane(self._store, topic, self._limits)
        subscription = LaneSubscription(
            topic, stream, START, on_close=self._forget, on_wake=on_wake
        )
        self._add(keys.lane(charge_point_id, lane), subscription)
        subscription.is_heard()
        return subscription

    async def subscribe_log(self, *, after: str | None) -> LogLineSubscription:
        """See `Follower.subscribe_log`."""
        stream = self._store.streams[keys.LOG]
        start = stream.last_id if after is None else normal(after)
        subscription = LogLineSubscription(start, read=self._log_lines, on_close=self._forget)
        self._add(keys.LOG, subscription)
        return subscription

    async def _log_lines(self, after: str, count: int) -> list[LogLine]:
        return [LogLine(i, f) for i, f in self._store.streams[keys.LOG].after(after, count)]

    def _add(self, channel: str, listener: Listener) -> None:
        self._listeners[channel].add(listener)
        self._mine.append((channel, listener))

    async def _forget(self, gone: Listener) -> None:
        for channel, listener in self._mine:
            if listener is gone:
                self._listeners[channel].discard(listener)
        self._mine = [(c, mine) for c, mine in self._mine if mine is not gone]

    def end(self) -> None:
        """End all subscriptions."""
        for channel, listener in self._mine:
            self._listeners[channel].discard(listener)
            listener.end()
        self._mine.clear()
