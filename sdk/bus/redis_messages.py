"""The message logs of charge points, in Redis."""

from collections.abc import Sequence

from hiredis import ReplyError
from redis.asyncio import Redis

from sdk.bus import keys
from sdk.bus.commit_call import milliseconds
from sdk.bus.limits import Limits
from sdk.bus.messages import MessageBatch, MessageEntry, MessagePage
from sdk.bus.redis_lane import RedisStreams
from sdk.bus.redis_line import RedisLine, check_available, has_no_script, packed
from sdk.bus.scripts import source
from sdk.bus.stream_ids import START, normal


class RedisMessages:
    """Appends to and reads from the message logs."""

    def __init__(
        self, redis: Redis, line: RedisLine, streams: RedisStreams, limits: Limits
    ) -> None:
        self._line = line
        self._streams = streams
        self._script = redis.register_script(source("append_messages"))
        self._caps = (
            limits.message_entries,
            limits.message_bytes,
            milliseconds(limits.message_memory),
        )

    async def append(self, batches: Sequence[MessageBatch]) -> list[str]:
        """See `MessageStore.append_messages`."""
        commands = [self._packed(batch) for batch in batches]
        answers = await self._line.send(commands)
        if any(has_no_script(answer) for answer in answers):
            await self._line.read("SCRIPT", "LOAD", str(self._script.script))
            answers = await self._line.send(commands)  # a batch that was added stays once
        for answer in answers:
            check_available(answer)
        return [
            batch.charge_point_id
            for batch, answer in zip(batches, answers, strict=True)
            if isinstance(answer, ReplyError)
        ]

    async def page(self, charge_point_id: str, after: str, count: int) -> MessagePage:
        """See `MessageStore.read_messages`."""
        after = normal(after)
        page = await self._streams.page(keys.messages(charge_point_id), after, count)
        entries = [MessageEntry(entry.stream_id, entry.data) for entry in page.entries]
        return MessagePage(entries, page.gap and after != START)

    async def last(self, charge_point_id: str) -> str:
        """See `MessageStore.last_message`."""
        return await self._streams.start(keys.messages(charge_point_id), None)

    def _packed(self, batch: MessageBatch) -> bytes:
        counts = [part for pair in batch.counts.items() for part in pair]
        log, held = keys.messages(batch.charge_point_id), keys.counts(batch.charge_point_id)
        head = ("EVALSHA", self._script.sha, 2, log, held, batch.batch_id, *self._caps)
        return packed(*head, len(batch.entries), *batch.entries, *counts)
