"""A bare app that seals what it sends: at a P2P server's own door, or over a hub."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from relay_world import CP, DID

from sdk.events.envelope import Envelope, read_envelope
from sdk.events.sealed import Sealed
from sdk.events.service import SignedSessionStateRequested
from sdk.ids import utc_now
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import P2pKey
from sdk.p2p.node import NodeSettings
from sdk.p2p.protocols import CONVERSATION, HUB, HubAnswer, HubWanted
from sdk.p2p.seal import open_sealed, seal
from sdk.p2p.stream import Stream

SIGNATURE = "0x" + "1" * 130
SESSION = "0x" + "5e" * 32


class SealedApp:
    """One stream; `station_key` is the X25519 key of the server that requests are sealed to."""

    def __init__(self, host: P2pHost, stream: Stream, station_key: str) -> None:
        self.peer_id = host.peer_id
        self.host = host
        self.stream = stream
        self._station_key = station_key
        self._key = X25519PrivateKey.generate()
        public = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.reply_key = public.hex()

    def request(self, **payload: Any) -> Envelope:
        """Write a request that is not sealed yet, with the payload's fields as given."""
        content = {
            "type": "SessionStateRequested",
            "provider_did": DID,
            "session_id": SESSION,
            "nonce": 7,
            "expires_at": (utc_now() + timedelta(minutes=1)).isoformat(),
            "reply_key": "0x" + self.reply_key,
            "connector_id": 1,
            **payload,
        }
        given = {name: value for name, value in content.items() if value is not None}
        body = SignedSessionStateRequested(payload=json.dumps(given), signature=SIGNATURE)
        return Envelope(id=uuid4(), charge_point_id=CP, at=utc_now(), body=body)

    def seal(self, request: Envelope, **outside: Any) -> Envelope:
        """Seal a request; `outside` replaces what stands beside it in clear."""
        body: Any = request.body
        expires_at = datetime.fromisoformat(json.loads(body.payload)["expires_at"])
        sealed = seal(request, self._station_key, expires_at)
        changed = sealed.body.model_copy(update=outside)
        return sealed.model_copy(update={"body": changed})

    async def send(self, envelope: Envelope) -> UUID:
        """Send an envelope as it is."""
        await self.stream.write_frame(envelope.to_json().encode())
        return envelope.id

    async def receive(self, seconds: float = 5) -> Envelope:
        """Give the next envelope as it came."""
        return read_envelope(await self.stream.read_frame(seconds))

    def opened(self, envelope: Envelope) -> Envelope:
        """Open what is sealed for this app, and fail for what is not."""
        assert isinstance(envelope.body, Sealed), envelope
        return open_sealed(envelope, self._key)

    async def ask(self) -> Envelope:
        """Send one sealed request and give its answer, opened."""
        cause = await self.send(self.seal(self.request()))
        answer = self.opened(await self.receive())
        assert answer.caused_by == cause
        return answer

    async def refusal(self, envelope: Envelope, *, sealed: bool) -> str:
        """Send an envelope, and give why it was refused."""
        await self.send(envelope)
        answer = await self.receive()
        body: Any = (self.opened(answer) if sealed else answer).body
        assert body.type == "RequestRefused", body
        return str(body.reason)


@asynccontextmanager
async def sealed_at(address: str, station_key: str) -> AsyncIterator[SealedApp]:
    """Dial a server directly, and seal nonetheless."""
    async with P2pHost(NodeSettings(P2pKey.generate())) as host:
        peer_id = await host.connect(address)
        yield SealedApp(host, await host.open_stream(peer_id, CONVERSATION), station_key)


@asynccontextmanager
async def at_hub(
    hub_address: str, to: str, station_key: str, key: P2pKey | None = None
) -> AsyncIterator[SealedApp]:
    """Reach `to` over a hub."""
    async with P2pHost(NodeSettings(key or P2pKey.generate())) as host:
        await host.connect(hub_address)
        stream, why = await enter_hub(host, hub_address, to)
        assert why is None, why
        yield SealedApp(host, stream, station_key)


async def enter_hub(host: P2pHost, hub_address: str, to: str) -> tuple[Stream, str | None]:
    """Ask a connected hub for `to`; give the stream, and why not."""
    stream = await host.open_stream(hub_address.rpartition("/")[2], HUB)
    await stream.write_frame(HubWanted(to=to).model_dump_json().encode())
    answer = HubAnswer.model_validate_json(await stream.read_frame(10))
    return stream, answer.error
