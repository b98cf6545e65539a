"""Sockets that break WebSocket itself, that flood, and that never read: nobody else suffers."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from itertools import count
from time import monotonic

import pytest
from cpg_world import Point, World, connected, gateway_in_process, gateway_process
from fuzz_socket import BINARY, PING, PONG, TEXT, Ended, RawSocket, Received, frame, handshake

HEARTBEAT = b'[2,"%d","Heartbeat",{}]'
BREAKING = {
    "unmasked": (frame(TEXT, b"x", masked=False), 1002),
    "reserved bit": (frame(TEXT, b"x", reserved=4), 1002),
    "unknown opcode": (frame(3, b"x"), 1002),
    "unknown control": (frame(11, b"x"), 1002),
    "long ping": (frame(PING, b"x" * 126), 1002),
    "ping in parts": (frame(PING, b"x", fin=False), 1002),
    "an end without start": (frame(0, b"x"), 1002),
    "two starts": (frame(TEXT, b"x", fin=False) * 2, 1002),
    "2 MB": (frame(TEXT, b'[2,"1","' + b"x" * 2_000_000), 1009),
    "2 MB announced": (frame(TEXT, b"x", length=2_000_000), 1009),
    "an endless length": (frame(TEXT, b"x", length=2**63 - 1), 1009),
    "too much in parts": (
        frame(TEXT, b"x" * 999, fin=False) + frame(0, b"x" * 999, fin=False) * 66,
        1009,
    ),
}
_KERNEL_MOST = 16_000_000
"""More than what the buffers of two sockets can hold between them."""


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


@asynccontextmanager
async def small(port: int, path: str) -> AsyncIterator[RawSocket]:
    """Open a socket that takes little before its peer has to wait."""
    plain = socket.socket()
    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        plain.setsockopt(socket.SOL_SOCKET, option, 8192)
    plain.setblocking(False)
    await asyncio.get_running_loop().sock_connect(plain, ("127.0.0.1", port))
    opened = RawSocket(*await asyncio.open_connection(sock=plain, limit=4096))
    try:
        await opened.write(handshake("127.0.0.1", path))
        assert b" 101 " in await opened.http_answer(5)
        yield opened
    finally:
        opened.abort()


@asynccontextmanager
async def opened(url: str, path: str) -> AsyncIterator[RawSocket]:
    """Open a socket, and drop it at the end."""
    raw = await RawSocket.open(port_of(url), path)
    try:
        yield raw
    finally:
        raw.abort()


async def pour(raw: RawSocket, parts: Iterable[bytes], seconds: float = 0.5) -> int:
    """Write until nothing was taken for a while; give how many bytes were."""
    sent = 0
    for part in parts:
        try:
            async with asyncio.timeout(seconds):
                await raw.write(part)
        except TimeoutError:
            break
        sent += len(part)
    return sent


async def slowest(point: Point, times: int = 20, pause: float = 0.02) -> float:
    """Give the longest that a Heartbeat of a well-behaved charge point takes, in seconds."""
    longest = 0.0
    for _ in range(times):
        began = monotonic()
        assert await point.tell("Heartbeat", {})
        longest = max(longest, monotonic() - began)
        await asyncio.sleep(pause)
    return longest


@pytest.mark.parametrize("name", BREAKING)
async def test_what_breaks_websocket_ends_its_own_socket(world: World, cp: str, name: str) -> None:
    data, code = BREAKING[name]
    await world.register("GOOD")
    async with world.point("GOOD") as good:
        async with opened(world.url, f"/{cp}") as raw:
            await raw.write(data)
            ended = await raw.receive()
            assert isinstance(ended, Ended)
            assert ended.code == code
        assert await good.tell("Heartbeat", {})
    async with world.point(cp) as again:
        assert await again.tell("Heartbeat", {})


async def test_a_message_in_parts_and_one_in_binary_are_messages(world: World, cp: str) -> None:
    whole = HEARTBEAT % 1
    async with opened(world.url, f"/{cp}") as raw:
        await raw.write(
            frame(TEXT, whole[:5], fin=False)
            + frame(PING, b"now")
            + frame(0, fin=False)
            + frame(0, whole[5:])
            + frame(BINARY, HEARTBEAT % 2)
        )
        assert await raw.receive() == Received(PONG, b"now")
        for number in (1, 2):
            answer = await raw.receive()
            assert isinstance(answer, Received)
            assert answer.opcode == TEXT
            assert json.loads(answer.payload)[:2] == [3, str(number)]


async def test_messages_above_the_rate_wait_and_are_all_answered(redis_url: str) -> None:
    async with gateway_in_process(redis_url, messages_per_second=100, message_burst=20) as world:
        await world.register("QUICK")
        async with world.point("QUICK") as point:
            began = monotonic()
            for number in range(60):
                await point.socket.send((HEARTBEAT % number).decode())
            answered = [(await point.take())[1] for _ in range(60)]
            assert answered == [str(number) for number in range(60)]
            assert monotonic() - began > 0.35
        assert await world.counted("QUICK", "throttled") > 0


async def test_who_never_reads_has_to_wait_and_is_answered_when_it_does(redis_url: str) -> None:
    numbers = count()
    async with gateway_in_process(redis_url, messages_per_second=0) as world:
        await world.register("MUTE")
        await world.register("GOOD")
        async with world.point("GOOD") as good, small(port_of(world.url), "/MUTE") as raw:
            parts = (
                b"".join(frame(TEXT, HEARTBEAT % next(numbers)) for _ in range(200))
                for _ in range(_KERNEL_MOST // 6000)
            )
            sent = await pour(raw, parts)
            assert sent < _KERNEL_MOST / 2, "all was taken, and its answers wait in memory"
            assert await slowest(good, 5) < 0.5
            for number in range(next(numbers)):
                answer = await raw.receive()
                assert isinstance(answer, Received)
                assert json.loads(answer.payload)[1] == str(number)


async def test_who_pings_and_never_reads_has_to_wait(redis_url: str) -> None:
    async with gateway_in_process(redis_url) as world:
        await world.register("MUTE")
        await world.register("GOOD")
        async with world.point("GOOD") as good, small(port_of(world.url), "/MUTE") as raw:
            pings = frame(PING, b"x" * 125) * 100
            sent = await pour(raw, [pings] * (_KERNEL_MOST // len(pings)))
            assert sent < _KERNEL_MOST / 2, "all was taken, and its answers wait in memory"
            assert await slowest(good, 5) < 0.5


def statuses() -> bytes:
    """Give 8,000 StatusNotifications, each another one than the one before."""
    payloads = [
        f'{{"connectorId":1,"status":"{name}","errorCode":"NoError"}}'
        for name in ("Available", "Preparing", "Charging", "Finishing")
    ]
    texts = [f'[2,"{n}","StatusNotification",{payloads[n % 4]}]' for n in range(8000)]
    return b"".join(frame(TEXT, text.encode()) for text in texts)


@pytest.mark.parametrize("kind", ["statuses", "pings", "empty parts"])
async def test_a_flood_holds_up_nobody_else(world: World, redis_url: str, kind: str) -> None:
    floods: dict[str, Callable[[], bytes]] = {
        "statuses": statuses,
        "pings": lambda: frame(PING) * 200_000,
        "empty parts": lambda: frame(TEXT, fin=False) + frame(0, fin=False) * 200_000,
    }
    flood = floods[kind]()
    await world.register("FLOOD")
    await world.register("GOOD")
    async with gateway_process(redis_url) as (_, url), connected(f"{url}/GOOD") as good:
        async with opened(url, "/FLOOD") as raw, asyncio.TaskGroup() as group:
            tasks = [group.create_task(raw.write(flood)), group.create_task(raw.rest(60))]
            assert await slowest(good, 40) < 0.5
            for task in tasks:
                task.cancel()
        assert await good.tell("Heartbeat", {})


async def test_a_storm_of_handshakes_holds_up_nobody_inside(world: World, redis_url: str) -> None:
    names = [f"STORM-{number}" for number in range(100)]
    for name in (*names, "GOOD"):
        await world.register(name)
    async with gateway_process(redis_url) as (_, url), connected(f"{url}/GOOD") as good:
        async with asyncio.TaskGroup() as group:
            storm = [group.create_task(RawSocket.open(port_of(url), f"/{name}")) for name in names]
            assert await slowest(good) < 0.5
        for task in storm:
            task.result().abort()
