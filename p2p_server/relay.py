"""From the consumers to the Session Manager: one stream, one loop, one frame at a time.

    frame -> limit -> read, peer id and time stamped -> table -> station known
          -> its answers followed -> {CP}:in

A frame that is turned away is answered with RequestRefused; one that breaks the framing, or that no
answer could name, ends its stream and no other.
"""

import asyncio

import structlog

from p2p_server.answers import Answers
from p2p_server.guard import Fault, Guard, Visitor
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
from sdk.p2p.errors import FrameError, HostUnavailableError, StreamClosedError, StreamTimeoutError
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import P2pKey
from sdk.p2p.stream import Stream

log = structlog.get_logger(__name__)

FIRST_FRAME_SECONDS = 30.0
KEPT_BYTES = 4096
"""So much of an event of unknown type is kept in the dead-letter stream."""


class FloodError(Exception):
    """A peer went on asking although it was refused."""


class Relay:
    """Serves the streams of all consumers."""

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
        self._peers = peers
        self._guard = guard
        self._stations = stations
        self._answers = answers
        self._clock = clock
        self._idle_seconds = idle_seconds

    async def run(self, host: P2pHost) -> None:
        """Accept streams for ever."""
        async with asyncio.TaskGroup() as group:
            while True:
                group.create_task(self.serve(await host.accept()))

    async def serve(self, stream: Stream) -> None:
        """Relay one stream until it ends."""
        visitor = Visitor(stream.peer_id, stream.remote_ip)
        if not self._guard.opens(visitor):
            stream.reset()
            return
        try:
            await self._serve(stream, visitor)
        finally:
            self._guard.closes(visitor)

    async def _serve(self, stream: Stream, visitor: Visitor) -> None:
        if not self._peers.add(stream):
            stream.reset()
            return
        try:
            await self._relay(stream, visitor)
        except (StreamClosedError, HostUnavailableError, StreamTimeoutError) as error:
            log.debug("stream ends", peer_id=stream.peer_id, reason=str(error))
        except (FrameError, UnanswerableError, FloodError) as error:
            self._guard.blames(visitor, _fault(error))
            log.warning("stream reset", peer_id=stream.peer_id, reason=str(error))
        except Exception:
            log.exception("stream failed", peer_id=stream.peer_id)
        finally:
            stream.reset()
            self._peers.remove(stream)

    async def _relay(self, stream: Stream, visitor: Visitor) -> None:
        patience = FIRST_FRAME_SECONDS
        while True:
            frame = await stream.read_frame(patience)
            patience = self._idle_seconds
            answer = await self._answer(frame, visitor)
            if answer is not None:
                await stream.write_frame(answer.to_json().encode())

    async def _answer(self, frame: bytes, visitor: Visitor) -> Envelope | None:
        peer_id = visitor.place
        verdict = self._guard.weighs(visitor, len(frame))
        if verdict == "cut":
            raise FloodError("too many requests after too many were refused")
        request = read_request(frame, peer_id, self._clock())
        outcome: Envelope | Refusal | None = request
        if verdict == "refuse":
            outcome = refuse(request, "too_many_requests")
        elif isinstance(request, Refusal):
            await self._keep_unknown(request, frame, peer_id)
        else:
            outcome = await self._handle(request, peer_id)
        if isinstance(outcome, Refusal):
            log.info("request refused", peer_id=peer_id, type=outcome.request, why=outcome.reason)
            return refusal_envelope(outcome, peer_id, self._clock())
        return outcome

    async def _handle(self, request: Envelope, peer_id: str) -> Envelope | Refusal | None:
        try:
            if not await self._stations.knows(request.charge_point_id):
                return refuse(request, "unknown_station")
            if isinstance(request.body, IdentityChallenge):
                return await self._identify(request, request.body, peer_id)
            if not self._peers.use_station(peer_id, request.charge_point_id):
                return refuse(request, "too_many_requests")
            await self._answers.follow(request.charge_point_id)
            await self._bus.publish(Lane.IN, request)
        except (OverloadedError, BusUnavailableError) as error:
            log.warning("not relayed", peer_id=peer_id, type=request.type, reason=str(error))
            return refuse(request, "overloaded")
        return None

    async def _identify(
        self, request: Envelope, challenge: IdentityChallenge, peer_id: str
    ) -> Envelope | Refusal:
        did = await self._stations.did(request.charge_point_id, self._key.peer_id)
        if did is None or did.lower() != challenge.did.lower():
            return refuse(request, "wrong_station")
        return answer_challenge(request, challenge, peer_id, self._key)

    async def _keep_unknown(self, refusal: Refusal, frame: bytes, peer_id: str) -> None:
        if not refusal.unknown:
            return
        try:
            if await self._stations.knows(refusal.charge_point_id):
                envelope = refusal_envelope(refusal, peer_id, self._clock())
                text = frame[:KEPT_BYTES].decode("utf-8", "replace")
                letter = Delivery(Lane.IN, f"consumer-{refusal.cause}", envelope)
                await self._bus.dead_letter(letter, f"unknown type from a consumer: {text}")
        except BusUnavailableError as error:
            log.warning("unknown event not kept", reason=str(error))


def _fault(error: FrameError | UnanswerableError | FloodError) -> Fault:
    match error:
        case FloodError():
            return "flood"
        case UnanswerableError():
            return "unanswerable"
        case _:
            return "framing"
