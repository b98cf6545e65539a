"""The stream side of lanes, log and dead letters, in Redis."""

from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis

from sdk.bus import keys
from sdk.bus.commit_call import milliseconds
from sdk.bus.interface import DeadLetter, LogLine
from sdk.bus.keys import Lane
from sdk.bus.limits import Limits
from sdk.bus.redis_connection import availability
from sdk.bus.redis_line import RedisLine
from sdk.bus.scripts import Scripts
from sdk.bus.stream_ids import START, normal, position
from sdk.bus.subscription import Entry, Page, Topic


class RedisStreams:
    """Reads streams, buries what can't be read, and registers durable readers."""

    def __init__(self, redis: Redis, line: RedisLine, scripts: Scripts, limits: Limits) -> None:
        self._redis: Any = redis  # typed for both decoding modes; ours always answers bytes
        self._line = line
        self._scripts = scripts
        self._limits = limits

    async def start(self, key: str, after: str | None) -> str:
        """Give `after` in full, or the newest id of the stream where it is None."""
        if after is not None:
            return normal(after)
        with availability():
            newest = await self._redis.xrevrange(key, count=1)
        return str(newest[0][0].decode()) if newest else START

    async def register(self, charge_point_id: str, lane: Lane, reader: str, start: str) -> None:
        """Keep from now on what `reader` has not committed."""
        await self._line.call(
            self._scripts.register_reader,
            [keys.readers(charge_point_id, lane), keys.cursor(charge_point_id, reader)],
            [reader, start],
        )

    async def page(self, key: str, after: str, count: int) -> Page:
        """Read entries of a lane behind `after`, and see whether some were trimmed before."""
        found, first = await self._line.read_all(
            [
                ("XRANGE", key, f"({after}", "+", "COUNT", str(count)),
                ("XRANGE", key, "-", "+", "COUNT", "1"),
            ]
        )
        entries = [
            Entry(entry_id.decode(), pairs_to_dict(pairs).get(b"d", b""))
            for entry_id, pairs in found
        ]
        return Page(entries, bool(first) and position(first[0][0].decode()) > position(after))

    async def bury(self, charge_point_id: str, letter: DeadLetter) -> None:
        """Append to the dead-letter stream, once per lane and stream id."""
        fields = {"lane": letter.lane.value, "id": letter.stream_id}
        fields |= {"data": letter.data, "reason": letter.reason}
        limits = self._limits
        with availability():
            await self._scripts.bury(
                keys=[
                    keys.buried(charge_point_id, letter.lane, letter.stream_id),
                    keys.dead(charge_point_id),
                ],
                args=[
                    milliseconds(limits.command_memory),
                    limits.dead_entries,
                    *(part for pair in fields.items() for part in pair),
                ],
            )

    async def dead_letters(self, charge_point_id: str) -> list[DeadLetter]:
        """Read all dead letters that are kept."""
        with availability():
            found = await self._redis.xrange(keys.dead(charge_point_id))
        letters = (decoded(fields) for _, fields in found)
        return [DeadLetter(Lane(f["lane"]), f["id"], f["data"], f["reason"]) for f in letters]

    async def log_lines(self, after: str, count: int) -> list[LogLine]:
        """Read log lines behind line id `after`."""
        with availability():
            found = await self._redis.xrange(keys.LOG, min=f"({normal(after)}", count=count)
        return [LogLine(line_id.decode(), decoded(fields)) for line_id, fields in found]

    async def log_lines_back(self, before: str | None, count: int) -> list[LogLine]:
        """Read log lines before line id `before`, the newest first."""
        newest = "+" if before is None else f"({normal(before)}"
        with availability():
            found = await self._redis.xrevrange(keys.LOG, max=newest, count=count)
        return [LogLine(line_id.decode(), decoded(fields)) for line_id, fields in found]


class RedisLane:
    """One lane's stream, as its subscription wants it."""

    def __init__(self, streams: RedisStreams, topic: Topic) -> None:
        self._streams = streams
        self._topic = topic
        self._key = keys.lane(topic.charge_point_id, topic.lane)

    async def page(self, after: str, count: int) -> Page:
        """See `LaneStream.page`."""
        return await self._streams.page(self._key, after, count)

    async def bury(self, entry: Entry, reason: str) -> None:
        """See `LaneStream.bury`."""
        data = entry.data.decode(errors="replace")
        letter = DeadLetter(self._topic.lane, entry.stream_id, data, reason)
        await self._streams.bury(self._topic.charge_point_id, letter)


def pairs_to_dict(pairs: Sequence[bytes]) -> dict[bytes, bytes]:
    """Give a hash or an entry as Redis sends it: names and values in turn."""
    return dict(zip(pairs[::2], pairs[1::2], strict=True))


def decoded_pairs(pairs: Sequence[bytes]) -> dict[str, str]:
    """Give a hash as text, from names and values in turn."""
    return decoded(pairs_to_dict(pairs))


def decoded(fields: dict[bytes, bytes]) -> dict[str, str]:
    """Give a hash or an entry as text."""
    return {
        name.decode(errors="replace"): value.decode(errors="replace")
        for name, value in fields.items()
    }
