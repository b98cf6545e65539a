"""What is below the streams: packets in pieces and in heaps, broken messages, calls at the end."""

import asyncio
import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import trio
from libp2p.custom_types import TProtocol
from libp2p.peer.id import ID
from p2p_attackers import DATA, caller, packet, target, under_stream

from sdk.p2p import errors
from sdk.p2p.framing import encode_frame
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import P2pKey
from sdk.p2p.node import NodeSettings
from sdk.p2p.packets import PACKETS_AT_ONCE
from sdk.p2p.protocols import CONVERSATION
from sdk.p2p.runner import Runner


@asynccontextmanager
async def cutting(port: int, longest: int) -> AsyncIterator[int]:
    """Forward to a port in pieces of at most so many bytes; gives the port for that."""
    pieces = random.Random(longest)  # noqa: S311 - the same in each run

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(pieces.randint(1, longest)):
                writer.write(data)
                await asyncio.sleep(0)
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        async with asyncio.TaskGroup() as group:
            group.create_task(copy(reader, far_writer))
            group.create_task(copy(far_reader, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@pytest.mark.parametrize("longest", [3, 40, 5000])
@pytest.mark.parametrize("address", [0, 1])
async def test_packets_may_come_in_any_pieces(address: int, longest: int) -> None:
    sent = [os.urandom(size) for size in (1, 2, 300, 9000, 1, 65_536 if longest > 3 else 700)]
    async with target() as server, cutting(server.port(address), longest) as port:
        there = server.host.addresses[address].replace(str(server.port(address)), str(port))
        async with caller(there) as stream:
            for content in sent:
                await stream.write_frame(content)
            assert [await stream.read_frame(10) for _ in sent] == sent


async def test_many_packets_of_one_message_all_arrive_and_in_order() -> None:
    """More than are taken at once, each with one frame, for a stream that is open."""
    frames = [encode_frame(b"frame %d" % number) for number in range(PACKETS_AT_ONCE * 5)]

    async def heap(runner: Runner) -> bytes:
        peer_id = ID.from_base58(server.host.peer_id)
        stream: Any = await runner._host.new_stream(peer_id, [TProtocol(CONVERSATION)])
        muxed = stream.muxed_stream
        packets = [packet(DATA, 0, muxed.stream_id, len(frame), frame) for frame in frames]
        await muxed.conn.secured_conn.write(b"".join(packets))
        got = b""
        with trio.fail_after(10):
            while len(got) < sum(map(len, frames)):
                got += await stream.read(4096)
        return got

    async with target() as server, P2pHost(NodeSettings(P2pKey.generate())) as host:
        await host.connect(server.tcp)
        assert await host._call(heap) == b"".join(frames)


@pytest.mark.parametrize("broken", ["empty", "forged", "no seal", "half"])
async def test_a_broken_message_ends_its_connection_and_no_other(broken: str) -> None:
    async def send(muxer: Any) -> None:
        packets = muxer.secured_conn
        await packets._raw.write(
            {
                "empty": b"\0\x10" + packets._encrypt(b""),
                "forged": b"\0\x40" + os.urandom(64),
                "no seal": b"\0\0",
                "half": b"\xff\xff" + os.urandom(5000),
            }[broken]
        )
        if broken == "half":
            await packets._raw.close()

    async with (
        target() as server,
        caller(server.tcp) as good,
        P2pHost(NodeSettings(P2pKey.generate())) as rude,
    ):
        await rude.connect(server.tcp)
        await under_stream(rude, server.host.peer_id, send)
        await server.until_left(1)
        await good.write_frame(b"fine")
        assert await good.read_frame(5) == b"fine"
        await server.check()


async def test_a_call_while_the_host_ends_is_refused_and_no_crash() -> None:
    host = P2pHost(NodeSettings(P2pKey.generate(), ("/ip4/127.0.0.1/tcp/0",)))
    await host.start()
    runner = host._runner
    assert runner is not None
    result: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    nursery: Any = runner._nursery

    async def call_late() -> None:
        while not nursery._closed:
            await trio.lowlevel.checkpoint()
        runner.submit(lambda it: it.is_connected(host.peer_id), result)

    runner._token.run_sync_soon(trio.lowlevel.spawn_system_task, call_late)
    await host.stop()
    with pytest.raises(errors.HostUnavailableError):
        await asyncio.wait_for(result, 2)
    assert host.crashes == 0
