"""A hub that does what it must, and besides keeps, repeats, alters and makes up what it can."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sdk.events.envelope import Envelope
from sdk.events.service import ChargingStatus
from sdk.ids import new_event_id, utc_now
from sdk.p2p.errors import StreamClosedError
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import P2pKey
from sdk.p2p.node import NodeSettings
from sdk.p2p.protocols import HUB, MEMBER, RELAYED, HubAnswer, HubWanted, Relayed
from sdk.p2p.seal import seal
from sdk.p2p.stream import Stream

TAKEN = HubAnswer().model_dump_json().encode()
ALTERED = 2
"""So many requests of each app come altered as well: who sends more of them is banned."""


class PryingHub:
    """One hub, and all frames that came by, in both directions."""

    def __init__(self, host: P2pHost) -> None:
        self.frames: list[dict[str, Any]] = []
        self.made_up = 0
        self._host = host

    @property
    def address(self) -> str:
        return self._host.addresses[0]

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                stream = await self._host.accept()
                serve = self._member if stream.protocol == MEMBER else self._app
                group.create_task(_until_closed(serve(stream)))

    async def _member(self, stream: Stream) -> None:
        while True:
            await stream.read_frame()
            await stream.write_frame(TAKEN)

    async def _app(self, app: Stream) -> None:
        to = HubWanted.model_validate_json(await app.read_frame()).to
        await app.write_frame(TAKEN)
        member = await self._host.open_stream(to, RELAYED)
        await member.write_frame(Relayed(consumer=app.peer_id).model_dump_json().encode())
        async with asyncio.TaskGroup() as group:
            for serve in (self._to_member(app, member), self._to_app(member, app)):
                group.create_task(_both_closed(serve, app, member))

    async def _to_member(self, app: Stream, member: Stream) -> None:
        altered = 0
        while True:
            frame = await app.read_frame()
            self._keep(frame)
            await member.write_frame(frame)
            await member.write_frame(frame)
            if b'"Sealed"' in frame and altered < ALTERED:
                altered += 1
                await member.write_frame(_altered(frame))

    async def _to_app(self, member: Stream, app: Stream) -> None:
        while True:
            frame = await member.read_frame()
            self._keep(frame)
            for made_up in self._made_up(frame):
                await app.write_frame(made_up)
            await app.write_frame(frame)
            await app.write_frame(frame)

    def _keep(self, frame: bytes) -> None:
        self.frames.append(json.loads(frame))

    def _made_up(self, frame: bytes) -> list[bytes]:
        """Say something else: in clear, sealed to a key of its own, and the true one altered."""
        true = Envelope.model_validate_json(frame)
        body = ChargingStatus(
            session_id="0x" + "0" * 64, phase="charging", energy_wh=10**6, cost=10**24
        )
        false = true.model_copy(update={"id": new_event_id(), "at": utc_now(), "body": body})
        key = X25519PrivateKey.generate().public_key()
        public = key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
        frames = [false.to_json().encode(), seal(false, public).to_json().encode()]
        if b'"Sealed"' in frame:
            frames.append(_altered(frame))
        self.made_up += len(frames)
        return frames


@asynccontextmanager
async def prying_hub() -> AsyncIterator[PryingHub]:
    """Run one."""
    settings = NodeSettings(P2pKey.generate(), ("/ip4/127.0.0.1/tcp/0",))
    async with P2pHost(settings, (HUB, MEMBER)) as host, asyncio.TaskGroup() as group:
        hub = PryingHub(host)
        running = group.create_task(hub.run())
        yield hub
        running.cancel()


async def _until_closed(serving: Any) -> None:
    try:
        await serving
    except* StreamClosedError:
        pass


async def _both_closed(serving: Any, app: Stream, member: Stream) -> None:
    try:
        await serving
    finally:
        app.reset()
        member.reset()


def _altered(frame: bytes) -> bytes:
    """Change one character of what is sealed, and the id, which would be known already."""
    envelope = json.loads(frame)
    jwe = envelope["body"]["jwe"]
    head, _, rest = jwe.rpartition(".")
    cipher, _, text = head.rpartition(".")
    changed = ("A" if text[0] != "A" else "B") + text[1:]
    envelope["body"]["jwe"] = f"{cipher}.{changed}.{rest}"
    envelope["id"] = str(new_event_id())
    return json.dumps(envelope).encode()
