"""Clients of the console that ask and then read nothing: what is kept for them has an end."""

import asyncio
import os
import socket
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from console_socket import until
from console_world import ConsoleWorld, console_world
from redis.asyncio import Redis
from yarl import URL

from session_manager import console_client, console_listening
from session_manager.sign_in_cookie import COOKIE

LINES = 5_000
LONG = "x" * 2_000
WITHIN_S = 20


@pytest.fixture
async def world(
    redis: Redis, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ConsoleWorld]:
    assert redis is not None
    monkeypatch.setattr(console_client, "STALLED_S", 0.5)
    monkeypatch.setattr(console_listening, "UNREAD_S", 1.0)
    async with console_world(redis_url, static=tmp_path) as world:
        await world.bus.append_log([{"text": LONG, "level": "info"}] * LINES)
        yield world


async def _asked(world: ConsoleWorld, path: str, headers: dict[str, str]) -> socket.socket:
    """Send a request as a viewer who takes little at once; the answer is not read."""
    url, loop = URL(world.url), asyncio.get_running_loop()
    mine = socket.socket()
    mine.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    mine.setblocking(False)
    await loop.sock_connect(mine, (url.host, url.port))
    told = {
        "Host": f"{url.host}:{url.port}",
        "Cookie": f"{COOKIE}={await world.token('viewer')}",
        **headers,
    }
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items())]
    await loop.sock_sendall(mine, "\r\n".join([*lines, "", ""]).encode())
    return mine


async def _read_to_end(mine: socket.socket) -> int:
    """Read what is left, until the other side ended it; give how much came."""
    loop, size = asyncio.get_running_loop(), 0
    with mine, suppress(ConnectionError):
        async with asyncio.timeout(WITHIN_S):
            while data := await loop.sock_recv(mine, 65_536):
                size += len(data)
    return size


async def test_a_page_that_reads_nothing_is_cut_off_and_little_is_kept_for_it(
    world: ConsoleWorld,
) -> None:
    upgrade = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": b64encode(os.urandom(16)).decode(),
        "Sec-WebSocket-Version": "13",
    }
    mine = await _asked(world, "/socket.io/?EIO=4&transport=websocket", upgrade)
    connect, mask = b"40{}", b"mask"
    masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(connect))
    frame = bytes([0x81, 0x80 | len(connect)]) + mask + masked
    await asyncio.get_running_loop().sock_sendall(mine, frame)
    assert world._console is not None
    clients, sockets = world._console._clients, world._console._server.eio.sockets
    most = 0
    async with asyncio.timeout(WITHIN_S):
        await until(lambda: clients)
        while clients:
            await world.bus.append_log([{"text": LONG, "level": "info"}] * 500)
            for each in list(sockets.values()):
                waiting = [packet.data or "" for packet in each.queue._queue if packet]
                most = max(most, sum(map(len, waiting)))
            await asyncio.sleep(0.05)
    await until(lambda: not sockets)
    packet = 500 * (len(LONG) + 300)
    assert 0 < most < console_client.MOST_QUEUED_CHARACTERS + packet
    await _read_to_end(mine)


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="only Linux does it")
async def test_who_reads_no_answer_is_let_go(world: ConsoleWorld) -> None:
    mine = await _asked(world, "/api/v1/log?limit=1000", {})
    assert world._console is not None
    runner = world._console._runner
    assert runner is not None
    assert runner.server is not None
    server = runner.server
    await until(lambda: server.connections)
    await until(lambda: not server.connections, WITHIN_S)
    assert await _read_to_end(mine) < 1_000 * len(LONG)
