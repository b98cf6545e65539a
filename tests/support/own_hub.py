"""A hub of the tests' own: it passes frames on and keeps them, or does as a test says."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from sdk.p2p.errors import StreamClosedError
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import P2pKey
from sdk.p2p.node import NodeSettings
from sdk.p2p.protocols import HUB, MEMBER, RELAYED, HubAnswer, Relayed
from sdk.p2p.stream import Stream

ANSWER = HubAnswer().model_dump_json(exclude_none=True).encode()


class OwnHub:
    """`forth` and `back` are the frames that passed; `member` is the newest member's peer id.

    `joined` tells how often one joined; members hear nothing while `answers` is off.
    """

    def __init__(self, host: P2pHost) -> None:
        self.host = host
        self.address = host.addresses[0]
        self.peer_id = host.peer_id
        self.forth: list[bytes] = []
        self.back: list[bytes] = []
        self.has_member = asyncio.Event()
        self.member = ""
        self.joined = 0
        self.answers = True
        self.to_app: Stream | None = None

    async def bring(self, consumer: str) -> Stream:
        """Open a stream to the member, and claim that `consumer` is behind it."""
        await self.has_member.wait()
        stream = await self.host.open_stream(self.member, RELAYED)
        await stream.write_frame(Relayed(consumer=consumer).model_dump_json().encode())
        return stream

    async def run(self) -> None:
        """Serve for ever."""
        async with asyncio.TaskGroup() as group:
            while True:
                stream = await self.host.accept()
                serve = self._member if stream.protocol == MEMBER else self._app
                group.create_task(until_closed(serve, stream))

    async def _member(self, stream: Stream) -> None:
        self.member = stream.peer_id
        self.joined += 1
        while True:
            await stream.read_frame()
            if self.answers:
                await stream.write_frame(ANSWER)
                self.has_member.set()

    async def _app(self, stream: Stream) -> None:
        assert json.loads(await stream.read_frame())["to"] == self.member
        far = await self.bring(stream.peer_id)
        await stream.write_frame(ANSWER)
        self.to_app = stream
        async with asyncio.TaskGroup() as group:
            group.create_task(until_closed(self._copy, far, stream, self.back))
            group.create_task(until_closed(self._copy, stream, far, self.forth))

    async def _copy(self, source: Stream, target: Stream, kept: list[bytes]) -> None:
        while True:
            frame = await source.read_frame()
            kept.append(frame)
            await target.write_frame(frame)


async def until_closed(serve: Callable[..., Awaitable[None]], *arguments: object) -> None:
    """Run what works on streams until one of them is closed."""
    try:
        await serve(*arguments)
    except StreamClosedError:
        return


@asynccontextmanager
async def own_hub() -> AsyncIterator[OwnHub]:
    """Run a hub of our own."""
    node = NodeSettings(P2pKey.generate(), ("/ip4/127.0.0.1/tcp/0",))
    async with P2pHost(node, (HUB, MEMBER)) as host, asyncio.TaskGroup() as group:
        hub = OwnHub(host)
        task = group.create_task(hub.run())
        yield hub
        task.cancel()
