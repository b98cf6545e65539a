"""From a DID to a stream with whoever may speak for it.

Order: resolve (the resolver checks the issuing authority) -> the peer id in the multiaddr is that
of the document's Ed25519 key -> dial (Noise proves the peer id) -> challenge with a fresh nonce.
"""

import os
from collections.abc import Sequence
from typing import Protocol

from sdk.events.envelope import Envelope, UnreadableEnvelopeError, read_envelope
from sdk.events.identity import IdentityChallenge, IdentityResponse, identity_message
from sdk.events.service import RequestRefused
from sdk.ids import Clock, new_event_id
from sdk.p2p.consumer_errors import StationUnreachableError, StationUntrustedError
from sdk.p2p.errors import (
    FrameError,
    HostUnavailableError,
    PeerUnreachableError,
    StreamClosedError,
    StreamTimeoutError,
)
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import peer_id_of, verify_ed25519
from sdk.p2p.protocols import CONVERSATION
from sdk.p2p.stream import Stream

CONNECT_SECONDS = 5.0
CHALLENGE_SECONDS = 5.0


class StationDescription(Protocol):
    """What a station's verified DID document says, as far as a consumer needs it.

    `maximum_power_w` is what the driver is shown, `provider` the station's account, `ed25519` its
    P2P server's key (64 hex digits).
    """

    @property
    def did(self) -> str: ...  # noqa: D102
    @property
    def charge_point_id(self) -> str: ...  # noqa: D102
    @property
    def maximum_power_w(self) -> int: ...  # noqa: D102
    @property
    def provider(self) -> str: ...  # noqa: D102
    @property
    def ed25519(self) -> str: ...  # noqa: D102
    @property
    def multiaddrs(self) -> Sequence[str]: ...  # noqa: D102


class Resolver(Protocol):
    """Resolves DIDs, and trusts only configured issuing authorities."""

    async def resolve(self, did: str) -> StationDescription:
        """Give the verified description; raises an InvalidInputError for one not to be trusted."""
        ...


class Link:
    """Opens verified streams with one station's P2P server."""

    def __init__(self, host: P2pHost, clock: Clock) -> None:
        self._host = host
        self._clock = clock

    async def open(self, station: StationDescription) -> Stream:
        """Dial the station's addresses in turn and challenge who answers.

        Raises StationUntrustedError, StationUnreachableError.
        """
        expected = peer_id_of(station.ed25519)
        mine = [addr for addr in station.multiaddrs if addr.endswith(f"/p2p/{expected}")]
        if not mine:
            raise StationUntrustedError("no address carries the peer id of the document's key")
        faults = []
        for multiaddr in mine:
            try:
                stream = await self._dial(multiaddr)
            except (PeerUnreachableError, HostUnavailableError) as error:
                faults.append(str(error))
                continue
            await self._challenge(stream, station)
            return stream
        raise StationUnreachableError("; ".join(faults))

    async def _dial(self, multiaddr: str) -> Stream:
        peer_id = await self._host.connect(multiaddr, CONNECT_SECONDS)
        try:
            return await self._host.open_stream(peer_id, CONVERSATION, CONNECT_SECONDS)
        except PeerUnreachableError:
            # A connection that is dead and not yet known to be.
            await self._host.disconnect(peer_id)
            peer_id = await self._host.connect(multiaddr, CONNECT_SECONDS)
            return await self._host.open_stream(peer_id, CONVERSATION, CONNECT_SECONDS)

    async def _challenge(self, stream: Stream, station: StationDescription) -> None:
        nonce = "0x" + os.urandom(32).hex()
        request = Envelope(
            id=new_event_id(),
            charge_point_id=station.charge_point_id,
            at=self._clock(),
            body=IdentityChallenge(did=station.did, nonce=nonce),
        )
        try:
            await stream.write_frame(request.to_json().encode())
            answer = await self._answer_to(request, stream)
        except (StreamClosedError, StreamTimeoutError, HostUnavailableError, FrameError) as error:
            stream.reset()
            raise StationUnreachableError(f"no answer to the challenge: {error}") from error
        fault = _fault(answer, station, nonce, self._host.peer_id)
        if fault is not None:
            stream.reset()
            raise StationUntrustedError(fault)

    async def _answer_to(self, request: Envelope, stream: Stream) -> Envelope:
        while True:
            frame = await stream.read_frame(CHALLENGE_SECONDS)
            try:
                answer = read_envelope(frame)
            except UnreadableEnvelopeError:
                continue
            if answer.caused_by == request.id:
                return answer


def _fault(
    answer: Envelope, station: StationDescription, nonce: str, own_peer_id: str
) -> str | None:
    body = answer.body
    if isinstance(body, RequestRefused):
        return f"the server does not speak for this DID: {body.reason}"
    if not isinstance(body, IdentityResponse):
        return f"the challenge was answered by {answer.type}"
    server = peer_id_of(station.ed25519)
    message = identity_message(station.did, server, own_peer_id, nonce)
    if not verify_ed25519(station.ed25519, message, bytes.fromhex(body.signature[2:])):
        return "the challenge was answered with a wrong signature"
    return None
