"""A hub: apps reach P2P servers through it that nobody can dial; it can't read what it passes on.

    app --HUB--> here --RELAYED--> member          member --MEMBER--> here, for as long as it is one

A member's name is the peer id that Noise proved. The stream to it runs over the connection that the
member itself opened.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

import structlog
from pydantic import ValidationError

from p2p_server.doors import FIRST_FRAME_SECONDS, FloodError
from p2p_server.guard import Guard, Visitor
from p2p_server.passage import Passage
from sdk.ids import Clock
from sdk.p2p.errors import HostUnavailableError, PeerUnreachableError, StreamTimeoutError
from sdk.p2p.host import P2pHost
from sdk.p2p.protocols import RELAYED, HubAnswer, HubWanted, Relayed
from sdk.p2p.stream import Stream

log = structlog.get_logger(__name__)

SILENCE_SECONDS = 12.0
"""A member that sends nothing for so long is gone."""
OPEN_SECONDS = 5.0
PONG = b"{}"

Why = Literal["unknown_server", "not_a_member", "too_many", "bad_request"]


@dataclass(frozen=True, slots=True)
class HubLimits:
    """How much a hub carries: members, and open passages of one member and of one consumer."""

    members: int
    per_member: int
    per_consumer: int


@dataclass(slots=True, eq=False)
class _Member:
    stream: Stream
    passages: int = 0
    streams: set[Stream] = field(default_factory=set)


class Hub:
    """Knows its members, and opens passages to them; `admits` tells who may become one."""

    def __init__(
        self,
        host: P2pHost,
        admits: Callable[[str], bool],
        limits: HubLimits,
        *,
        guard: Guard,
        clock: Clock,
        idle_seconds: float,
    ) -> None:
        self._host = host
        self._admits = admits
        self._limits = limits
        self._guard = guard
        self._clock = clock
        self._idle_seconds = idle_seconds
        self._members: dict[str, _Member] = {}
        self._consumers: Counter[str] = Counter()

    @property
    def members(self) -> frozenset[str]:
        """The peer ids of those who are members now."""
        return frozenset(self._members)

    async def serve_member(self, stream: Stream, visitor: Visitor) -> None:
        """Keep whoever asks as a member, for as long as it goes on asking."""
        await stream.read_frame(FIRST_FRAME_SECONDS)
        why = self._why_no_member(stream.peer_id)
        await _answer(stream, why)
        if why is not None:
            log.warning("no member", peer_id=stream.peer_id, why=why)
            return
        member = self._enter(stream)
        try:
            await self._hear(stream, visitor)
        except StreamTimeoutError:
            # Its connection is dead, and new streams must not be tried over it.
            with suppress(PeerUnreachableError):
                await self._host.disconnect(stream.peer_id)
            raise
        finally:
            self._leave(member)

    async def serve_app(self, stream: Stream, visitor: Visitor) -> None:
        """Pass an app's frames on to the member that it names in the first one, and back."""
        try:
            to = HubWanted.model_validate_json(await stream.read_frame(FIRST_FRAME_SECONDS)).to
        except ValidationError:
            await _answer(stream, "bad_request")
            return
        member = self._members.get(to)
        if member is None or not self._has_room(member, visitor.place):
            await _answer(stream, "unknown_server" if member is None else "too_many")
            return
        member.passages += 1
        self._consumers[visitor.place] += 1
        try:
            await self._pass(stream, visitor, member)
        finally:
            member.passages -= 1
            self._consumers[visitor.place] -= 1
            self._consumers += Counter()

    def _why_no_member(self, peer_id: str) -> Why | None:
        if not self._admits(peer_id):
            return "not_a_member"
        full = peer_id not in self._members and len(self._members) >= self._limits.members
        return "too_many" if full else None

    def _enter(self, stream: Stream) -> _Member:
        before = self._members.get(stream.peer_id)
        if before is not None:
            # It came again since it holds the connection before for dead.
            self._leave(before)
        member = self._members[stream.peer_id] = _Member(stream)
        log.info("member came", peer_id=stream.peer_id)
        return member

    def _leave(self, member: _Member) -> None:
        peer_id = member.stream.peer_id
        if self._members.get(peer_id) is member:
            del self._members[peer_id]
            log.info("member left", peer_id=peer_id)
        for stream in (member.stream, *member.streams):
            stream.reset()

    async def _hear(self, stream: Stream, visitor: Visitor) -> None:
        while True:
            frame = await stream.read_frame(SILENCE_SECONDS)
            if self._guard.weighs(visitor, len(frame)) == "cut":
                raise FloodError("a member says that it is there far too often")
            await stream.write_frame(PONG)

    def _has_room(self, member: _Member, place: str) -> bool:
        return (
            member.passages < self._limits.per_member
            and self._consumers[place] < self._limits.per_consumer
        )

    async def _pass(self, stream: Stream, visitor: Visitor, member: _Member) -> None:
        to = member.stream.peer_id
        try:
            far = await self._host.open_stream(to, RELAYED, OPEN_SECONDS)
        except (PeerUnreachableError, HostUnavailableError) as error:
            log.info("member not reached", peer_id=to, reason=str(error))
            await _answer(stream, "unknown_server")
            return
        member.streams.add(far)
        try:
            await far.write_frame(Relayed(consumer=stream.peer_id).model_dump_json().encode())
            if self._members.get(to) is member:
                await _answer(stream, None)
                await Passage(stream, far, visitor, self._guard, self._clock).run(
                    self._idle_seconds
                )
        finally:
            member.streams.discard(far)
            far.reset()


async def _answer(stream: Stream, why: Why | None) -> None:
    answer = HubAnswer(error=why).model_dump_json(exclude_none=True)
    await stream.write_frame(answer.encode())
