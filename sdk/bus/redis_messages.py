"""The message logs of charge points, in Redis."""

from collections.abc import Sequence
from typing import Any

from hiredis import pack_command
from redis.asyncio import Redis
from redis.exceptions import NoScriptError, ResponseError

from sdk.bus import keys
from sdk.bus.commit_call import milliseconds
from sdk.bus.limits import Limits
from sdk.bus.messages import MessageBatch, MessageEntry, MessagePage
from sdk.bus.raw_exchange import exchange
from sdk.bus.redis_connection import UNAVAILABLE, availability
from sdk.bus.redis_lane import RedisStreams
from sdk.bus.scripts import source
from sdk.bus.stream_ids import START, normal


class RedisMessages:
    """Appends to and reads from the message logs."""

    def __init__(self, redis: Redis, streams: RedisStreams, limits: Limits) -> None:
        self._redis: Any = redis  # typed for both decoding modes; ours always answers bytes
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
        with availability():
            answers = await exchange(self._redis, commands, len(commands))
            if any(isinstance(answer, NoScriptError) for answer in answers):
                await self._redis.script_load(self._script.script)
                answers = await exchange(
                    self._redis, commands, len(commands)
                )  # a batch that was added stays once
            for answer in answers:
                if isinstance(answer, UNAVAILABLE):
                    raise answer
        return [
            batch.charge_point_id
            for batch, answer in zip(batches, answers, strict=True)
            if isinstance(answer, ResponseError)
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
        whole: Any = (*head, len(batch.entries), *batch.entries, *counts)
        return bytes(pack_command(whole))
