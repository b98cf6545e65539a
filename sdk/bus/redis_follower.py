"""One pub/sub connection that follows any number of channels, and notices when it is cut off."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import islice, takewhile
from secrets import token_hex
from typing import Any, Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

from sdk.bus import keys
from sdk.bus.interface import BusUnavailableError
from sdk.bus.keys import Lane
from sdk.bus.log_subscription import LogLineSubscription
from sdk.bus.push_stream import PushStream
from sdk.bus.redis_connection import keeping_cancellation
from sdk.bus.redis_lane import RedisLane, RedisStreams
from sdk.bus.stream_ids import START
from sdk.bus.subscription import Announcement, LaneSubscription, Topic
from sdk.logs import get_logger

log = get_logger("bus")

SUBSCRIBE_SECONDS = 5.0
RECONNECT_SECONDS = 0.1
CHANNELS_AT_ONCE = 500
PARTS = 4


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


class Channel:
    """One channel and who listens to it."""

    __slots__ = ("confirmed", "listeners", "waiting")

    def __init__(self) -> None:
        self.listeners: list[Listener] = []
        self.confirmed = False
        self.waiting: list[asyncio.Future[None]] = []

    async def confirmation(self) -> None:
        """Wait until the server has subscribed us."""
        if not self.confirmed:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self.waiting.append(waiter)
            await waiter

    def carry(self, data: bytes) -> None:
        """Hand on a message: "<id> <previous id> <event id> <json>"."""
        parts = data.split(b" ", PARTS - 1)
        if len(parts) == PARTS:
            announcement = Announcement(parts[0].decode(), parts[1].decode(), parts[3])
            for listener in tuple(self.listeners):
                listener.offer(announcement)
        else:
            self.catch_up()

    def confirm(self) -> None:
        """Note that the server has subscribed us: what came before may be missing."""
        self.confirmed = True
        for waiter in self.waiting:
            if not waiter.done():
                waiter.set_result(None)
        self.waiting.clear()
        self.catch_up()

    def catch_up(self) -> None:
        """Have everyone read the stream."""
        for listener in tuple(self.listeners):
            listener.catch_up()


class RedisFollower:
    """Follows lanes while `run` runs; each (re)connection subscribes again and catches up.

    The beacon is published over the commands' connection to this follower's own channel: it comes
    back only if this connection hears what is published where the commands go.
    """

    def __init__(self, redis: Redis, streams: RedisStreams, *, beacon_seconds: float = 2.0) -> None:
        self._redis: Any = redis
        self._streams = streams
        self._beacon_seconds = beacon_seconds
        self._beacon = f"{keys.PREFIX}beacon:{token_hex(8)}"
        self._stream: PushStream | None = None
        self._channels: dict[str, Channel] = {}
        self._connection: Any = None  # redis-py's connection: untyped
        self._orders: list[tuple[str, str]] = []
        self._ordering = False

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
        name = keys.lane(charge_point_id, lane)
        start = await self._streams.start(name, after)
        if reader is not None:
            await self._streams.register(charge_point_id, lane, reader, start)
        topic = Topic(charge_point_id, lane, durable=reader is not None)
        stream = RedisLane(self._streams, topic)
        forget = partial(self._forget, name)
        subscription = LaneSubscription(topic, stream, start, on_close=forget, on_wake=on_wake)
        await self._listen(name, subscription)
        return subscription

    async def listen(
        self, charge_point_id: str, lane: Lane, on_wake: Callable[[], None]
    ) -> LaneSubscription:
        """See `Follower.listen`."""
        name = keys.lane(charge_point_id, lane)
        topic = Topic(charge_point_id, lane, durable=True)
        stream, forget = RedisLane(self._streams, topic), partial(self._forget, name)
        subscription = LaneSubscription(topic, stream, START, on_close=forget, on_wake=on_wake)
        await self._listen(name, subscription)
        subscription.is_heard()
        return subscription

    async def subscribe_log(self, *, after: str | None) -> LogLineSubscription:
        """See `Follower.subscribe_log`."""
        start = await self._streams.start(keys.LOG, after)
        subscription = LogLineSubscription(
            start, read=self._streams.log_lines, on_close=partial(self._forget, keys.LOG)
        )
        await self._listen(keys.LOG, subscription)
        return subscription

    async def _listen(self, name: str, listener: Listener) -> None:
        known = self._channels.get(name)
        channel = known or Channel()
        channel.listeners.append(listener)
        if known is None:
            self._channels[name] = channel
            await self._send("SUBSCRIBE", name)
        elif channel.confirmed:
            listener.catch_up()
        try:
            async with asyncio.timeout(SUBSCRIBE_SECONDS):
                await channel.confirmation()
        except BaseException as error:
            await self._forget(name, listener)
            if isinstance(error, TimeoutError):
                raise BusUnavailableError("Redis does not confirm a subscription") from error
            raise

    async def _forget(self, name: str, gone: Listener) -> None:
        channel = self._channels.get(name)
        if channel is None or gone not in channel.listeners:
            return
        channel.listeners.remove(gone)
        if not channel.listeners:
            del self._channels[name]
            await self._send("UNSUBSCRIBE", name)

    async def _send(self, verb: str, name: str) -> None:
        """Send what many tasks ask for in this moment, in their order, with few commands."""
        self._orders.append((verb, name))
        if self._ordering:
            return
        self._ordering = True
        try:
            await asyncio.sleep(0)
            while self._orders:
                next_verb = self._orders[0][0]
                alike = takewhile(partial(_is_order, next_verb), self._orders)
                names = [name for _, name in islice(alike, CHANNELS_AT_ONCE)]
                del self._orders[: len(names)]
                await self._order(next_verb, names)
        finally:
            self._ordering = False

    async def _order(self, verb: str, names: list[str]) -> None:
        # redis-py would connect anew by itself, and nobody would hear that connection
        if self._connection is not None and self._connection.is_connected:
            # the reconnection subscribes to all channels; redis-py raises AttributeError where the
            # connection is lost between its call and its write
            with suppress(RedisError, OSError, AttributeError), keeping_cancellation():
                await self._connection.send_command(verb, *names, check_health=False)

    async def run(self) -> None:
        """Keep connected, for ever; ends when cancelled."""
        while True:
            connection = self._redis.connection_pool.make_connection()
            try:
                await self._stay(connection)
            except (RedisError, OSError) as error:
                log.warning(
                    "follows nothing until Redis is back: %s", error or type(error).__name__
                )
            finally:
                self._connection = None
                await connection.disconnect(nowait=True)
            for channel in self._channels.values():
                channel.confirmed = False
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _stay(self, connection: Any) -> None:  # noqa: ANN401 - untyped in redis-py
        with keeping_cancellation():
            await connection.connect()
        self._connection = connection
        stream = self._stream = PushStream(self._hear)
        stream.take_over(connection._writer.transport)  # noqa: SLF001 - as RedisLine does
        names = [self._beacon, *self._channels]
        with keeping_cancellation():
            for at in range(0, len(names), CHANNELS_AT_ONCE):
                chunk = names[at : at + CHANNELS_AT_ONCE]
                await connection.send_command("SUBSCRIBE", *chunk, check_health=False)
        await stream.stay(self._beacon_seconds * 1.5)

    def _hear(self, kind: bytes, name: bytes, data: bytes) -> None:
        channel = self._channels.get(name.decode())
        if channel is None:
            if name == self._beacon.encode() and self._stream is not None:
                self._stream.note_life()
        elif kind == b"message":
            channel.carry(data)
        elif kind == b"subscribe":
            channel.confirm()

    async def send_beacons(self) -> None:
        """Publish to our own channel every `beacon_seconds`, for ever; ends when cancelled."""
        while True:
            with suppress(RedisError, OSError), keeping_cancellation():  # silence is the message
                await self._redis.publish(self._beacon, b"")
            await asyncio.sleep(self._beacon_seconds)

    def end(self) -> None:
        """End all subscriptions."""
        for channel in self._channels.values():
            for listener in channel.listeners:
                listener.end()
        self._channels.clear()


def _is_order(verb: str, order: tuple[str, str]) -> bool:
    return order[0] == verb
