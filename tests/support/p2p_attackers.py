"""What no honest peer does: raw sockets from other addresses, and packets under libp2p's feet."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

import trio
from libp2p.network.stream.exceptions import StreamError
from libp2p.peer.id import ID
from libp2p.pubsub.gossipsub import PROTOCOL_ID_V11
from libp2p.utils.varint import encode_varint_prefixed

from sdk.p2p import errors
from sdk.p2p.admission import Admission, AdmissionLimits
from sdk.p2p.gossip import Accepts
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import P2pKey
from sdk.p2p.node import NodeSettings
from sdk.p2p.protocols import CONVERSATION
from sdk.p2p.runner import Runner
from sdk.p2p.stream import Stream

T = TypeVar("T")

LISTEN = ("/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/tcp/0/ws")
DATA, WINDOW, PING, GO_AWAY = range(4)
SYN, ACK, FIN, RST = 1, 2, 4, 8
ELSEWHERE = "127.0.0.2"
"""Another address that reaches this machine."""


def packet(kind: int, flags: int, stream_id: int, length: int, body: bytes = b"") -> bytes:
    """Give one packet of Yamux."""
    return struct.pack(">BBHII", 0, kind, flags, stream_id, length) + body


class Target:
    """A host that echoes every frame, and its admission."""

    def __init__(self, host: P2pHost, admission: Admission) -> None:
        self.host = host
        self.admission = admission

    @property
    def tcp(self) -> str:
        return self.host.addresses[0]

    @property
    def ws(self) -> str:
        return self.host.addresses[1]

    def port(self, address: int = 0) -> int:
        return int(self.host.addresses[address].split("/")[4])

    async def swarm(self, look: Callable[[Any], T]) -> T:
        """Look at something in the host's trio thread."""

        async def work(runner: Runner) -> T:
            return look(runner._swarm())

        return await self.host._call(work)

    async def until_left(self, connections: int = 0) -> None:
        """Wait until no more connections than these are counted."""
        async with asyncio.timeout(10):
            while self.admission.counts()["connections"] > connections:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.05)

    async def check(self) -> None:
        """Check that a newcomer is served, and that nothing crashed."""
        async with caller(self.tcp) as stream:
            await stream.write_frame(b"honest")
            assert await stream.read_frame(5) == b"honest"
        assert self.host.crashes == 0


@asynccontextmanager
async def target(
    limits: AdmissionLimits | None = None,
    topics: Mapping[str, Accepts] | None = None,
    **options: Any,
) -> AsyncIterator[Target]:
    """Serve on both transports, and take part in the gossip of some topics."""
    admission = Admission(limits, **options)
    settings = NodeSettings(P2pKey.generate(), LISTEN, admission=admission)
    async with (
        P2pHost(settings, (CONVERSATION,), topics=topics) as host,
        asyncio.TaskGroup() as group,
    ):
        accepting = group.create_task(_accept(host, group))
        yield Target(host, admission)
        accepting.cancel()
        await host.stop()


@asynccontextmanager
async def caller(address: str, key: P2pKey | None = None) -> AsyncIterator[Stream]:
    """Dial an address and open a conversation."""
    async with P2pHost(NodeSettings(key or P2pKey.generate())) as host:
        peer_id = await host.connect(address)
        yield await host.open_stream(peer_id, CONVERSATION)


async def send_packets(host: P2pHost, peer_id: str, data: bytes) -> None:
    """Write packets of our own making into the encrypted connection with a peer."""
    await under_stream(host, peer_id, lambda muxer: muxer.secured_conn.write(data))


async def under_stream(host: P2pHost, peer_id: str, work: Callable[[Any], Awaitable[T]]) -> T:
    """Do something with the muxer of the connection with a peer, in the host's trio thread."""

    async def run(runner: Runner) -> T:
        connection: Any = runner._swarm().connections[ID.from_base58(peer_id)][0]
        return await work(connection.muxed_conn)

    return await host._call(run)


async def send_rpcs(host: P2pHost, peer_id: str, rpcs: Sequence[bytes]) -> None:
    """Open a gossip stream to a connected peer, and send RPCs of our own making, length first."""

    async def work(runner: Runner) -> None:
        peer = ID.from_base58(peer_id)
        stream = await runner._host.new_stream(peer, [PROTOCOL_ID_V11])
        # Nobody tells a writer of libp2p's that its stream was reset.
        with trio.move_on_after(3), suppress(StreamError):
            for rpc in rpcs:
                await stream.write(encode_varint_prefixed(rpc))

    await host._call(work)


def idle_sockets(port: int, count: int, source: str = ELSEWHERE) -> list[socket.socket]:
    """Connect, and say nothing."""
    return [
        socket.create_connection(("127.0.0.1", port), source_address=(source, 0))
        for _ in range(count)
    ]


async def is_closed(connection: socket.socket, seconds: float) -> bool:
    """Wait until the other side closed; False if it did not in time."""
    connection.setblocking(False)
    loop = asyncio.get_running_loop()
    with suppress(ConnectionError):
        try:
            async with asyncio.timeout(seconds):
                while await loop.sock_recv(connection, 4096):
                    continue
        except TimeoutError:
            return False
    return True


async def _accept(host: P2pHost, group: asyncio.TaskGroup) -> None:
    while True:
        group.create_task(_echo(await host.accept()))


async def _echo(stream: Stream) -> None:
    with suppress(errors.StreamClosedError, errors.FrameError, errors.HostUnavailableError):
        while True:
            await stream.write_frame(await stream.read_frame())
