"""Attacks on connections and streams: the attacker loses what it has, others notice nothing.

Attackers connect from another address of this machine where the address is what counts.
"""

import asyncio
import os
import socket
import time
from contextlib import suppress
from typing import Any

import pytest
import trio
from libp2p.identity.identify_push.identify_push import ID_PUSH
from libp2p.peer.id import ID
from libp2p.stream_muxer.yamux.yamux import HEADER_SIZE
from p2p_attackers import (
    ACK,
    DATA,
    ELSEWHERE,
    GO_AWAY,
    PING,
    RST,
    SYN,
    WINDOW,
    Target,
    caller,
    idle_sockets,
    is_closed,
    packet,
    send_packets,
    target,
    under_stream,
)

from sdk.p2p import errors, inbound
from sdk.p2p.admission import FRAMES_PER_CONNECTION, AdmissionLimits
from sdk.p2p.guards import STREAMS_PER_CONNECTION
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import P2pKey
from sdk.p2p.node import HANDSHAKE_SECONDS, NodeSettings
from sdk.p2p.packets import COSTLY
from sdk.p2p.protocols import CONVERSATION
from sdk.p2p.runner import Runner
from sdk.p2p.stream import Stream

GET = b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
KEY = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"


def attacker() -> P2pHost:
    return P2pHost(NodeSettings(P2pKey.generate()))


async def call(address: str, key: P2pKey) -> None:
    """Dial, and have a frame echoed."""
    async with caller(address, key) as stream:
        await stream.write_frame(b"again")
        assert await stream.read_frame(5) == b"again"


async def ended(stream: Stream, seconds: float = 5) -> None:
    """Wait until a stream is over."""
    over = asyncio.Event()
    stream.on_end(over.set)
    async with asyncio.timeout(seconds):
        await over.wait()


@pytest.mark.parametrize("address", [0, 1], ids=["tcp", "ws"])
async def test_silent_sockets_of_one_address_keep_nobody_out(address: int) -> None:
    limits = AdmissionLimits(handshakes_per_address=8)
    async with target(limits) as server:
        silent = idle_sockets(server.port(address), 60)
        await asyncio.sleep(0.3)
        assert server.admission.counts()["handshakes"] <= 8
        async with caller(server.host.addresses[address]) as stream:
            await stream.write_frame(b"hello")
            assert await stream.read_frame(5) == b"hello"
        closed = await asyncio.gather(*(is_closed(one, HANDSHAKE_SECONDS + 4) for one in silent))
        assert all(closed)
        for one in silent:
            one.close()
        await server.check()


@pytest.mark.parametrize("begun", [GET, GET + KEY + b"\r\n"], ids=["half a request", "upgraded"])
async def test_a_websocket_that_says_nothing_more_is_closed(begun: bytes) -> None:
    async with target() as server:
        (slow,) = idle_sockets(server.port(1), 1)
        slow.sendall(begun)
        assert await is_closed(slow, HANDSHAKE_SECONDS + 4)
        slow.close()
        await server.until_left()


async def test_a_handshake_in_single_bytes_is_not_waited_for() -> None:
    async with target() as server:
        (slow,) = idle_sockets(server.port(), 1)
        begun = time.monotonic()
        with suppress(OSError):
            for byte in (b"\x13/multistream/1.0.0\n\x07/noise\n" + bytes(200)) * 10:
                slow.sendall(bytes([byte]))
                await asyncio.sleep(0.1)
        assert time.monotonic() - begun < HANDSHAKE_SECONDS + 4
        slow.close()


async def test_the_oldest_silent_socket_makes_room_for_a_newcomer() -> None:
    async with target(AdmissionLimits(handshakes=10)) as server:
        silent = [idle_sockets(server.port(), 1, f"127.0.1.{n}")[0] for n in range(1, 11)]
        await asyncio.sleep(0.2)
        await server.check()
        assert await is_closed(silent[0], 1)
        assert not await is_closed(silent[-1], 0.1)
        for one in silent:
            one.close()


async def test_a_huge_websocket_message_ends_its_connection_alone() -> None:
    async with target() as server, caller(server.ws) as good:
        (rude,) = idle_sockets(server.port(1), 1)
        rude.sendall(GET + KEY + b"\r\n")
        await asyncio.sleep(0.2)
        with suppress(OSError):
            rude.sendall(b"\x82\xff" + (1 << 40).to_bytes(8) + bytes(4))
            for _ in range(40):
                rude.sendall(bytes(64 * 1024))
        assert await is_closed(rude, 5)
        rude.close()
        await good.write_frame(b"fine")
        assert await good.read_frame(5) == b"fine"
        await server.check()


async def test_no_length_makes_room_before_its_bytes_come() -> None:
    announced = [
        b"\x13/multistream/1.0.0\n" + b"\xff\xff\xff\xff\x7f",
        b"\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
        b"\x13/multistream/1.0.0\n\x07/noise\n\xff\xff",
    ]
    async with target() as server:
        sockets = idle_sockets(server.port(), len(announced))
        for one, data in zip(sockets, announced, strict=True):
            one.sendall(data + os.urandom(100))
        assert all(await asyncio.gather(*(is_closed(one, 9) for one in sockets)))
        for one in sockets:
            one.close()
        await server.check()


async def test_a_peer_has_so_many_connections_whatever_it_dials_from() -> None:
    key = P2pKey.generate()
    async with (
        target(AdmissionLimits(connections_per_peer=2)) as server,
        caller(server.tcp, key) as first,
        caller(server.ws, key),
        P2pHost(NodeSettings(key)) as third,
    ):
        with suppress(errors.PeerUnreachableError):
            await third.connect(server.tcp)
            await ended(await third.open_stream(server.host.peer_id, CONVERSATION))
        await server.until_left(2)
        await first.write_frame(b"still")
        assert await first.read_frame(5) == b"still"
        await server.check()


async def test_a_banned_peer_is_cut_off_at_once_and_let_in_later() -> None:
    key = P2pKey.generate()
    async with (
        target(ban_seconds=1.5) as server,
        caller(server.tcp) as good,
        caller(server.tcp, key) as bad,
    ):
        await bad.write_frame(b"hello")
        await bad.read_frame(5)
        server.admission.ban(key.peer_id)
        await ended(bad)
        with pytest.raises((errors.PeerUnreachableError, errors.StreamClosedError)):
            await call(server.tcp, key)
        await good.write_frame(b"fine")
        assert await good.read_frame(5) == b"fine"
        await asyncio.sleep(1.5)
        await call(server.tcp, key)


async def test_a_banned_address_gets_no_handshake_and_others_do() -> None:
    async with target() as server:
        (before,) = idle_sockets(server.port(), 1)
        await asyncio.sleep(0.1)
        server.admission.ban(ELSEWHERE)
        assert await is_closed(before, 2)
        (after,) = idle_sockets(server.port(), 1)
        assert await is_closed(after, 2)
        await server.check()
        before.close()
        after.close()


async def test_a_ban_outlives_a_crash_of_the_node() -> None:
    key = P2pKey.generate()
    async with target() as server:
        server.admission.ban(key.peer_id)
        runner = server.host._runner
        assert runner is not None
        runner._token.run_sync_soon(divmod, 1, 0)
        async with asyncio.timeout(3):
            while server.host._runner in (None, runner):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.02)
        with pytest.raises((errors.PeerUnreachableError, errors.StreamClosedError)):
            await call(server.tcp, key)
        await server.until_left()


async def test_the_address_of_a_websocket_is_known_and_behind_a_proxy_the_clients() -> None:
    async with (
        target(trusted_proxies=(ELSEWHERE,)) as server,
        caller(server.ws),
    ):
        assert "127.0.0.1" in server.admission._addresses
        forwarded = GET + KEY + b"X-Forwarded-For: 9.9.9.9, 203.0.113.7\r\n\r\n"
        (proxied, silent) = idle_sockets(server.port(1), 2)
        proxied.sendall(forwarded)
        silent.sendall(GET + KEY + b"\r\n")
        (liar,) = idle_sockets(server.port(1), 1, "127.0.0.3")
        liar.sendall(GET + KEY + b"X-Forwarded-For: 203.0.113.8\r\n\r\n")
        await asyncio.sleep(0.3)
        assert set(server.admission._addresses) == {"127.0.0.1", "127.0.0.3", "203.0.113.7"}
        server.admission.ban("203.0.113.7")
        assert await is_closed(proxied, 2)
        assert not await is_closed(silent, 0.1)
        for one in (proxied, silent, liar):
            one.close()


STORMS: dict[str, bytes] = {
    "pings": packet(PING, SYN, 0, 7) * 5000,
    "streams opened and reset": b"".join(
        packet(WINDOW, SYN, n, 0) + packet(WINDOW, RST, n, 0) for n in range(1001, 6001, 2)
    ),
    "streams born dead": b"".join(packet(WINDOW, SYN | RST, n, 0) for n in range(1001, 6001, 2)),
    "windows without end": packet(WINDOW, ACK, 1, 0xFFFFFFFF) * 5000,
    "data for no stream": packet(DATA, 0, 4001, 0) * 5000,
    "unknown types": packet(99, 0, 1, 0) * 5000,
    "a body of 4 GB": packet(DATA, 0, 1, 0xFFFFFFFF, b"x"),
    "farewells": packet(GO_AWAY, 0, 0, 77) * 10,
    "half a header": b"\0\0\0",
    "noise": os.urandom(30_000),
}


@pytest.mark.parametrize("storm", STORMS)
async def test_packets_that_nobody_sends_harm_nobody_else(storm: str) -> None:
    limits = AdmissionLimits(connections_per_address=4)
    async with target(limits) as server, caller(server.ws) as good, attacker() as rude:
        await rude.connect(server.tcp)
        with suppress(errors.HostUnavailableError, Exception):
            async with asyncio.timeout(2):
                await send_packets(rude, server.host.peer_id, STORMS[storm])
        await good.write_frame(b"fine")
        assert await good.read_frame(10) == b"fine"
        tasks = await server.swarm(lambda swarm: len(swarm.connections))
        assert tasks <= 2
        assert server.host.crashes == 0


async def test_pings_are_answered_no_faster_than_the_pace() -> None:
    limits = AdmissionLimits(connections_per_address=25)
    async with target(limits) as server, attacker() as rude:
        await rude.connect(server.tcp)
        answered = await under_stream(rude, server.host.peer_id, _pongs_within_two_seconds)
    burst, a_second = 4000 / COSTLY, 25 * FRAMES_PER_CONNECTION / COSTLY
    assert burst / 2 < answered < burst + 3 * a_second


async def _pongs_within_two_seconds(muxer: Any) -> int:
    await muxer.secured_conn.write(packet(PING, SYN, 0, 7) * 2000)
    pongs = 0
    read = muxer.secured_conn.read

    async def counting(n: int | None = None) -> bytes:
        nonlocal pongs
        data: bytes = await read(n)
        pongs += len(data) == HEADER_SIZE and data[1] == PING and data[3] == ACK
        return data

    muxer.secured_conn.read = counting
    await trio.sleep(2)
    return pongs


async def test_too_many_streams_of_one_connection_are_reset() -> None:
    async with target() as server, attacker() as rude:
        await rude.connect(server.tcp)
        opened: list[Stream] = []
        for _ in range(STREAMS_PER_CONNECTION + 20):
            with suppress(errors.PeerUnreachableError):
                opened.append(await rude.open_stream(server.host.peer_id, CONVERSATION))
        await asyncio.sleep(0.3)
        assert sum(stream.is_open for stream in opened) <= STREAMS_PER_CONNECTION
        await server.check()


@pytest.mark.parametrize("protocol", [str(ID_PUSH), "/meshsub/1.1.0", "/nothing/1.0.0"])
async def test_only_what_is_needed_is_spoken(protocol: str) -> None:
    async with target() as server, attacker() as rude:
        await rude.connect(server.tcp)
        with pytest.raises(errors.PeerUnreachableError):
            await rude.open_stream(server.host.peer_id, protocol, 2)


async def test_a_stream_that_agrees_on_no_protocol_is_ended() -> None:
    async def begin(runner: Runner) -> bytes:
        connection: Any = runner._swarm().connections[ID.from_base58(server.host.peer_id)][0]
        stream = await connection.muxed_conn.open_stream()
        await stream.write(b"\x13/multistream/1.0.0\n")
        for _ in range(50):
            await stream.write(b"\x03/x\n")
        got = b""
        with suppress(Exception):
            while piece := await stream.read(4096):
                got += piece
        return got

    async with target() as server, attacker() as rude:
        await rude.connect(server.tcp)
        async with asyncio.timeout(HANDSHAKE_SECONDS + 4):
            assert b"na\n" in await rude._call(begin)
        await server.check()


async def test_a_deaf_peer_loses_its_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbound, "WRITE_SECONDS", 1.0)
    async with target() as server, attacker() as rude:
        await rude.connect(server.tcp)
        await under_stream(rude, server.host.peer_id, _ask_and_never_read)
        await server.until_left()
        await server.check()


async def _ask_and_never_read(muxer: Any) -> None:
    muxer._nursery.cancel_scope.cancel()
    await trio.lowlevel.checkpoint()
    with trio.move_on_after(3), suppress(Exception):
        while True:
            await muxer.secured_conn.write(packet(PING, SYN, 0, 7) * 1000)


async def test_an_idle_connection_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbound, "IDLE_LOOK_SECONDS", 0.5)
    async with target() as server, caller(server.tcp) as busy, attacker() as idle:
        await idle.connect(server.tcp)
        await asyncio.sleep(2.5)
        assert server.admission.counts()["connections"] == 1
        await busy.write_frame(b"here")
        assert await busy.read_frame(5) == b"here"


async def test_nothing_is_kept_of_peers_that_went() -> None:
    async with target() as server:
        before = await _remembered(server)
        for _ in range(6):
            async with caller(server.tcp) as stream:
                await stream.write_frame(b"hello")
                await stream.read_frame(5)
        async with asyncio.timeout(5):
            while await _remembered(server) > before:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.1)
        counts = server.admission.counts()
        assert (counts["connections"], counts["peers"], counts["handshakes"]) == (0, 0, 0)


async def _remembered(server: Target) -> int:
    return await server.swarm(lambda swarm: len(swarm.peerstore.peer_data_map))


async def test_a_socket_that_is_reset_at_once_leaves_nothing() -> None:
    async with target() as server:
        for _ in range(50):
            for one in idle_sockets(server.port(), 2) + idle_sockets(server.port(1), 2):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                one.close()
        await server.until_left()
        await server.check()
