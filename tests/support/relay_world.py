"""A P2P server on a real Redis, bare apps at it, and a stand-in for the Session Manager."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import structlog

from p2p_server.__main__ import serve
from p2p_server.settings import P2pServerSettings
from sdk.bus import keys
from sdk.bus.interface import Follower
from sdk.bus.keys import Lane
from sdk.bus.redis_bus import RedisBus
from sdk.events.envelope import Envelope, read_envelope
from sdk.events.service import RequestRefused, SessionStateReported, SignedSessionStateRequested
from sdk.ids import consequence_id, utc_now
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import P2pKey
from sdk.p2p.node import NodeSettings
from sdk.p2p.protocols import CONVERSATION
from sdk.p2p.stream import Stream

CP = "CP-1"
DID = "did:ethr:0x7a69:0x" + "ab" * 20
SIGNED = {"payload": "{}", "signature": "0x" + "1" * 130}
STATE_WANTED = SignedSessionStateRequested(**SIGNED)


async def register_station(bus: RedisBus) -> None:
    """Make CP a station."""
    await bus.add_member(keys.STATIONS, CP)
    await bus.write(keys.config(CP), {"did": DID})


class Server:
    """A P2P server that can be stopped and started again."""

    def __init__(self, bus: RedisBus, folder: Path, **settings: Any) -> None:
        self._bus = bus
        self._folder = folder
        self._settings = settings
        self.port, self.ws_port = 0, 0

    @asynccontextmanager
    async def up(self) -> AsyncIterator["Server"]:
        settings = P2pServerSettings(
            data_dir=self._folder,
            p2p_port=self.port,
            p2p_ws_port=self.ws_port,
            **self._settings,
        )
        ready: asyncio.Queue[str] = asyncio.Queue()
        context = Listening("p2p_server", self._bus, structlog.get_logger(), asyncio.Event(), ready)
        async with asyncio.TaskGroup() as group:
            group.create_task(serve(settings, context))  # type: ignore[arg-type]
            self.address = await ready.get()
            self.peer_id = self.address.rpartition("/")[2]
            self.port = int(self.address.split("/")[4])
            try:
                yield self
            finally:
                context.stopping.set()


class Listening:
    """A context that tells the test when the service is ready."""

    def __init__(
        self, name: str, bus: RedisBus, log: Any, stopping: asyncio.Event, ready: asyncio.Queue[str]
    ) -> None:
        self.name, self.bus, self.log, self.stopping, self._ready = name, bus, log, stopping, ready

    def ready(self, url: str) -> None:
        self._ready.put_nowait(url)


class App:
    """A bare consumer: one stream, and envelopes over it."""

    def __init__(self, host: P2pHost, stream: Stream) -> None:
        self.peer_id = host.peer_id
        self.stream = stream

    async def send(self, body: Any, **fields: Any) -> UUID:
        content: dict[str, Any] = {"charge_point_id": CP, "id": uuid4(), "at": utc_now()}
        envelope = Envelope(**{**content, **fields}, body=body)
        await self.stream.write_frame(envelope.to_json().encode())
        return envelope.id

    async def receive(self, seconds: float = 5) -> Envelope:
        return read_envelope(await self.stream.read_frame(seconds))

    async def ask(self, body: Any, **fields: Any) -> Envelope:
        cause = await self.send(body, **fields)
        answer = await self.receive()
        assert answer.caused_by == cause
        return answer

    async def refusal(self, body: Any, **fields: Any) -> str:
        answer = (await self.ask(body, **fields)).body
        assert isinstance(answer, RequestRefused)
        return answer.reason


@asynccontextmanager
async def app_at(address: str, key: P2pKey | None = None) -> AsyncIterator[App]:
    async with P2pHost(NodeSettings(key or P2pKey.generate())) as host:
        await host.connect(address)
        yield App(host, await host.open_stream(address.rpartition("/")[2], CONVERSATION))


async def respond(bus: RedisBus, follower: Follower, seen: list[Envelope]) -> None:
    """Stand in for the Session Manager: answer every state request, to whom it came from."""
    subscription = await follower.subscribe(CP, Lane.IN, after=None)
    async for delivery in subscription:
        request = delivery.envelope
        seen.append(request)
        if request.type == "SessionStateRequested":
            await bus.publish(Lane.OUT, answer_to(request))


def answer_to(request: Envelope) -> Envelope:
    return Envelope(
        id=consequence_id(request.id, "SessionStateReported"),
        charge_point_id=request.charge_point_id,
        at=request.at,
        caused_by=request.id,
        peer_id=request.peer_id,
        body=SessionStateReported(connector_id=1, availability="free"),
    )


@asynccontextmanager
async def responding(bus: RedisBus) -> AsyncIterator[list[Envelope]]:
    seen: list[Envelope] = []
    async with bus.follow() as follower, asyncio.TaskGroup() as group:
        task = group.create_task(respond(bus, follower, seen))
        await asyncio.sleep(0.1)
        yield seen
        task.cancel()
