"""From the consumers to the Session Manager: one stream, one loop, one frame at a time.

    frame -> limit -> read, opened where it is sealed, address and time stamped -> table
          -> station known -> its answers followed -> {CP}:in

A frame that is turned away is answered with RequestRefused; one that breaks the framing, or that no
answer could name, ends its stream and no other.
"""

import structlog

from p2p_server.answers import Answers, frame_for
from p2p_server.doors import FIRST_FRAME_SECONDS, FloodError
from p2p_server.guard import Guard, Visitor
from p2p_server.identity import answer_challenge
from p2p_server.peers import Peers
from p2p_server.requests import (
    Refusal,
    UnanswerableError,
    read_request,
    refusal_envelope,
    refuse,
)
from p2p_server.stations import Stations
from sdk.bus.interface import Bus, BusUnavailableError, Delivery, OverloadedError
from sdk.bus.keys import Lane
from sdk.events.envelope import Envelope
from sdk.events.identity import IdentityChallenge
from sdk.ids import Clock
from sdk.p2p.addresses import ConsumerAddress
from sdk.p2p.keys import P2pKey
from sdk.p2p.seal import SealError
from sdk.p2p.stream import Stream

log = structlog.get_logger(__name__)

KEPT_BYTES = 4096
"""So much of an event of unknown type is kept in the dead-letter stream."""


class Relay:
    """Serves the streams of all consumers, whether they dialled us or came over a hub."""

    def __init__(  # noqa: PLR0913 - the composition root's list
        self,
        bus: Bus,
        key: P2pKey,
        peers: Peers,
        *,
        guard: Guard,
        stations: Stations,
        answers: Answers,
        clock: Clock,
        idle_seconds: float,
    ) -> None:
        self._bus = bus
        self._key = key
        self._opener = key.x25519_private_key()
        self._peers = peers
        self._guard = guard
        self._stations = stations
        self._answers = answers
        self._clock = clock
        self._idle_seconds = idle_seconds

    async def serve(self, stream: Stream, visitor: Visitor) -> None:
        """Relay one stream until it ends."""
        if not self._peers.add(visitor.place, stream):
            stream.reset()
            return
        try:
            await self._relay(stream, visitor)
        finally:
            self._peers.remove(visitor.place, stream)

    async def _relay(self, stream: Stream, visitor: Visitor) -> None:
        patience = FIRST_FRAME_SECONDS
        while True:
            frame = await stream.read_frame(patience)
            patience = self._idle_seconds
            answer = await self._answer(frame, visitor)
            if answer is not None:
                await stream.write_frame(answer)

    async def _answer(self, frame: bytes, visitor: Visitor) -> bytes | None:
        verdict = self._guard.weighs(visitor, len(frame))
        if verdict == "cut":
            raise FloodError("too many requests after too many were refused")
        request = read_request(frame, visitor.place, self._clock(), self._opener)
        outcome: Envelope | Refusal | None = request
        if verdict == "refuse":
            outcome = refuse(request, "too_many_requests")
        elif isinstance(request, Refusal):
            await self._keep_unknown(request, frame)
        else:
            outcome = await self._handle(request, visitor.place)
        return None if outcome is None else self._frame(outcome)

    def _frame(self, outcome: Envelope | Refusal) -> bytes:
        if isinstance(outcome, Refusal):
            place = ConsumerAddress.parse(outcome.address).place
            log.info("request refused", peer_id=place, type=outcome.request, why=outcome.reason)
            outcome = refusal_envelope(outcome, self._clock())
        try:
            return frame_for(outcome, ConsumerAddress.parse(outcome.peer_id or ""))
        except SealError as error:
            raise UnanswerableError(str(error)) from error

    async def _handle(self, request: Envelope, place: str) -> Envelope | Refusal | None:
        try:
            if not await self._stations.knows(request.charge_point_id):
                return refuse(request, "unknown_station")
            if isinstance(request.body, IdentityChallenge):
                return await self._identify(request, request.body)
            if not self._peers.use_station(place, request.charge_point_id):
                return refuse(request, "too_many_requests")
            await self._answers.follow(request.charge_point_id)
            await self._bus.publish(Lane.IN, request)
        except (OverloadedError, BusUnavailableError) as error:
            log.warning("not relayed", peer_id=place, type=request.type, reason=str(error))
            return refuse(request, "overloaded")
        return None

    async def _identify(
        self, request: Envelope, challenge: IdentityChallenge
    ) -> Envelope | Refusal:
        did = await self._stations.did(request.charge_point_id, self._key.peer_id)
        if did is None or did.lower() != challenge.did.lower():
            return refuse(request, "wrong_station")
        return answer_challenge(request, challenge, self._key)

    async def _keep_unknown(self, refusal: Refusal, frame: bytes) -> None:
        if not refusal.unknown:
            return
        try:
            if await self._stations.knows(refusal.charge_point_id):
                envelope = refusal_envelope(refusal, self._clock())
                text = frame[:KEPT_BYTES].decode("utf-8", "replace")
                letter = Delivery(Lane.IN, f"consumer-{refusal.cause}", envelope)
                await self._bus.dead_letter(letter, f"unknown type from a consumer: {text}")
        except BusUnavailableError as error:
            log.warning("unknown event not kept", reason=str(error))
