"""One connection for the calls of many tasks: each gets its own answer, and harms no other."""

import asyncio
import gc
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from random import Random

import pytest
from hiredis import ReplyError
from lossy_redis import bus_at
from redis.asyncio import Redis
from redis.exceptions import ResponseError
from soak_random import seeded

from sdk.bus.interface import BusUnavailableError
from sdk.bus.redis_bus import RedisBus
from sdk.bus.redis_connection import connect
from sdk.bus.redis_line import RedisLine, packed

NUMBERS = 20


@pytest.fixture
async def line(redis: Redis, redis_url: str) -> AsyncIterator[RedisLine]:
    for number in range(NUMBERS):
        await redis.set(f"text:{number}", f"t{number}")
        await redis.hset(f"hash:{number}", mapping={"n": str(number)})
    client = connect(redis_url)
    line = RedisLine(client)
    yield line
    await line.close()
    await client.aclose()


ECHO = "return {KEYS[1], ARGV[1]}"
REFUSE = "return redis.error_reply('MINE ' .. ARGV[1])"


class Caller:
    """Asks for this and that, each time something else, and checks what it is answered."""

    def __init__(self, line: RedisLine, redis: Redis, rng: Random) -> None:
        self._line = line
        self._echo = redis.register_script(ECHO)
        self._refuse = redis.register_script(REFUSE)
        self._rng = rng

    async def run(self, times: int) -> None:
        kinds = (self.text, self.several, self.script, self.refused, self.wrong, self.mixed)
        for _ in range(times):
            await self._rng.choice(kinds)(self._rng.randrange(NUMBERS))

    async def text(self, number: int) -> None:
        assert await self._line.read("GET", f"text:{number}") == b"t%d" % number

    async def several(self, number: int) -> None:
        names = [(number + step) % NUMBERS for step in range(1 + number % 4)]
        found = await self._line.read_all([("HGETALL", f"hash:{name}") for name in names])
        assert found == [[b"n", b"%d" % name] for name in names]

    async def script(self, number: int) -> None:
        name = f"k{number}"
        found = await self._line.call(self._echo, [name], [number])
        assert found == [name.encode(), b"%d" % number]

    async def refused(self, number: int) -> None:
        with pytest.raises(ResponseError, match=f"^MINE {number}$"):
            await self._line.call(self._refuse, [], [number])

    async def wrong(self, number: int) -> None:
        with pytest.raises(ResponseError, match="WRONGTYPE"):
            await self._line.read("HGETALL", f"text:{number}")

    async def mixed(self, number: int) -> None:
        commands = [("GET", f"text:{number}"), ("GET", f"hash:{number}"), ("GET", "none")]
        with pytest.raises(ResponseError, match="WRONGTYPE"):
            await self._line.read_all(commands)
        first, second, third = await self._line.send([packed(*each) for each in commands])
        assert (first, third) == (b"t%d" % number, None)
        assert isinstance(second, ReplyError)


async def test_each_caller_gets_its_own_answer(line: RedisLine, redis: Redis) -> None:
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        for number in range(60):
            tasks.create_task(Caller(line, redis, seeded(number)).run(25))


async def test_nothing_is_sent_for_no_commands(line: RedisLine) -> None:
    assert await line.read_all([]) == []
    assert await line.send([]) == []
    assert await line.send([packed("GET", "text:1")]) == [b"t1"]


async def test_large_calls_and_answers(line: RedisLine) -> None:
    texts = [str(number) * 300_000 for number in range(10)]

    async def keep(number: int) -> None:
        await line.read("SET", f"large:{number}", texts[number])
        assert await line.read("GET", f"large:{number}") == texts[number].encode()

    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        for number in range(10):
            tasks.create_task(keep(number))


@pytest.mark.parametrize("cancelled", [range(1), range(1, 30), range(29), range(0, 30, 2)])
async def test_who_is_cancelled_while_the_connection_opens_harms_nobody(
    line: RedisLine, redis: Redis, cancelled: range
) -> None:
    """The first one opens it; the others wait for it."""
    for turns in range(12):
        assert await line.read("GET", "text:1") == b"t1"
        await redis.client_kill_filter(_type="normal", skipme=True)
        await asyncio.sleep(0.002)
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            calls = [group.create_task(line.read("GET", f"text:{n % NUMBERS}")) for n in range(30)]
            for _ in range(turns):
                await asyncio.sleep(0)
            for number in cancelled:
                calls[number].cancel()
        for number, call in enumerate(calls):
            was_cancelled = number in cancelled and call.cancelled()
            assert was_cancelled or call.result() == b"t%d" % (number % NUMBERS)


async def test_who_is_cancelled_while_it_waits_leaves_the_answers_in_order(line: RedisLine) -> None:
    rng = seeded("cancelled")

    answered: list[int] = []

    async def ask(number: int) -> None:
        while True:
            assert await line.read("GET", f"text:{number}") == b"t%d" % number
            answered.append(number)

    async with asyncio.timeout(20):
        for _ in range(20):
            async with asyncio.TaskGroup() as group:
                calls = [group.create_task(ask(number)) for number in range(NUMBERS)]
                await asyncio.sleep(rng.random() / 200)
                for call in calls:
                    call.cancel()
                    await asyncio.sleep(0)
    assert len(answered) > 100
    assert await line.read("GET", "text:3") == b"t3"


async def used(bus: RedisBus) -> None:
    await bus.read_many(["any", "other"])


async def gave_up_opening(bus: RedisBus) -> None:
    for turns in range(1, 8):
        async with asyncio.TaskGroup() as group:
            opening = group.create_task(bus.read("any"))
            for _ in range(turns):
                await asyncio.sleep(0)
            opening.cancel()


async def was_killed(bus: RedisBus) -> None:
    await bus.read("any")
    bus._line._stream._transport.abort()  # type: ignore[union-attr]
    await asyncio.sleep(0)


async def was_killed_and_used(bus: RedisBus) -> None:
    await was_killed(bus)
    await bus.read("any")


@pytest.mark.parametrize("story", [used, gave_up_opening, was_killed, was_killed_and_used])
async def test_closing_leaves_no_socket_behind(
    redis_url: str, story: Callable[[RedisBus], Awaitable[None]]
) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        async with bus_at(redis_url) as bus:
            await story(bus)
        del bus
        await settle()
    assert [str(each.message) for each in caught] == []


async def test_closing_under_callers_leaves_no_socket_behind(redis_url: str) -> None:
    bus = RedisBus.from_url(redis_url)
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        await bus.read("any")
        for _ in range(20):
            group.create_task(asked(bus))
        await asyncio.sleep(0)
        await bus.close()
    assert bus._line._connection is None
    with pytest.raises(BusUnavailableError, match="closed"):
        await bus.read("any")


async def asked(bus: RedisBus) -> None:
    with suppress(BusUnavailableError):
        await bus.read("any")


async def settle() -> None:
    """Let what is closed go, and whatever is not be found."""
    for _ in range(5):
        await asyncio.sleep(0)
    gc.collect()
