"""Servers that Redis can be mistaken for, or is hidden behind: mute ones, and one that steals."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sdk.bus.redis_bus import RedisBus


@asynccontextmanager
async def bus_at(url: str, answer_seconds: float = 3.0) -> AsyncIterator[RedisBus]:
    """Give a bus until the block ends; `answer_seconds` as of `RedisBus`."""
    bus = RedisBus.from_url(url, answer_seconds=answer_seconds)
    try:
        yield bus
    finally:
        await bus.close()


@asynccontextmanager
async def mute(*, greets: bool) -> AsyncIterator[str]:
    """Listen, and answer nothing, or nothing but the words of welcome."""

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if greets and b"CLIENT" in data:
                writer.write(b"+OK\r\n" * data.count(b"CLIENT"))
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
    finally:
        server.close()


@asynccontextmanager
async def thief(url: str) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """Pass all to the server and back; once told to, steal a connection's answers and end it."""
    login, _, place = url.partition("@")
    port, steal = int(place.partition(":")[2].partition("/")[0]), asyncio.Event()

    async def forth(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()

    async def back(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if steal.is_set():
                steal.clear()
                break
            writer.write(data)
        writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_reader, to_writer = await asyncio.open_connection("127.0.0.1", port)
        with suppress(ConnectionError):
            await asyncio.gather(forth(reader, to_writer), back(to_reader, writer))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield f"{login}@127.0.0.1:{server.sockets[0].getsockname()[1]}/0", steal
    finally:
        server.close()
        await asyncio.sleep(0.02)
