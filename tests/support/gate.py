"""A TCP address that leads to another one, and can be shut."""

import asyncio
from typing import Self


class Gate:
    """Passes on what comes to `port` to loopback's port `to`, while it is open."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, to: int = 0) -> None:
        self.to = to
        self.passed = 0
        """Connections that came through."""
        self._host = host
        self._port = port
        self._through: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        return self._port

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.shut()

    async def open(self) -> None:
        """Listen; at the same port each time."""
        self._server = await asyncio.start_server(self._pass, self._host, self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """Listen no more, and cut off whoever came through."""
        self._server.close()
        for task in self._through:
            task.cancel()
        await asyncio.gather(*self._through, return_exceptions=True)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._through.add(task)
        self.passed += 1
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.to)
            async with asyncio.TaskGroup() as group:
                group.create_task(_copy(reader, far_writer))
                group.create_task(_copy(far_reader, writer))
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            self._through.discard(task)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        return
    finally:
        writer.close()
