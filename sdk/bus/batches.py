"""Script calls of many tasks, sent together: one round trip and one write for all that wait.

There is no task of its own: of the callers that wait, one leads. It sends its own call with all the
others, hands out the answers, and appoints the next. The scripts that go this way give a repeat the
same answer, so what a cancelled leader had under way is simply sent again.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from redis.commands.core import AsyncScript
from redis.exceptions import NoScriptError, ResponseError

from sdk.bus.interface import BusUnavailableError
from sdk.bus.redis_connection import availability

LEADERS = 2
LARGEST_BATCH = 128

Answer = Any
_PENDING = object()


class _Call:
    """One call; `turn` is true for its answer, false for the lead."""

    def __init__(self, script: AsyncScript, command: tuple[str | int, ...]) -> None:
        self.script = script
        self.command = command
        self.turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.answer: Answer = _PENDING

    @property
    def leads(self) -> bool:
        """Whether this call was appointed."""
        return self.turn.done() and not self.turn.cancelled() and not self.turn.result()

    def settle(self) -> None:
        """Hand out the answer, or the error that came instead, if there is one."""
        known = self.answer is not _PENDING and not isinstance(self.answer, NoScriptError)
        if known and not self.turn.done():
            self.turn.set_result(True)


class Batches:
    """Calls scripts in batches, of which at most `leaders` are under way."""

    def __init__(self, redis: Redis, leaders: int = LEADERS) -> None:
        self._redis: Any = redis
        self._free = leaders
        self._waiting: deque[_Call] = deque()

    async def call(
        self, script: AsyncScript, keys: Sequence[str], args: Sequence[str | int]
    ) -> Answer:
        """Call a script whose repeat gives the same answer. Raises BusUnavailableError."""
        call = _Call(script, ("EVALSHA", script.sha, len(keys), *keys, *args))
        if self._free:
            self._free -= 1
            await self._lead(call)
        else:
            self._waiting.append(call)
            try:
                answered = await call.turn
            except asyncio.CancelledError:
                if call.leads:
                    self._hand_on()
                raise
            if not answered:
                await self._lead(call)
        if isinstance(call.answer, Exception):
            with availability():
                raise call.answer
        return call.answer

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
                    for script in {call.script.sha: call.script for call in missing}.values():
                        await self._redis.script_load(script.script)
                    await self._exchange(missing)
        except BusUnavailableError as error:
            for call in batch:
                call.answer = BusUnavailableError(str(error))
        finally:
            for call in batch:
                call.settle()

    async def _exchange(self, batch: list[_Call]) -> None:
        if len(batch) == 1:
            await self._exchange_one(batch[0])
            return
        pipe = self._redis.pipeline(transaction=False)
        for call in batch:
            pipe.execute_command(*call.command)
        answers = await pipe.execute(raise_on_error=False)
        for call, answer in zip(batch, answers, strict=True):
            call.answer = answer

    async def _exchange_one(self, call: _Call) -> None:
        try:
            call.answer = await self._redis.execute_command(*call.command)
        except ResponseError as error:
            call.answer = error
