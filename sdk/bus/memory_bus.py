"""The bus within one process: for tests and for embedding without a server; keeps nothing."""

import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from secrets import token_hex

from sdk.bus import keys
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
    Room,
    WrittenEnvelope,
)
from sdk.bus.keys import Lane
from sdk.bus.limits import KEEPS_UNREAD, Limits
from sdk.bus.memory_follower import Listener, MemoryFollower, bury
from sdk.bus.memory_messages import append_messages, message_page
from sdk.bus.memory_store import MemoryStore
from sdk.bus.messages import MessageBatch, MessagePage
from sdk.bus.stream_ids import START, normal, position
from sdk.bus.subscription import Announcement
from sdk.bus.transactions import next_transaction_id
from sdk.events.envelope import Envelope


class MemoryBus:
    """Keeps the contract of `sdk.bus.interface.Bus` while the process lives.

    `now` gives seconds that never run backwards; leases and memories expire by it.
    """

    def __init__(
        self, limits: Limits | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits = limits or Limits()
        self._now = now
        self._store = MemoryStore(now)
        self._listeners: defaultdict[str, set[Listener]] = defaultdict(set)
        self._transactions = 0

    async def publish(self, lane: Lane, envelope: Envelope, *, reserved: bool = False) -> Published:
        """See `Bus.publish`."""
        limits = self._limits
        return self._append(
            lane, envelope, limits.reserved_entries if reserved else limits.open_entries
        )

    def _append(
        self, lane: Lane, envelope: Envelope | WrittenEnvelope, cap: int | None
    ) -> Published:
        charge_point_id = envelope.charge_point_id
        done = keys.done(charge_point_id, envelope.id)
        if isinstance(envelope, Envelope):
            if (earlier := self._store.get(done)) is not None:
                return Published(earlier, duplicate=True)
            body = envelope.to_json()
        else:
            body = envelope.json.decode()
        key = keys.lane(charge_point_id, lane)
        self._trim(charge_point_id, lane)
        stream = self._store.streams[key]
        if lane in KEEPS_UNREAD and cap is not None and len(stream) >= cap:
            raise OverloadedError(f"{len(stream)} events wait in lane {lane} of {charge_point_id}")
        previous = stream.last_id
        stream_id = stream.append({"e": str(envelope.id), "d": body})
        if isinstance(envelope, Envelope):
            self._store.set(done, stream_id, self._limits.memory(lane, envelope))
        for listener in tuple(self._listeners[key]):
            listener.offer(Announcement(stream_id, previous, body.encode()))
        return Published(stream_id)

    def _trim(self, charge_point_id: str, lane: Lane) -> None:
        stream = self._store.streams[keys.lane(charge_point_id, lane)]
        if lane not in KEEPS_UNREAD:
            stream.keep_newest(self._limits.out_entries)
            return
        cursors = self._store.hashes[keys.readers(charge_point_id, lane)].values()
        if cursors:
            stream.drop_before(min(cursors, key=position), keep=self._limits.kept_entries)

    @asynccontextmanager
    async def follow(self) -> AsyncIterator[MemoryFollower]:
        """See `Bus.follow`."""
        follower = MemoryFollower(self._store, self._listeners, self._limits)
        try:
            yield follower
        finally:
            follower.end()

    async def apply(self, commit: Commit) -> Outcome:
        """See `Bus.apply`."""
        if any(self._store.get(guard.key) != guard.token for guard in commit.guards):
            return Outcome.FENCED
        if commit.cause is not None:
            applied = keys.applied(commit.charge_point_id, commit.cause)
            if self._store.get(applied) is not None:
                self._move_cursor(commit)
                return Outcome.DUPLICATE
        once = commit.once
        if once and self._store.hashes.get(once.key, {}).get(once.field) == once.value:
            self._move_cursor(commit)
            return Outcome.DUPLICATE
        if any(self._conflicts(write.key, write.expected_version) for write in commit.writes):
            return Outcome.CONFLICT
        told = commit.room is None or self._has_room(commit, commit.room)
        self._write_state(commit)
        self._publish(commit, told=told)
        self._move_cursor(commit)
        if commit.cause is not None:
            self._store.set(applied, "1", self._limits.event_memory)
        return Outcome.APPLIED

    def _publish(self, commit: Commit, *, told: bool) -> None:
        for lane, envelope in commit.events:
            if told or lane is not commit.events[0][0]:
                self._append(lane, envelope, None)

    def _has_room(self, commit: Commit, room: Room) -> bool:
        limit, refuses = self._limits.room(room)
        for lane in [lane for lane, _ in commit.events[:1]]:
            stream = self._store.streams[keys.lane(commit.charge_point_id, lane)]
            if not self._store.hashes.get(keys.readers(commit.charge_point_id, lane)):
                stream.keep_newest(limit - 1)
            self._trim(commit.charge_point_id, lane)
            if len(stream) < limit:
                continue
            if refuses:
                raise OverloadedError(f"the lane of {commit.charge_point_id} is full")
            return False
        return True

    def _conflicts(self, key: str, expected: int | None) -> bool:
        stored = self._store.hashes.get(key, {}).get("version", "0")
        return expected is not None and int(stored) != expected

    def _write_state(self, commit: Commit) -> None:
        blobs = self._store.blobs
        for key, value in commit.appends.items():
            blobs[key] = blobs.get(key, b"") + value
        for key, value in commit.constants.items():
            blobs.setdefault(key, value)
        for write in commit.writes:
            if write.fields is None or write.replace:
                self._store.delete(write.key)
            if write.fields:
                self._store.hashes[write.key].update(write.fields)
        for key, names in commit.removed_fields.items():
            for name in names:
                self._store.hashes.get(key, {}).pop(name, None)

    def _move_cursor(self, commit: Commit) -> None:
        if commit.reader is None or commit.stream_id is None:
            return
        reached = normal(commit.stream_id)
        key = keys.cursor(commit.charge_point_id, commit.reader)
        held = self._store.get(key)
        if held is None or position(held) < position(reached):
            self._store.set(key, reached)
            for lane in Lane:
                index = self._store.hashes.get(keys.readers(commit.charge_point_id, lane), {})
                if commit.reader in index:
                    index[commit.reader] = reached

    async def acquire_lease(self, charge_point_id: str, owner: str, ttl: float) -> Lease | None:
        """See `Bus.acquire_lease`."""
        key, fence = keys.lease(charge_point_id), keys.fence(charge_point_id)
        holder = self._store.get(key)
        if holder not in (None, owner):
            return None
        self._store.set(key, owner, ttl)
        token = self._store.get(fence) if holder == owner else None
        guard = Guard(fence, token) if token else await self.new_fence(fence)
        return Lease(charge_point_id, owner, guard)

    async def release_lease(self, lease: Lease) -> None:
        """See `Bus.release_lease`."""
        key = keys.lease(lease.charge_point_id)
        ours = self._store.get(lease.guard.key) == lease.guard.token
        if ours and self._store.get(key) == lease.owner:
            self._store.delete(key)

    async def erase(self, charge_point_id: str, lane: Lane, stream_id: str) -> None:
        """See `Bus.erase`."""
        self._store.streams[keys.lane(charge_point_id, lane)].erase(stream_id)

    async def new_fence(self, key: str) -> Guard:
        """See `Bus.new_fence`."""
        count = int((self._store.get(key) or "0").partition("-")[0]) + 1
        token = f"{count}-{token_hex(8)}"
        self._store.set(key, token)
        return Guard(key, token)

    async def enter(self, charge_point_id: str, reader: str) -> Entrance:
        """See `Bus.enter`."""
        readers = self._store.hashes[keys.readers(charge_point_id, Lane.OCPP)]
        cursor = await self.cursor(charge_point_id, reader) or START
        readers.setdefault(reader, cursor)
        return Entrance(
            await self.new_fence(keys.gateway(charge_point_id)),
            await self.read(keys.state(charge_point_id)),
            await self.read(keys.commands(charge_point_id)),
            cursor,
            self._store.streams[keys.lane(charge_point_id, Lane.OCPP)].last_id,
        )

    async def cursor(self, charge_point_id: str, reader: str) -> str | None:
        """See `Bus.cursor`."""
        return self._store.get(keys.cursor(charge_point_id, reader))

    async def read(self, key: str) -> dict[str, str]:
        """See `Bus.read`."""
        return dict(self._store.hashes.get(key, {}))

    async def read_many(self, keys: Sequence[str]) -> list[dict[str, str]]:
        """See `Bus.read_many`."""
        return [await self.read(key) for key in keys]

    async def read_blobs(self, keys: Sequence[str]) -> list[bytes]:
        """See `Bus.read_blobs`."""
        return [self._store.blobs.get(key, b"") for key in keys]

    async def read_blob_tails(self, places: Sequence[tuple[str, int]]) -> list[bytes]:
        """See `Bus.read_blob_tails`."""
        return [self._store.blobs.get(key, b"")[offset:] for key, offset in places]

    async def write(self, key: str, fields: Mapping[str, str]) -> None:
        """See `Bus.write`."""
        self._store.hashes[key].update(fields)

    async def delete(self, key: str) -> None:
        """See `Bus.delete`."""
        self._store.delete(key)

    async def members(self, key: str) -> set[str]:
        """See `Bus.members`."""
        return set(self._store.sets.get(key, ()))

    async def add_member(self, key: str, member: str) -> None:
        """See `Bus.add_member`."""
        self._store.sets[key].add(member)

    async def remove_member(self, key: str, member: str) -> None:
        """See `Bus.remove_member`."""
        self._store.sets[key].discard(member)

    async def open_transaction(
        self, charge_point_id: str, natural_key: str, fields: Mapping[str, str]
    ) -> tuple[int, bool]:
        """See `Bus.open_transaction`."""
        index = keys.transaction_of(charge_point_id, natural_key)
        if (given := self._store.get(index)) is not None:
            return int(given), False
        self._transactions = next_transaction_id(self._transactions + 1)
        self._store.set(index, str(self._transactions), self._limits.repeat_memory)
        await self.write(keys.transaction(charge_point_id, self._transactions), fields)
        return self._transactions, True

    async def dead_letter(self, delivery: Delivery, reason: str) -> None:
        """See `Bus.dead_letter`."""
        letter = DeadLetter(delivery.lane, delivery.stream_id, delivery.envelope.to_json(), reason)
        bury(self._store, self._limits, delivery.envelope.charge_point_id, letter)

    async def dead_letters(self, charge_point_id: str) -> list[DeadLetter]:
        """See `Bus.dead_letters`."""
        stream = self._store.streams[keys.dead(charge_point_id)]
        return [
            DeadLetter(Lane(f["lane"]), f["id"], f["data"], f["reason"])
            for _, f in stream.after("0", self._limits.dead_entries)
        ]

    async def append_log(self, lines: Sequence[Mapping[str, str]]) -> None:
        """See `Bus.append_log`."""
        stream = self._store.streams[keys.LOG]
        for line in lines:
            stream.append(dict(line))
        stream.keep_newest(self._limits.log_lines)
        for listener in tuple(self._listeners[keys.LOG]):
            listener.catch_up()

    async def read_log(self, after: str = "0", count: int = 500) -> list[LogLine]:
        """See `Bus.read_log`."""
        entries = self._store.streams[keys.LOG].after(after, count)
        return [LogLine(entry.stream_id, entry.fields) for entry in entries]

    async def read_log_back(self, before: str | None, count: int = 500) -> list[LogLine]:
        """See `Bus.read_log_back`."""
        entries = self._store.streams[keys.LOG].before(before, count)
        return [LogLine(entry.stream_id, entry.fields) for entry in entries]

    async def append_messages(self, batches: Sequence[MessageBatch]) -> list[str]:
        """See `MessageStore.append_messages`."""
        for batch in batches:
            append_messages(self._store, self._limits, batch)
        return []

    async def read_messages(
        self, charge_point_id: str, after: str = "0", count: int = 100
    ) -> MessagePage:
        """See `MessageStore.read_messages`."""
        return message_page(self._store, charge_point_id, after, count)

    async def last_message(self, charge_point_id: str) -> str:
        """See `MessageStore.last_message`."""
        return self._store.streams[keys.messages(charge_point_id)].last_id

    async def keep(self, key: str, text: str, seconds: float) -> None:
        """See `ExpiringStore.keep`."""
        self._store.set(key, text, seconds)

    async def kept(self, key: str) -> str | None:
        """See `ExpiringStore.kept`."""
        return self._store.get(key)

    async def extend(self, key: str, seconds: float) -> None:
        """See `ExpiringStore.extend`."""
        if (held := self._store.get(key)) is not None:
            self._store.set(key, held, seconds)

    async def attempt(self, key: str, patience: Patience) -> float:
        """See `ExpiringStore.attempt`."""
        count, opens_at = (self._store.get(key) or "0 0").split()
        now = self._now()
        if float(opens_at) > now:
            return float(opens_at) - now
        made = int(count) + 1
        self._store.set(key, f"{made} {now + patience.wait(made)}", patience.memory)
        return 0.0

    async def forgive(self, key: str) -> None:
        """See `ExpiringStore.forgive`."""
        held = self._store.get(key)
        if held is not None:
            self._store.replace(key, f"{max(0, int(held.split()[0]) - 1)} 0")

    async def close(self) -> None:
        """Nothing to let go of."""
