"""Calls of many tasks, sent together: one round trip and one write for all that wait.

There is no task of its own: of the callers that wait, one leads. It sends its own call with all the
others, hands out the answers, and appoints the next. What goes this way gives a repeat the same
answer, so what a cancelled leader had under way is simply sent again.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import Any, cast

from hiredis import pack_command
from redis.asyncio import Redis
from redis.commands.core import AsyncScript
from redis.exceptions import NoScriptError

from sdk.bus.interface import BusUnavailableError
from sdk.bus.raw_exchange import exchange
from sdk.bus.redis_connection import availability

LEADERS = 2
LARGEST_BATCH = 128

Answer = Any
_Packable = tuple[str | int | float | bytes | memoryview]
"""What hiredis says that it packs; it takes a tuple of any length."""
_PENDING = object()


class _Call:
    """One call; `turn` is true for its answer, false for the lead."""

    __slots__ = ("answer", "count", "packed", "script", "turn")

    def __init__(self, script: AsyncScript | None, *command: str | int | bytes) -> None:
        self.script = script
        # redis-py packs in Python, argument by argument: half of what a commit cost
        self.packed = pack_command(cast("_Packable", command))
        self.turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.count = 1
        self.answer: Answer = _PENDING

    def add(self, *command: str) -> None:
        """Send another command with it; the answer is then a list."""
        self.packed += pack_command(cast("_Packable", command))
        self.count += 1

    @property
    def leads(self) -> bool:
        """Whether this call was appointed."""
        return self.turn.done() and not self.turn.cancelled() and not self.turn.result()

    @property
    def is_answered(self) -> bool:
        """Whether there is an answer, or an error that came instead."""
        return self.answer is not _PENDING and not isinstance(self.answer, NoScriptError)

    def settle(self) -> None:
        """Hand out the answer, or the error that came instead, if there is one."""
        if self.is_answered and not self.turn.done():
            self.turn.set_result(True)


class Batches:
    """Sends calls in batches, of which at most `leaders` are under way."""

    def __init__(self, redis: Redis, leaders: int = LEADERS) -> None:
        self._redis: Any = redis
        self._free = leaders
        self._waiting: deque[_Call] = deque()

    async def call(
        self, script: AsyncScript, keys: Sequence[str], args: Sequence[str | int | bytes]
    ) -> Answer:
        """Call a script whose repeat gives the same answer. Raises BusUnavailableError."""
        return await self._answered(_Call(script, "EVALSHA", script.sha, len(keys), *keys, *args))

    async def read(self, *command: str) -> Answer:
        """Send a command that changes nothing. Raises BusUnavailableError."""
        return await self._answered(_Call(None, *command))

    async def read_all(self, commands: Sequence[Sequence[str]]) -> list[Answer]:
        """Send commands that change nothing, together. Raises BusUnavailableError."""
        call = _Call(None, *commands[0])
        for command in commands[1:]:
            call.add(*command)
        answers = await self._answered(call)
        return answers if call.count > 1 else [answers]

    async def _answered(self, call: _Call) -> Answer:
        if self._free:
            self._free -= 1
            await self._lead(call)
            return _result(call)
        self._waiting.append(call)
        return await self._settled(call)

    async def _settled(self, call: _Call) -> Answer:
        try:
            answered = await call.turn
        except asyncio.CancelledError:
            if call.leads:
                self._hand_on()
            raise
        if not answered:
            await self._lead(call)
        return _result(call)

    async def _lead(self, own: _Call) -> None:
        batch = [own]
        while self._waiting and len(batch) < LARGEST_BATCH:
            call = self._waiting.popleft()
            if not call.turn.done():
                batch.append(call)
        try:
            await self._send(batch)
        finally:
            self._waiting.extendleft(c for c in reversed(batch[1:]) if not c.turn.done())
            self._hand_on()

    def _hand_on(self) -> None:
        while self._waiting:
            call = self._waiting.popleft()
            if not call.turn.done():
                call.turn.set_result(False)
                return
        self._free += 1

    async def _send(self, batch: list[_Call]) -> None:
        try:
            with availability():
                await self._exchange(batch)
                missing = [call for call in batch if isinstance(call.answer, NoScriptError)]
                if missing:
                    scripts = {call.script.sha: call.script for call in missing if call.script}
                    for script in scripts.values():
                        await self._redis.script_load(script.script)
                    await self._exchange(missing)
        except BusUnavailableError as error:
            for call in batch:
                if not call.is_answered:
                    call.answer = BusUnavailableError(str(error))
            self._refuse_waiting(error)
        finally:
            for call in batch:
                call.settle()

    def _refuse_waiting(self, error: BusUnavailableError) -> None:
        """Refuse what has waited as long: batch after batch would keep the last for ages."""
        while self._waiting:
            call = self._waiting.popleft()
            call.answer = BusUnavailableError(str(error))
            call.settle()

    async def _exchange(self, batch: list[_Call]) -> None:
        count = sum(call.count for call in batch)
        answers = iter(await exchange(self._redis, [call.packed for call in batch], count))
        for call in batch:
            call.answer = next(answers) if call.count == 1 else list(islice(answers, call.count))


def _result(call: _Call) -> Answer:
    answer = call.answer
    parts = answer if call.count > 1 and isinstance(answer, list) else [answer]
    for part in parts:
        if isinstance(part, Exception):
            with availability():
                raise part
    return answer
