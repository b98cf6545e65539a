"""What an app believes over a hub, played frame by frame."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from sdk.events.body import Body
from sdk.events.envelope import Envelope, read_envelope
from sdk.events.identity import IdentityChallenge, IdentityResponse, identity_message
from sdk.events.service import ChargingStatus, RequestRefused, SignedSessionStateRequested
from sdk.ids import utc_now
from sdk.p2p.conversation import Conversation
from sdk.p2p.errors import PeerUnreachableError, StreamClosedError, StreamTimeoutError
from sdk.p2p.keys import P2pKey
from sdk.p2p.link import Link
from sdk.p2p.routes import Route
from sdk.p2p.seal import open_sealed, seal
from sdk.p2p.way import HUB_REFUSALS

CP, DID = "CP-1", "did:ethr:0x7a69:0x" + "ab" * 20
SERVER, HUB, APP = P2pKey(b"\1" * 32), P2pKey(b"\2" * 32), P2pKey(b"\3" * 32)
SESSION = "0x" + "5" * 64


@dataclass
class Document:
    """A station behind a hub."""

    did: str = DID
    charge_point_id: str = CP
    maximum_power_w: int = 22_000
    provider: str = "0x" + "ab" * 20
    ed25519: str = SERVER.ed25519
    x25519: str = SERVER.x25519
    multiaddrs: tuple[str, ...] = (
        f"/ip4/127.0.0.1/tcp/1/p2p/{HUB.peer_id}/p2p-circuit/p2p/{SERVER.peer_id}",
    )

    async def resolve(self, did: str) -> "Document":
        assert did == self.did
        return self


class Pipe:
    """Frames in memory: the test is at the other end."""

    def __init__(self) -> None:
        self.to_app: asyncio.Queue[bytes] = asyncio.Queue()
        self.from_app: asyncio.Queue[bytes] = asyncio.Queue()
        self.is_open = True

    async def read_frame(self, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - as Stream's
        if not self.is_open:
            raise StreamClosedError("over")
        try:
            return await asyncio.wait_for(self.to_app.get(), timeout)
        except TimeoutError as error:
            raise StreamTimeoutError("nothing came") from error

    async def write_frame(self, content: bytes) -> None:
        await self.from_app.put(content)

    def reset(self) -> None:
        self.is_open = False

    async def heard(self) -> Envelope:
        return read_envelope(await asyncio.wait_for(self.from_app.get(), 5))

    def say(self, envelope: Envelope) -> None:
        self.to_app.put_nowait(envelope.to_json().encode())


class Hub:
    """A dialer whose hub answers the challenge as the station's server does."""

    def __init__(self) -> None:
        self.pipe = Pipe()
        self.discarded = 0

    async def open(self, route: Route, charge_point_id: str) -> Pipe:
        assert route.via_hub
        assert charge_point_id == CP
        if not self.pipe.is_open:
            raise PeerUnreachableError("gone")
        return self.pipe

    def discard(self, frames: Any) -> None:
        self.discarded += 1
        frames.reset()

    async def answer_challenge(self) -> None:
        request = await self.pipe.heard()
        assert isinstance(request.body, IdentityChallenge)
        message = identity_message(DID, SERVER.peer_id, APP.peer_id, request.body.nonce)
        response = IdentityResponse(
            did=DID,
            nonce=request.body.nonce,
            server_peer_id=SERVER.peer_id,
            consumer_peer_id=APP.peer_id,
            signature="0x" + SERVER.sign(message).hex(),
        )
        self.pipe.say(said(response, request))


def said(body: Body, cause: Envelope | None = None) -> Envelope:
    """Give an envelope as it is read: with milliseconds."""
    caused_by = cause.id if cause else None
    envelope = Envelope(
        id=uuid4(), charge_point_id=CP, at=utc_now(), caused_by=caused_by, body=body
    )
    return read_envelope(envelope.to_json())


def status(wh: int) -> ChargingStatus:
    return ChargingStatus(session_id=SESSION, phase="charging", energy_wh=wh)


def asking() -> Envelope:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    payload = '{"expires_at": "' + moment.isoformat().replace("+00:00", "Z") + '"}'
    body = SignedSessionStateRequested(payload=payload, signature="0x" + "0" * 130)
    return said(body)


@dataclass
class Talk:
    """A conversation over the hub; `told` is what the app was given."""

    hub: Hub
    conversation: Conversation
    reply_key: str
    told: list[Envelope]

    def say(self, body: Body, cause: Envelope | None = None) -> Envelope:
        """Seal it for the app, as the station does."""
        envelope = said(body, cause)
        self.hub.pipe.say(seal(envelope, self.reply_key))
        return envelope

    async def all_told(self) -> list[Envelope]:
        """Give what the app was told up to now."""
        last = self.say(status(999))
        async with asyncio.timeout(5):
            while last not in self.told:  # noqa: ASYNC110 - there is no event of it
                await asyncio.sleep(0.001)
        return self.told[: self.told.index(last)]


@asynccontextmanager
async def talking() -> AsyncIterator[Talk]:
    hub, told = Hub(), list[Envelope]()

    async def hear(envelope: Envelope) -> None:
        told.append(envelope)

    async def restored() -> None:
        return

    link = Link(hub, APP.peer_id, utc_now)
    conversation = Conversation(
        link,
        Document(),
        utc_now,
        on_envelope=hear,
        on_lost=lambda _: None,
        on_restored=restored,
    )
    async with asyncio.TaskGroup() as group:
        group.create_task(hub.answer_challenge())
        await conversation.open(DID)
        assert conversation.hub == HUB.peer_id
        running = group.create_task(conversation.run())
        yield Talk(hub, conversation, link.reply_key.removeprefix("0x"), told)
        running.cancel()


async def test_only_what_is_sealed_for_the_app_is_believed() -> None:
    async with talking() as talk:
        talk.hub.pipe.say(said(status(1)))
        talk.hub.pipe.say(seal(said(status(2)), P2pKey(b"\4" * 32).x25519))
        true = talk.say(status(3))
        assert await talk.all_told() == [true]


async def test_what_comes_twice_is_told_once() -> None:
    async with talking() as talk:
        envelope = said(status(1))
        for _ in range(3):
            talk.hub.pipe.say(seal(envelope, talk.reply_key))
        assert await talk.all_told() == [envelope]


async def test_requests_are_sealed_to_the_station_with_their_expiry() -> None:
    async with talking() as talk:
        request = asking()
        assert await talk.conversation.send(request)
        outer = await talk.hub.pipe.heard()
        assert (outer.id, outer.type) == (request.id, "Sealed")
        assert outer.body.expires_at == datetime(2026, 1, 1, tzinfo=UTC)  # type: ignore[union-attr]
        assert open_sealed(outer, SERVER.x25519_private_key()) == request


@pytest.mark.parametrize("reason", ["not_your_session", "wrong_station", *sorted(HUB_REFUSALS)])
async def test_a_hub_may_refuse_with_its_own_reasons_only(reason: Any) -> None:
    async with talking() as talk, asyncio.TaskGroup() as group:
        request = asking()
        task = group.create_task(talk.conversation.ask(request, 5))
        await talk.hub.pipe.heard()
        refused = RequestRefused(request=request.type, reason=reason)
        talk.hub.pipe.say(said(refused, asking()))
        talk.hub.pipe.say(said(refused, request))
        true = talk.say(status(1), request)
        answer = await task
        assert answer.body == (refused if reason in HUB_REFUSALS else true.body)
        assert refused not in [envelope.body for envelope in await talk.all_told()]


async def test_only_a_station_with_a_hub_is_told_where_to_seal_its_answers() -> None:
    async with talking() as talk:
        assert talk.conversation.reply_key == "0x" + talk.reply_key
    link = Link(Hub(), APP.peer_id, utc_now)
    conversation = Conversation(
        link,
        Document(multiaddrs=(f"/ip4/127.0.0.1/tcp/1/p2p/{SERVER.peer_id}",)),
        utc_now,
        on_envelope=lambda _: asyncio.sleep(0),
        on_lost=lambda _: None,
        on_restored=lambda: asyncio.sleep(0),
    )
    with pytest.raises(AssertionError):
        await conversation.open(DID)
    assert conversation.reply_key is None
