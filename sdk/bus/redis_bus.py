"""The bus over Redis or Valkey: one Lua call appends, announces, commits."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import count
from secrets import token_hex
from typing import Any

from redis.asyncio import Redis

from sdk.bus import keys
from sdk.bus.commit_call import CommitCall, event_arguments, event_keys, milliseconds
from sdk.bus.expiring import Patience
from sdk.bus.interface import (
    Commit,
    DeadLetter,
    Delivery,
    Entrance,
    Guard,
    Lease,
    LogLine,
    Outcome,
    OverloadedError,
    Published,
)
from sdk.bus.keys import Lane
from sdk.bus.limits import Limits
from sdk.bus.messages import MessageBatch, MessagePage
from sdk.bus.redis_connection import ANSWER_SECONDS, availability, connect
from sdk.bus.redis_follower import RedisFollower
from sdk.bus.redis_lane import RedisStreams, decoded_pairs
from sdk.bus.redis_line import RedisLine
from sdk.bus.redis_messages import RedisMessages
from sdk.bus.report_call import report_call
from sdk.bus.scripts import Scripts
from sdk.bus.transactions import next_transaction_id
from sdk.events.envelope import Envelope

_OUTCOMES = {outcome.value.encode(): outcome for outcome in Outcome}


class RedisBus:
    """Keeps the contract of `sdk.bus.interface.Bus` over one server.

    Every method raises BusUnavailableError when the server refuses connections for about two
    seconds, or does not answer within `answer_seconds`.
    """

    def __init__(
        self,
        redis: Redis,
        limits: Limits | None = None,
        *,
        beacon_seconds: float = 2.0,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._redis: Any = redis  # typed for both decoding modes; ours always answers bytes
        self._limits = limits or Limits()
        self._beacon_seconds = beacon_seconds
        self._id, self._numbers = token_hex(8), count()
        self._scripts = Scripts(redis)
        self._line = RedisLine(redis, answer_seconds)
        self._streams = RedisStreams(redis, self._line, self._scripts, self._limits)
        self._messages = RedisMessages(redis, self._line, self._streams, self._limits)

    @classmethod
    def from_url(
        cls,
        url: str,
        *,
        limits: Limits | None = None,
        beacon_seconds: float = 2.0,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> "RedisBus":
        """Make a bus for `redis://[:password@]host:port[/db]` (or rediss:); connects on use."""
        redis = connect(url, answer_seconds=answer_seconds)
        return cls(redis, limits, beacon_seconds=beacon_seconds, answer_seconds=answer_seconds)

    async def ping(self) -> None:
        """Check that the server answers."""
        with availability():
            await self._redis.ping()

    async def publish(self, lane: Lane, envelope: Envelope, *, reserved: bool = False) -> Published:
        """See `Bus.publish`."""
        limits = self._limits
        cap = limits.reserved_entries if reserved else limits.open_entries
        answer = await self._line.call(
            self._scripts.publish,
            event_keys(lane, envelope),
            [*event_arguments(lane, envelope, limits), cap],
        )
        if answer is None:
            raise OverloadedError(f"lane {lane} of {envelope.charge_point_id} is full")
        return Published(answer[0].decode(), duplicate=bool(answer[1]))

    @asynccontextmanager
    async def follow(self) -> AsyncIterator[RedisFollower]:
        """See `Bus.follow`."""
        follower = RedisFollower(self._redis, self._streams, beacon_seconds=self._beacon_seconds)
        try:
            async with asyncio.TaskGroup() as tasks:
                running = [tasks.create_task(follower.run())]
                running.append(tasks.create_task(follower.send_beacons()))
                try:
                    yield follower
                finally:
                    follower.end()
                    for task in running:
                        task.cancel()
        except BaseExceptionGroup as group:
            if len(group.exceptions) > 1:
                raise
            raise group.exceptions[0] from None  # the caller's own, as if there were no group

    async def apply(self, commit: Commit) -> Outcome:
        """See `Bus.apply`."""
        report = report_call(commit, self._limits)
        if report is not None:
            answer = await self._line.call(self._scripts.report, report.keys, report.args)
        else:
            nonce = f"{self._id}:{next(self._numbers)}" if commit.cause is not None else ""
            call = CommitCall(commit, nonce, self._limits)
            answer = await self._line.call(self._scripts.apply, call.keys, call.args)
        if answer == b"full":
            raise OverloadedError(f"the lane of {commit.charge_point_id} is full")
        return _OUTCOMES[answer]

    async def acquire_lease(self, charge_point_id: str, owner: str, ttl: float) -> Lease | None:
        """See `Bus.acquire_lease`."""
        fence = keys.fence(charge_point_id)
        token = await self._line.call(
            self._scripts.acquire_lease,
            [keys.lease(charge_point_id), fence],
            [owner, milliseconds(ttl), token_hex(8)],
        )
        return Lease(charge_point_id, owner, Guard(fence, token.decode())) if token else None

    async def release_lease(self, lease: Lease) -> None:
        """See `Bus.release_lease`."""
        await self._line.call(
            self._scripts.release_lease,
            [keys.lease(lease.charge_point_id), lease.guard.key],
            [lease.owner, lease.guard.token],
        )

    async def new_fence(self, key: str) -> Guard:
        """See `Bus.new_fence`."""
        token = await self._line.call(self._scripts.new_fence, [key], [token_hex(8)])
        return Guard(key, token.decode())

    async def enter(self, charge_point_id: str, reader: str) -> Entrance:
        """See `Bus.enter`."""
        fence, lane = keys.gateway(charge_point_id), Lane.OCPP
        names = [
            fence,
            keys.state(charge_point_id),
            keys.commands(charge_point_id),
            keys.cursor(charge_point_id, reader),
            keys.readers(charge_point_id, lane),
            keys.lane(charge_point_id, lane),
        ]
        answer = await self._line.call(self._scripts.enter, names, [token_hex(8), reader])
        token, state, unanswered, cursor, newest = answer
        return Entrance(
            Guard(fence, token.decode()),
            decoded_pairs(state),
            decoded_pairs(unanswered),
            cursor.decode(),
            newest.decode(),
        )

    async def cursor(self, charge_point_id: str, reader: str) -> str | None:
        """See `Bus.cursor`."""
        held = await self._line.read("GET", keys.cursor(charge_point_id, reader))
        return held.decode() if held else None

    async def read(self, key: str) -> dict[str, str]:
        """See `Bus.read`."""
        return decoded_pairs(await self._line.read("HGETALL", key))

    async def read_many(self, keys: Sequence[str]) -> list[dict[str, str]]:
        """See `Bus.read_many`."""
        if not keys:
            return []
        found = await self._line.read_all([("HGETALL", key) for key in keys])
        return [decoded_pairs(pairs) for pairs in found]

    async def read_blobs(self, keys: Sequence[str]) -> list[bytes]:
        """See `Bus.read_blobs`."""
        found = await self._line.read_all([("GET", key) for key in keys])
        return [value or b"" for value in found]

    async def read_blob_tails(self, places: Sequence[tuple[str, int]]) -> list[bytes]:
        """See `Bus.read_blob_tails`."""
        asked = [("GETRANGE", key, str(offset), "-1") for key, offset in places]
        return [value or b"" for value in await self._line.read_all(asked)]

    async def write(self, key: str, fields: Mapping[str, str]) -> None:
        """See `Bus.write`."""
        if fields:
            with availability():
                await self._redis.hset(key, mapping=dict(fields))

    async def delete(self, key: str) -> None:
        """See `Bus.delete`."""
        with availability():
            await self._redis.delete(key)

    async def erase(self, charge_point_id: str, lane: Lane, stream_id: str) -> None:
        """See `Bus.erase`."""
        with availability():
            await self._redis.xdel(keys.lane(charge_point_id, lane), stream_id)

    async def members(self, key: str) -> set[str]:
        """See `Bus.members`."""
        with availability():
            return {member.decode() for member in await self._redis.smembers(key)}

    async def add_member(self, key: str, member: str) -> None:
        """See `Bus.add_member`."""
        with availability():
            await self._redis.sadd(key, member)

    async def remove_member(self, key: str, member: str) -> None:
        """See `Bus.remove_member`."""
        with availability():
            await self._redis.srem(key, member)

    async def open_transaction(
        self, charge_point_id: str, natural_key: str, fields: Mapping[str, str]
    ) -> tuple[int, bool]:
        """See `Bus.open_transaction`."""
        index = keys.transaction_of(charge_point_id, natural_key)
        if given := await self._line.read("GET", index):
            return int(given), False
        with availability():
            new = next_transaction_id(await self._redis.incr(keys.TRANSACTION_COUNTER))
            stored, is_new = await self._scripts.open_transaction(
                keys=[index, keys.transaction(charge_point_id, new)],
                args=[
                    milliseconds(self._limits.repeat_memory),
                    milliseconds(self._limits.transaction_memory),
                    new,
                    *(part for pair in fields.items() for part in pair),
                ],
            )
        return int(stored), bool(is_new)

    async def dead_letter(self, delivery: Delivery, reason: str) -> None:
        """See `Bus.dead_letter`."""
        envelope = delivery.envelope
        letter = DeadLetter(delivery.lane, delivery.stream_id, envelope.to_json(), reason)
        await self._streams.bury(envelope.charge_point_id, letter)

    async def dead_letters(self, charge_point_id: str) -> list[DeadLetter]:
        """See `Bus.dead_letters`."""
        return await self._streams.dead_letters(charge_point_id)

    async def append_log(self, lines: Sequence[Mapping[str, str]]) -> None:
        """See `Bus.append_log`."""
        pipe = self._redis.pipeline(transaction=False)
        for line in lines:
            pipe.xadd(keys.LOG, dict(line), maxlen=self._limits.log_lines, approximate=True)
        pipe.publish(keys.LOG, "")
        with availability():
            await pipe.execute()

    async def read_log(self, after: str = "0", count: int = 500) -> list[LogLine]:
        """See `Bus.read_log`."""
        return await self._streams.log_lines(after, count)

    async def read_log_back(self, before: str | None, count: int = 500) -> list[LogLine]:
        """See `Bus.read_log_back`."""
        return await self._streams.log_lines_back(before, count)

    async def append_messages(self, batches: Sequence[MessageBatch]) -> list[str]:
        """See `MessageStore.append_messages`."""
        return await self._messages.append(batches)

    async def read_messages(
        self, charge_point_id: str, after: str = "0", count: int = 100
    ) -> MessagePage:
        """See `MessageStore.read_messages`."""
        return await self._messages.page(charge_point_id, after, count)

    async def last_message(self, charge_point_id: str) -> str:
        """See `MessageStore.last_message`."""
        return await self._messages.last(charge_point_id)

    async def keep(self, key: str, text: str, seconds: float) -> None:
        """See `ExpiringStore.keep`."""
        with availability():
            await self._redis.set(key, text, px=milliseconds(seconds))

    async def kept(self, key: str) -> str | None:
        """See `ExpiringStore.kept`."""
        held = await self._line.read("GET", key)
        return held.decode() if held else None

    async def extend(self, key: str, seconds: float) -> None:
        """See `ExpiringStore.extend`."""
        with availability():
            await self._redis.pexpire(key, milliseconds(seconds))

    async def attempt(self, key: str, patience: Patience) -> float:
        """See `ExpiringStore.attempt`."""
        longest, memory = milliseconds(patience.longest), milliseconds(patience.memory)
        with availability():
            left = await self._scripts.attempt(keys=[key], args=[patience.free, longest, memory])
        return int(left) / 1000

    async def forgive(self, key: str) -> None:
        """See `ExpiringStore.forgive`."""
        with availability():
            await self._scripts.forgive(keys=[key])

    async def close(self) -> None:
        """See `Bus.close`."""
        await self._line.close()
        await self._redis.aclose()
        await self._redis.connection_pool.disconnect()
