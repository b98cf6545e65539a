"""A connection whose far end takes nothing any more: it is given up in time, and dialled anew."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sdk.p2p.errors import SlowPeerError
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import P2pKey
from sdk.p2p.node import NodeSettings

PROTOCOL = "/test/1.0.0"


class Wire:
    """Forwards to `port`; cut, it takes nothing and gives nothing, and says nothing about it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._whole = asyncio.Event()
        self._whole.set()

    def cut(self) -> None:
        self._whole.clear()

    def mend(self) -> None:
        self._whole.set()

    @asynccontextmanager
    async def up(self) -> AsyncIterator[int]:
        listener = socket.socket()
        # Small, so that little fills it.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        listener.bind(("127.0.0.1", 0))
        server = await asyncio.start_server(self._serve, sock=listener, limit=8192)
        try:
            yield listener.getsockname()[1]
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._copy(reader, far_writer))
                group.create_task(self._copy(far_reader, writer))
        finally:
            writer.close()
            far_writer.close()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(4096):
                await self._whole.wait()
                writer.write(data)
                await writer.drain()
            writer.close()


async def test_a_dead_connection_is_given_up_though_its_buffers_are_full() -> None:
    node = NodeSettings(P2pKey.generate(), ("/ip4/127.0.0.1/tcp/0",))
    async with P2pHost(node, (PROTOCOL,)) as far, P2pHost(NodeSettings(P2pKey.generate())) as near:
        wire = Wire(int(far.addresses[0].split("/")[4]))
        async with wire.up() as port:
            await near.connect(f"/ip4/127.0.0.1/tcp/{port}/p2p/{far.peer_id}")
            streams = [await near.open_stream(far.peer_id, PROTOCOL) for _ in range(8)]
            wire.cut()
            for stream in streams:
                with suppress(SlowPeerError):
                    while True:
                        stream.write_frame_nowait(b"x" * 60_000)
            await asyncio.sleep(0.5)
            async with asyncio.timeout(10):
                await near.disconnect(far.peer_id)
            await near.connect(far.addresses[0])
            again = await near.open_stream(far.peer_id, PROTOCOL)
            await again.write_frame(b"hello")
            for _ in streams:
                await far.accept()
            assert await (await far.accept()).read_frame(5) == b"hello"
            wire.mend()
