"""Calls of many tasks, sent together: one round trip and one write for all that wait.

There is no task of its own: of the callers that wait, one leads. It sends its own call with all the
others, hands out the answers, and appoints the next. What goes this way gives a repeat the same
answer, so what a cancelled leader had under way is simply sent again.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
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

    __slots__ = ("answer", "led", "packed", "script", "turn")

    def __init__(self, script: AsyncScript | None, *command: str | int | bytes) -> None:
        self.script = script
        # redis-py packs in Python, argument by argument: half of what a commit cost
        self.packed = pack_command(cast("_Packable", command))
        self.turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.answer: Answer = _PENDING
        self.led = False

    @property
    def leads(self) -> bool:
        """Whether this call was appointed, and has not led yet."""
        appointed = self.turn.done() and not self.turn.cancelled() and not self.turn.result()
        return appointed and not self.led

    def settle(self) -> None:
        """Hand out the answer, or the error that came instead, if there is one."""
        known = self.answer is not _PENDING and not isinstance(self.answer, NoScriptError)
        if known and not self.turn.done():
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
        first, *others = [_Call(None, *command) for command in commands]
        self._waiting.extend(others)
        try:
            return [await self._answered(first), *[await self._settled(call) for call in others]]
        except BaseException:
            for call in others:
                self._abandon(call)
            raise

    def _abandon(self, call: _Call) -> None:
        if call.leads:
            self._hand_on()
        call.turn.cancel()

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
            self._abandon(call)
            raise
        if not answered:
            await self._lead(call)
        return _result(call)

    async def _lead(self, own: _Call) -> None:
        own.led = True
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
        answers = await exchange(self._redis, [call.packed for call in batch])
        for call, answer in zip(batch, answers, strict=True):
            call.answer = answer


def _result(call: _Call) -> Answer:
    if isinstance(call.answer, Exception):
        with availability():
            raise call.answer
    return call.answer
