"""The challenge: whoever answers must hold the key of the station's document."""

import os

from sdk.events.envelope import Envelope, UnreadableEnvelopeError
from sdk.events.identity import IdentityChallenge, IdentityResponse, identity_message
from sdk.events.service import RequestRefused
from sdk.ids import Clock, new_event_id
from sdk.p2p.consumer_errors import StationUnreachableError, StationUntrustedError
from sdk.p2p.dialing import STREAM_ERRORS
from sdk.p2p.keys import peer_id_of, verify_ed25519
from sdk.p2p.seal import SealError
from sdk.p2p.station_description import StationDescription
from sdk.p2p.way import Way

CHALLENGE_SECONDS = 5.0
_SERVER_AWAY = ("overloaded", "too_many_requests")


def challenge_for(station: StationDescription, clock: Clock) -> Envelope:
    """Write a challenge with a fresh nonce."""
    nonce = "0x" + os.urandom(32).hex()
    return Envelope(
        id=new_event_id(),
        charge_point_id=station.charge_point_id,
        at=clock(),
        body=IdentityChallenge(did=station.did, nonce=nonce),
    )


async def challenge(way: Way, station: StationDescription, own_peer_id: str, clock: Clock) -> None:
    """Make sure of who is at the other end.

    Raises StationUnreachableError without an answer, StationUntrustedError for a wrong one.
    """
    request = challenge_for(station, clock)
    try:
        await way.write(request)
        answer = await _answer_to(request, way)
    except STREAM_ERRORS as error:
        raise StationUnreachableError(f"no answer to the challenge: {error}") from error
    body = answer.body
    if isinstance(body, RequestRefused) and body.reason in _SERVER_AWAY:
        raise StationUnreachableError(f"no answer to the challenge: {body.reason}")
    fault = _fault(request, answer, station, own_peer_id)
    if fault is not None:
        raise StationUntrustedError(fault)


async def _answer_to(request: Envelope, way: Way) -> Envelope:
    while True:
        try:
            answer = await way.read(CHALLENGE_SECONDS)
        except (UnreadableEnvelopeError, SealError):
            continue
        if answer.caused_by == request.id:
            return answer


def _fault(
    request: Envelope, answer: Envelope, station: StationDescription, own_peer_id: str
) -> str | None:
    asked, body = request.body, answer.body
    if isinstance(body, RequestRefused):
        return f"the server does not speak for this DID: {body.reason}"
    if not isinstance(body, IdentityResponse) or not isinstance(asked, IdentityChallenge):
        return f"the challenge was answered by {answer.type}"
    server = peer_id_of(station.ed25519)
    message = identity_message(station.did, server, own_peer_id, asked.nonce)
    if not verify_ed25519(station.ed25519, message, bytes.fromhex(body.signature[2:])):
        return "the challenge was answered with a wrong signature"
    return None
