"""A libp2p peer that says what it likes: for requests that an honest app would never send."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

from machine import TestStation

from sdk.chain.accounts import SigningKey, new_key
from sdk.chain.addresses import Deployment
from sdk.events.service import QuoteOffered
from sdk.ids import utc_now
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import P2pKey
from sdk.p2p.node import NodeSettings
from sdk.p2p.protocols import CONVERSATION as PROTOCOL
from sdk.p2p.quote_check import channel_of
from sdk.p2p.stream import Stream


class Stranger:
    """One peer with one stream to a P2P server, and a session key of its own."""

    def __init__(self, host: P2pHost, stream: Stream, station: TestStation) -> None:
        self.key = new_key()
        self.host = host
        self.stream = stream
        self._station = station
        self._nonce = 0

    def signed(
        self,
        kind: str,
        key: SigningKey | None = None,
        session_id: str | None = None,
        **fields: Any,
    ) -> dict[str, Any]:
        """Make a signed body; `key` signs it."""
        self._nonce += 1
        content = {
            "type": kind,
            "provider_did": self._station.did,
            "nonce": self._nonce,
            "expires_at": (utc_now() + timedelta(seconds=30)).isoformat(),
            **({"session_id": session_id} if session_id else {}),
            **fields,
        }
        payload = json.dumps(content)
        return {
            "type": kind,
            "payload": payload,
            "signature": (key or self.key).sign_text(payload),
        }

    def quote_request(self, deposit: int, **changes: Any) -> dict[str, Any]:
        """Make a QuoteRequested for connector 1."""
        fields = {
            "connector_id": 1,
            "session_key": self.key.address,
            "refund_account": self.key.address,
            "consumer_nonce": "0x" + secrets.token_hex(32),
            "deposit": str(deposit),
            **changes,
        }
        return self.signed("QuoteRequested", **fields)

    async def hold(self, deposit: int) -> str:
        """Take a quote and hold connector 1, as an honest app does; gives the session id."""
        quote = await self.ask(self.quote_request(deposit))
        terms = QuoteOffered.model_validate_json(quote["payload"])
        channel = channel_of(terms, Deployment())
        voucher = {"spent": "0", "signature": channel.sign(channel.voucher(0), self.key)}
        accepted = await self.ask(
            self.signed(
                "ServiceRequested", session_id=terms.session_id, quote=quote, voucher=voucher
            )
        )
        assert accepted["type"] == "ServiceAccepted"
        return terms.session_id

    def send_raw(self, data: bytes) -> None:
        """Send bytes that are no frame, past the checks of the own side."""
        self.stream.outbox.append(data)
        self.stream.queued_bytes += len(data)
        self.stream.writer_awake = True
        self.stream._wakeups.wake_writer()

    async def told(self, kind: str, seconds: float) -> dict[str, Any]:
        """Wait to be told something of a type."""
        async with asyncio.timeout(seconds):
            while True:
                body = json.loads(await self.stream.read_frame(seconds))["body"]
                if body["type"] == kind:
                    return dict(body)

    async def ask(self, body: dict[str, Any]) -> dict[str, Any]:
        """Send a body, and give the body of what answers it."""
        event_id = str(uuid4())
        envelope = {
            "id": event_id,
            "charge_point_id": self._station.id,
            "at": utc_now().isoformat(),
            "body": body,
        }
        await self.stream.write_frame(json.dumps(envelope).encode())
        while True:
            answer = json.loads(await self.stream.read_frame(10))
            if answer.get("caused_by") == event_id:
                return dict(answer["body"])


@asynccontextmanager
async def stranger(url: str, station: TestStation) -> AsyncIterator[Stranger]:
    """Connect a stranger to the P2P server at a multiaddr."""
    async with P2pHost(NodeSettings(P2pKey.generate())) as host:
        await host.connect(url)
        stream = await host.open_stream(url.rpartition("/")[2], PROTOCOL)
        yield Stranger(host, stream, station)
