"""The libp2p host among peers that are slow, rude, hostile or many."""

import asyncio
import os
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from typing import Any

import pytest
import trio
from libp2p.crypto.ed25519 import create_new_key_pair
from libp2p.custom_types import TProtocol
from libp2p.peer.id import ID
from libp2p.pubsub.gossipsub import GossipSub
from libp2p.pubsub.pubsub import Pubsub

from sdk.p2p import errors
from sdk.p2p.admission import Admission, AdmissionLimits
from sdk.p2p.flow import CREDIT_STEP
from sdk.p2p.framing import encode_frame
from sdk.p2p.guards import guard_pubsub
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import P2pKey
from sdk.p2p.node import NodeSettings, build_node
from sdk.p2p.runner import Runner
from sdk.p2p.stream import UNREAD_FRAMES, UNSENT_LIMIT, Stream

PROTOCOL = "/noroam/1.0.0"
LISTEN = ("/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/tcp/0/ws")


@asynccontextmanager
async def serving(**limits: Any) -> AsyncIterator[P2pHost]:
    """A host that echoes every frame, and resets a stream that breaks the framing."""
    settings = NodeSettings(P2pKey.generate(), LISTEN, **limits)
    async with P2pHost(settings, (PROTOCOL,)) as host, asyncio.TaskGroup() as group:
        accepting = group.create_task(accept(host, group))
        yield host
        accepting.cancel()
        await host.stop()


async def accept(host: P2pHost, group: asyncio.TaskGroup) -> None:
    while True:
        group.create_task(echo(await host.accept()))


async def echo(stream: Stream) -> None:
    with suppress(errors.StreamClosedError, errors.FrameError, errors.HostUnavailableError):
        while True:
            await stream.write_frame(await stream.read_frame())


@asynccontextmanager
async def dialling(server: P2pHost, address: int = 0) -> AsyncIterator[Stream]:
    async with P2pHost(NodeSettings(P2pKey.generate())) as host:
        await host.connect(server.addresses[address])
        yield await host.open_stream(server.peer_id, PROTOCOL)


async def check_echo(server: P2pHost) -> None:
    async with dialling(server) as stream:
        await stream.write_frame(b"still here")
        assert await stream.read_frame(5) == b"still here"


def port_of(address: str) -> int:
    return int(address.split("/")[4])


@pytest.mark.parametrize("address", [0, 1])
async def test_frames_go_both_ways_over_tcp_and_websocket(address: int) -> None:
    async with serving() as server:
        assert server.addresses[address].split("/")[5:] == [["p2p"], ["ws", "p2p"]][address] + [
            server.peer_id
        ]
        async with dialling(server, address) as stream:
            sent = [os.urandom(size) for size in (1, 300, 65_536)]
            for content in sent:
                await stream.write_frame(content)
            assert [await stream.read_frame(5) for _ in sent] == sent
            assert stream.peer_id == server.peer_id


async def test_the_peer_id_is_the_proved_one_and_a_wrong_one_is_not_dialled() -> None:
    async with (
        P2pHost(NodeSettings(P2pKey.generate(), LISTEN), (PROTOCOL,)) as server,
        P2pHost(NodeSettings(P2pKey.generate())) as client,
    ):
        wrong = P2pKey.generate().peer_id
        with pytest.raises(errors.PeerUnreachableError):
            await client.connect(server.addresses[0].replace(server.peer_id, wrong))
        await client.connect(server.addresses[0])
        opened = await client.open_stream(server.peer_id, PROTOCOL)
        await opened.write_frame(b"hello")
        accepted = await server.accept()
        assert accepted.peer_id == client.peer_id
        assert accepted.remote_ip == "127.0.0.1"


async def test_unreachable_and_unreadable_addresses_are_told() -> None:
    async with P2pHost(NodeSettings(P2pKey.generate())) as client:
        peer_id = P2pKey.generate().peer_id
        for address in (f"/ip4/127.0.0.1/tcp/1/p2p/{peer_id}", "nonsense", "/ip4/127.0.0.1/tcp/1"):
            with pytest.raises(errors.PeerUnreachableError):
                await client.connect(address)
        with pytest.raises(errors.PeerUnreachableError):
            await client.open_stream(peer_id, PROTOCOL)


async def test_a_second_server_at_the_same_port_is_refused() -> None:
    async with serving() as server:
        taken = (server.addresses[0].split("/p2p/", maxsplit=1)[0],)
        with pytest.raises(errors.ListenError, match="in use"):
            await P2pHost(NodeSettings(P2pKey.generate(), taken)).start()
        await check_echo(server)


@pytest.mark.parametrize("address", ["/ip4/127.0.0.1/udp/1", "nonsense", "/ip4/203.0.113.1/tcp/0"])
async def test_a_listen_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(errors.ListenError):
        await P2pHost(NodeSettings(P2pKey.generate(), (address,))).start()


async def test_an_oversize_frame_resets_its_stream_and_no_other() -> None:
    async with serving() as server, dialling(server) as bad, dialling(server) as good:
        # Past our own check, as a hostile peer would.
        bad.outbox.append(struct.pack(">I", 65_537) + b"x" * 100)
        with suppress(errors.StreamClosedError):
            await bad.write_frame(b"after")
        with pytest.raises(errors.StreamClosedError):
            await bad.read_frame(5)
        await good.write_frame(b"fine")
        assert await good.read_frame(5) == b"fine"


async def test_a_reader_learns_by_type_what_broke_the_framing() -> None:
    async with (
        P2pHost(NodeSettings(P2pKey.generate(), LISTEN), (PROTOCOL,)) as server,
        dialling(server) as stream,
    ):
        stream.outbox.append(encode_frame(b"good"))
        await stream.write_frame(b"good")
        accepted = await server.accept()
        assert await accepted.read_frame(5) == b"good"
        stream.outbox.append(struct.pack(">I", 2**32 - 1))
        with suppress(errors.StreamClosedError):
            await stream.write_frame(b"x")
        assert await accepted.read_frame(5) == b"good"
        with pytest.raises(errors.FrameTooLargeError):
            await accepted.read_frame(5)


async def test_nothing_is_lost_before_a_close() -> None:
    async with (
        P2pHost(NodeSettings(P2pKey.generate(), LISTEN), (PROTOCOL,)) as server,
        dialling(server) as stream,
    ):
        for number in range(40):
            await stream.write_frame(b"%d" % number)
        await stream.close()
        with pytest.raises(errors.StreamClosedError):
            await stream.write_frame(b"late")
        accepted = await server.accept()
        assert [await accepted.read_frame(5) for _ in range(40)] == [b"%d" % n for n in range(40)]
        with pytest.raises(errors.StreamClosedError):
            await accepted.read_frame(5)


async def test_a_reader_that_pauses_slows_the_writer_and_loses_nothing() -> None:
    frame, count = b"x" * 8192, UNREAD_FRAMES * 6
    async with (
        P2pHost(NodeSettings(P2pKey.generate(), LISTEN), (PROTOCOL,)) as server,
        dialling(server) as stream,
        asyncio.TaskGroup() as group,
    ):

        async def write() -> None:
            for _ in range(count):
                await stream.write_frame(frame)

        writing = group.create_task(write())
        accepted = await server.accept()
        await asyncio.sleep(0.5)
        assert not writing.done()
        assert accepted.reader_paused
        for _ in range(count):
            assert await accepted.read_frame(5) == frame


async def test_a_peer_that_reads_nothing_is_told_to_the_writer() -> None:
    async with (
        P2pHost(NodeSettings(P2pKey.generate(), LISTEN), (PROTOCOL,)) as server,
        dialling(server) as stream,
    ):
        await stream.write_frame(b"hello")
        accepted = await server.accept()
        with pytest.raises(errors.SlowPeerError):
            fill(accepted)
        accepted.reset()
        with pytest.raises(errors.StreamClosedError):
            accepted.write_frame_nowait(b"x")


def fill(stream: Stream) -> None:
    for _ in range(2 * UNSENT_LIMIT // 60_000):
        stream.write_frame_nowait(b"x" * 60_000)


async def test_read_timeouts_leave_the_stream_open() -> None:
    async with serving() as server, dialling(server) as stream:
        with pytest.raises(errors.StreamTimeoutError):
            await stream.read_frame(0.05)
        await stream.write_frame(b"later")
        assert await stream.read_frame(5) == b"later"


async def raw(port: int, data: bytes) -> None:
    with suppress(OSError):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(data)
        await writer.drain()
        with suppress(TimeoutError):
            async with asyncio.timeout(0.05):
                await reader.read(1024)
        writer.transport.abort()


HTTP = b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
KEY = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"


async def test_garbage_at_every_layer_is_survived() -> None:
    attacks = [
        os.urandom(4096),
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x13/multistream/1.0.0\n\x07/noise\n" + b"\xff\xff" + os.urandom(70_000),
        b"\x13/multistream/1.0.0\n" + b"\xff" * 500,
        HTTP + KEY + os.urandom(2000),
        HTTP + KEY + b"\x82\xfe\xff\xff" + os.urandom(2000),
        b"",
    ]
    async with serving() as server:
        for address in server.addresses:
            await asyncio.gather(*(raw(port_of(address), data) for data in attacks * 4))
        await check_echo(server)
        assert server.crashes == 0


async def test_garbage_inside_an_encrypted_connection_is_survived() -> None:
    async with serving() as server, dialling(server) as good:
        for content in (b"\xff" * 200, b"\0\0\0\0", os.urandom(4000)):
            async with dialling(server) as stream:
                stream.outbox.append(content)
                with suppress(errors.StreamClosedError):
                    await stream.write_frame(b"x")
        await good.write_frame(b"fine")
        assert await good.read_frame(5) == b"fine"
        assert server.crashes == 0


async def test_many_silent_streams_of_one_peer_harm_nobody_else() -> None:
    async with serving() as server, P2pHost(NodeSettings(P2pKey.generate())) as rude:
        await rude.connect(server.addresses[0])
        silent = [await rude.open_stream(server.peer_id, PROTOCOL) for _ in range(100)]
        await check_echo(server)
        assert all(stream.is_open for stream in silent)


async def test_a_peer_that_ignores_flow_control_loses_its_connection() -> None:
    async def flood(runner: Runner) -> None:
        peer_id = ID.from_base58(server.peer_id)
        stream = await runner._host.new_stream(peer_id, [TProtocol(PROTOCOL)])
        muxed: Any = stream.muxed_stream  # type: ignore[attr-defined]
        muxed.send_window = 2**40
        for _ in range(200):
            await stream.write(encode_frame(b"x" * 60_000))

    settings = NodeSettings(P2pKey.generate(), LISTEN)
    async with P2pHost(settings, (PROTOCOL,)) as server, P2pHost(dialler()) as rude:
        await rude.connect(server.addresses[0])
        with suppress(errors.PeerUnreachableError):
            await rude._reach(flood, "flood")
        flooded = await server.accept()
        async with dialling(server) as good:
            await good.write_frame(b"hello")
            assert await (await server.accept()).read_frame(5) == b"hello"
        frames = 0
        with suppress(errors.StreamClosedError):
            while await flooded.read_frame(5):
                frames += 1
        assert UNREAD_FRAMES <= frames < 200
        assert server.crashes == 0


async def test_leave_to_send_more_is_given_in_large_steps() -> None:
    async def windows(runner: Runner) -> list[int]:
        peer_id = ID.from_base58(server.peer_id)
        stream = await runner._host.new_stream(peer_id, [TProtocol(PROTOCOL)])
        muxed: Any = stream.muxed_stream  # type: ignore[attr-defined]
        begun = muxed.send_window
        given = []
        for _ in range(40):
            frame = encode_frame(b"x" * 16_000)
            await stream.write(frame)
            missing = len(frame)
            while missing:
                missing -= len(await stream.read(missing))
            given.append(muxed.send_window - begun)
        await stream.reset()
        return given

    async with serving() as server, P2pHost(dialler()) as host:
        await host.connect(server.addresses[0])
        left = await host._reach(windows, "windows")
    frame = 16_004
    assert left[:7] == [-frame * n for n in range(1, 8)]
    assert min(left) > -CREDIT_STEP - 2 * frame
    assert sum(later > earlier for earlier, later in pairwise(left)) <= 40 * frame // CREDIT_STEP


def dialler() -> NodeSettings:
    return NodeSettings(P2pKey.generate())


async def test_an_address_given_twice_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    twice = (f"/ip4/127.0.0.1/tcp/{port}", f"/ip4/127.0.0.1/tcp/{port}")
    with pytest.raises(errors.ListenError):
        await P2pHost(NodeSettings(P2pKey.generate(), twice)).start()


async def test_peers_that_come_and_go_leave_their_slots() -> None:
    async with serving(max_connections=12) as server:
        for _ in range(3):
            async with asyncio.TaskGroup() as group:
                for _ in range(8):
                    group.create_task(check_echo(server))
            await asyncio.sleep(0.4)
        await check_echo(server)


async def test_one_address_can_hold_so_many_connections() -> None:
    async with serving(admission=Admission(AdmissionLimits(connections_per_address=3))) as server:
        idle = [
            socket.create_connection(("127.0.0.1", port_of(server.addresses[0]))) for _ in "abc"
        ]
        await asyncio.sleep(0.2)
        async with P2pHost(NodeSettings(P2pKey.generate())) as client:
            with pytest.raises(errors.PeerUnreachableError):
                await client.connect(server.addresses[0], 2)
        for connection in idle:
            connection.close()
        await asyncio.sleep(0.5)
        await check_echo(server)


async def test_a_crash_of_the_thread_is_reported_and_mended_at_the_same_address() -> None:
    crashes: list[BaseException] = []
    settings = NodeSettings(P2pKey.generate(), LISTEN)
    async with P2pHost(settings, (PROTOCOL,), on_crash=crashes.append) as server:
        async with dialling(server) as stream:
            await stream.write_frame(b"before")
            accepted = await server.accept()
            before, runner = server.addresses, server._runner
            assert runner is not None
            assert await accepted.read_frame(5) == b"before"
            runner._token.run_sync_soon(divide, 1, 0)
            with pytest.raises((errors.StreamClosedError, errors.HostUnavailableError)):
                await accepted.read_frame(5)
        async with asyncio.timeout(2):
            while server._runner is None or server._runner is runner:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert server.addresses == before
        assert (server.crashes, len(crashes)) == (1, 1)
        async with dialling(server) as stream:
            await stream.write_frame(b"after")
            assert await (await server.accept()).read_frame(5) == b"after"


def divide(left: int, right: int) -> float:
    return left / right


async def test_calls_during_an_outage_fail_at_once() -> None:
    host = P2pHost(NodeSettings(P2pKey.generate()))
    with pytest.raises(errors.HostUnavailableError):
        await host.connect("/ip4/127.0.0.1/tcp/1/p2p/" + P2pKey.generate().peer_id)


def _run_trio(work: Callable[[], Awaitable[Any]]) -> Any:
    """Run trio off the main thread, whose signals belong to asyncio's loops."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(trio.run, work).result(30)


def test_an_unreadable_announcement_is_dropped() -> None:
    async def attack() -> None:
        host = build_node(NodeSettings(P2pKey(bytes(32))))
        pubsub = Pubsub(
            host,
            GossipSub(protocols=["/meshsub/1.1.0"], degree=3, degree_low=2, degree_high=4),  # type: ignore[list-item]
            strict_signing=True,
        )
        guard_pubsub(pubsub)
        garbage: Any = object()
        await pubsub.push_msg(host.get_id(), garbage)
        await pubsub.router.handle_rpc(garbage, host.get_id())

    _run_trio(attack)


def test_plaintext_is_not_offered() -> None:
    async def offered() -> list[str]:
        host = build_node(NodeSettings(P2pKey(bytes(32))))
        upgrader: Any = host.get_network().upgrader  # type: ignore[attr-defined]
        return [str(name) for name in upgrader.security_multistream.transports]

    assert _run_trio(offered) == ["/noise"]
    assert create_new_key_pair(bytes(32)).public_key is not None
