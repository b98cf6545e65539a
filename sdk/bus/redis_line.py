"""One connection for the calls of many tasks: sent as they come, answered in their order.

Nothing waits for anything but its own answer: Redis works on the first call while the next is made.
What goes this way gives a repeat the same answer, as all that had no answer when a connection was
lost is sent again on the next one.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, cast

from hiredis import ReplyError, pack_command
from redis.asyncio import Redis
from redis.commands.core import AsyncScript
from redis.exceptions import ResponseError

from sdk.bus.interface import BusUnavailableError
from sdk.bus.redis_connection import ANSWER_SECONDS, UNAVAILABLE_CODES, availability
from sdk.bus.resp_stream import Answer, LostError, RespStream

_Packable = tuple[str | int | float | bytes | memoryview]
"""What hiredis says that it packs; it takes a tuple of any length."""
_ATTEMPTS = 3


def packed(*command: str | int | bytes) -> bytes:
    """Write a command as Redis takes it.

    redis-py packs in Python, argument by argument, which was half of what a commit cost.
    """
    return bytes(pack_command(cast("_Packable", command)))


class RedisLine:
    """Sends calls over a connection that it opens when it is needed, and again when it is lost."""

    def __init__(self, redis: Redis, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._pool: Any = redis.connection_pool
        self._answer_seconds = answer_seconds
        self._connection: Any = None  # redis-py's: it knows how to connect and sign in
        self._stream: RespStream | None = None
        self._is_closed = False
        self._opening: asyncio.Future[RespStream] | None = None

    async def call(
        self, script: AsyncScript, keys: Sequence[str], args: Sequence[str | int | bytes]
    ) -> Answer:
        """Call a script whose repeat gives the same answer. Raises BusUnavailableError."""
        command = packed("EVALSHA", script.sha, len(keys), *keys, *args)
        answer = await self._ask(command, 1)
        if has_no_script(answer):
            await self.read("SCRIPT", "LOAD", cast("str", script.script))
            answer = await self._ask(command, 1)
        return _checked(answer)

    async def read(self, *command: str) -> Answer:
        """Send a command whose repeat does no harm. Raises BusUnavailableError."""
        return _checked(await self._ask(packed(*command), 1))

    async def read_all(self, commands: Sequence[Sequence[str]]) -> list[Answer]:
        """Send commands whose repeat does no harm, together. Raises BusUnavailableError."""
        return [_checked(answer) for answer in await self.send([packed(*c) for c in commands])]

    async def send(self, commands: Sequence[bytes]) -> list[Answer]:
        """Send packed commands; one that was refused is answered by a ReplyError.

        A repeat of them must do no harm. Raises BusUnavailableError.
        """
        if not commands:
            return []
        answers = await self._ask(b"".join(commands), len(commands))
        return answers if len(commands) > 1 else [answers]

    async def close(self) -> None:
        """Let go of the connection; nothing more is sent."""
        self._is_closed = True
        await self._disconnect()

    async def _disconnect(self) -> None:
        if self._connection is not None:
            await self._connection.disconnect(nowait=True)
        self._connection = self._stream = None

    async def _ask(self, data: bytes, count: int) -> Answer:
        for _ in range(_ATTEMPTS):
            try:
                return await (await self._live()).ask(data, count)
            except LostError:
                continue
        raise BusUnavailableError("Redis ends the connection again and again")

    async def _live(self) -> RespStream:
        while self._stream is None or self._stream.is_lost:
            with suppress(LostError):  # who was opening it gave up
                return await self._opened()
        return self._stream

    async def _opened(self) -> RespStream:
        """Open the connection; who comes meanwhile waits for the same one, or for its failure."""
        if self._opening is not None:
            return await asyncio.shield(self._opening)
        opening = self._opening = asyncio.get_running_loop().create_future()
        try:
            stream = await self._open()
        except BusUnavailableError as error:
            opening.set_exception(error)
            opening.exception()  # maybe nobody else waits
            raise
        except BaseException:
            opening.set_exception(LostError())  # of those who wait, one tries again
            opening.exception()
            raise
        finally:
            self._opening = None
        opening.set_result(stream)
        return stream

    async def _open(self) -> RespStream:
        if self._is_closed:
            raise BusUnavailableError("the bus is closed")
        with availability():
            await self._disconnect()
            connection = self._connection = self._pool.make_connection()
            await connection.connect()
        if self._is_closed:
            await self._disconnect()
            raise BusUnavailableError("the bus is closed")
        stream = self._stream = RespStream(self._answer_seconds)
        # its own reader would take a task to wake for each answer
        stream.take_over(connection._writer.transport)  # noqa: SLF001
        return stream


def has_no_script(answer: Answer) -> bool:
    """Tell whether a script was called that the server does not know, after a restart perhaps."""
    return isinstance(answer, ReplyError) and _code(answer) == "NOSCRIPT"


def check_available(answer: Answer) -> None:
    """Raise BusUnavailableError for a refusal that says nothing of the call."""
    if isinstance(answer, ReplyError) and _code(answer) in UNAVAILABLE_CODES:
        raise BusUnavailableError(f"Redis takes no calls: {answer}")


def _code(error: ReplyError) -> str:
    return str(error).partition(" ")[0]


def _checked(answer: Answer) -> Answer:
    check_available(answer)
    if isinstance(answer, ReplyError):
        raise ResponseError(str(answer))
    return answer
