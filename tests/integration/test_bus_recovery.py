"""The bus over a real server whose connections, and which itself, are killed."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from sdk.bus import keys
from sdk.bus.interface import Bus, BusUnavailableError, Commit, Outcome, StateWrite
from sdk.bus.keys import Lane
from sdk.bus.redis_bus import RedisBus
from sdk.embedded import EmbeddedServer
from sdk.events.envelope import Envelope
from sdk.ids import new_event_id, utc_now

CP = "CP-1"
BEACON_SECONDS = 0.2


def make_event(value: int) -> Envelope:
    body = {"type": "MeterValueReported", "sampled_at": utc_now(), "energy_wh": value}
    return Envelope.model_validate(
        {"id": new_event_id(), "charge_point_id": CP, "at": utc_now(), "body": body}
    )


async def publish_surely(bus: Bus, envelope: Envelope) -> None:
    """Publish as a service does: again until it is acknowledged."""
    while True:
        with suppress(BusUnavailableError):
            await bus.publish(Lane.IN, envelope, reserved=True)
            return


async def read_numbers(subscription: Any, count: int) -> list[int]:
    numbers: list[int] = []
    async for delivery in subscription:
        numbers.append(delivery.envelope.body.energy_wh)
        if len(numbers) == count:
            break
    return numbers


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[EmbeddedServer]:
    server = await EmbeddedServer.start(tmp_path)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(server.keep())
        yield server
        await server.stop()


@pytest.fixture
async def bus(server: EmbeddedServer) -> AsyncIterator[RedisBus]:
    bus = RedisBus.from_url(server.url, beacon_seconds=BEACON_SECONDS)
    yield bus
    await bus.close()


async def test_killed_connections_lose_nothing(bus: RedisBus, server: EmbeddedServer) -> None:
    total = 1000

    async def kill() -> None:
        async with Redis.from_url(server.url) as client:
            for _ in range(5):
                await asyncio.sleep(0.15)
                await client.client_kill_filter(_type="pubsub")
                await client.client_kill_filter(_type="normal", skipme=True)

    async def publish() -> None:
        for value in range(total):
            await publish_surely(bus, make_event(value))
            await asyncio.sleep(0.001)

    async with bus.follow() as follower:
        durable = await follower.subscribe(CP, Lane.IN, after="0", reader="manager")
        passing = await follower.subscribe(CP, Lane.IN, after=None)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(publish())
            tasks.create_task(kill())
            of_durable = tasks.create_task(read_numbers(durable, total))
            of_passing = tasks.create_task(read_numbers(passing, total))
    assert of_durable.result() == list(range(total))
    assert of_passing.result() == list(range(total))


async def test_a_killed_server_keeps_what_it_acknowledged(
    bus: RedisBus, server: EmbeddedServer
) -> None:
    total = 600
    guard = await bus.new_fence(keys.fence(CP))

    async def kill() -> None:
        for _ in range(2):
            await asyncio.sleep(0.2)
            if server.pid is not None:
                os.kill(server.pid, signal.SIGKILL)

    async def publish() -> None:
        for value in range(total):
            await publish_surely(bus, make_event(value))
            await asyncio.sleep(0.001)

    async with bus.follow() as follower:
        subscription = await follower.subscribe(CP, Lane.IN, after="0", reader="manager")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(publish())
            tasks.create_task(kill())
            seen = tasks.create_task(read_numbers(subscription, total))
    assert seen.result() == list(range(total))
    assert await bus.apply(Commit(CP, guards=[guard])) is Outcome.APPLIED


async def test_a_durable_reader_that_was_away_misses_nothing(
    bus: RedisBus, server: EmbeddedServer
) -> None:
    async with bus.follow() as follower:
        subscription = await follower.subscribe(CP, Lane.IN, after="0", reader="manager")
        for value in range(10):
            await bus.publish(Lane.IN, make_event(value))
        for _ in range(10):
            delivery = await anext(aiter(subscription))
            await bus.apply(Commit(CP, reader="manager", stream_id=delivery.stream_id))
    for value in range(10, 2000):
        await bus.publish(Lane.IN, make_event(value), reserved=True)
    again = RedisBus.from_url(server.url)
    async with again.follow() as follower:
        cursor = await again.cursor(CP, "manager")
        subscription = await follower.subscribe(CP, Lane.IN, after=cursor, reader="manager")
        assert await read_numbers(subscription, 1990) == list(range(10, 2000))
    await again.close()


async def test_the_log_is_followed_over_a_killed_server(
    bus: RedisBus, server: EmbeddedServer
) -> None:
    async with bus.follow() as follower:
        subscription = await follower.subscribe_log(after="0")
        await bus.append_log([{"text": "before"}])
        assert (await anext(aiter(subscription)))[0].fields == {"text": "before"}
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        await bus.append_log([{"text": "behind"}])
        assert (await anext(aiter(subscription)))[0].fields == {"text": "behind"}


async def test_a_commit_whose_answer_was_lost_is_still_applied(
    bus: RedisBus, server: EmbeddedServer
) -> None:
    """Connections die all the time: a commit that is repeated by itself never says duplicate."""
    key = keys.session(CP, 1)
    stopping = asyncio.Event()

    async def kill() -> None:
        async with Redis.from_url(server.url) as client:
            while not stopping.is_set():
                with suppress(RedisError):
                    await client.client_kill_filter(_type="normal", skipme=True)
                await asyncio.sleep(0.02)

    outcomes = []
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(kill())
        for version in range(100):
            write = StateWrite(key, {"version": str(version + 1)}, version)
            commit = Commit(CP, cause=new_event_id(), writes=[write])
            outcomes.append(await bus.apply(commit))
        stopping.set()
    assert set(outcomes) == {Outcome.APPLIED}
    assert await bus.read(key) == {"version": "100"}


async def test_a_half_open_connection_is_noticed(server: EmbeddedServer) -> None:
    async with asyncio.TaskGroup() as tasks:
        proxy = Proxy(server.url, tasks)
        url = await proxy.open()
        bus = RedisBus.from_url(url, beacon_seconds=BEACON_SECONDS)
        async with bus.follow() as follower:
            subscription = await follower.subscribe(CP, Lane.IN, after=None)
            await bus.publish(Lane.IN, make_event(1))
            assert await read_numbers(subscription, 1) == [1]
            proxy.freeze(subscribers_only=True)
            await bus.publish(Lane.IN, make_event(2))
            async with asyncio.timeout(5):
                assert await read_numbers(subscription, 1) == [2]
        await bus.close()
        proxy.close()


async def test_a_server_that_does_not_answer_is_unavailable_in_time(
    server: EmbeddedServer,
) -> None:
    async with asyncio.TaskGroup() as tasks:
        proxy = Proxy(server.url, tasks)
        bus = RedisBus.from_url(await proxy.open(), answer_seconds=0.3)
        await bus.publish(Lane.IN, make_event(1))
        proxy.freeze()
        async with asyncio.timeout(1):
            with pytest.raises(BusUnavailableError):
                await bus.publish(Lane.IN, make_event(2))
        await bus.publish(Lane.IN, make_event(3))
        await bus.close()
        proxy.close()


async def test_scripts_that_the_server_forgot_are_loaded_again(
    bus: RedisBus, server: EmbeddedServer
) -> None:
    async with Redis.from_url(server.url) as client:
        for first in (0, 20):
            await client.script_flush()
            events = [make_event(value) for value in range(first, first + 20)]
            published = await asyncio.gather(*(bus.publish(Lane.IN, e) for e in events))
            assert not any(one.duplicate for one in published)


async def test_a_cancelled_publisher_takes_no_other_one_with_it(bus: RedisBus) -> None:
    async with bus.follow() as follower:
        subscription = await follower.subscribe(CP, Lane.IN, after=None)
        async with asyncio.TaskGroup() as tasks:
            for value in range(300):
                task = tasks.create_task(publish_surely(bus, make_event(value)))
                if value % 3 == 0:
                    asyncio.get_running_loop().call_later(value / 1e5, task.cancel)
        await bus.publish(Lane.IN, make_event(1000))
        seen: list[int] = []
        while 1000 not in seen:
            seen.extend(await read_numbers(subscription, 1))
    kept = [value for value in range(300) if value % 3]
    assert [value for value in sorted(seen) if value % 3 and value < 1000] == kept
    assert len(set(seen)) == len(seen)


async def test_no_server_is_unavailable(unused_tcp_port_factory: Callable[[], int]) -> None:
    bus = RedisBus.from_url(f"redis://127.0.0.1:{unused_tcp_port_factory()}/0")
    with pytest.raises(BusUnavailableError):
        await bus.publish(Lane.IN, make_event(1))
    await bus.close()


async def test_a_wrong_password_is_unavailable(server: EmbeddedServer) -> None:
    _, _, place = server.url.partition("@")
    bus = RedisBus.from_url(f"redis://:wrong@{place}")
    with pytest.raises(BusUnavailableError, match="password"):
        await bus.ping()
    await bus.close()


class Proxy:
    """Passes bytes to the server, and can stop doing so without closing anything."""

    def __init__(self, url: str, tasks: asyncio.TaskGroup) -> None:
        self._login, _, place = url.partition("@")
        self._port = int(place.partition(":")[2].partition("/")[0])
        self._tasks = tasks
        self._all: set[asyncio.Event] = set()
        self._subscribers: set[asyncio.Event] = set()
        self._running: list[asyncio.Task[None]] = []
        self._server: asyncio.Server | None = None

    async def open(self) -> str:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        return f"{self._login}@127.0.0.1:{port}/0"

    def freeze(self, *, subscribers_only: bool = False) -> None:
        for frozen in self._subscribers if subscribers_only else self._all:
            frozen.set()

    def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._running:
            task.cancel()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_reader, to_writer = await asyncio.open_connection("127.0.0.1", self._port)
        frozen = asyncio.Event()
        self._all.add(frozen)
        for source, target in ((reader, to_writer), (to_reader, writer)):
            self._running.append(self._tasks.create_task(self._pass(source, target, frozen)))

    async def _pass(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, frozen: asyncio.Event
    ) -> None:
        try:
            while data := await source.read(65536):
                if b"SUBSCRIBE" in data:
                    self._subscribers.add(frozen)
                if not frozen.is_set():
                    target.write(data)
        except ConnectionError:
            pass
        finally:
            target.close()
