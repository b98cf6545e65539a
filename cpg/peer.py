"""One connected charge point, as the gateway's rooms know it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any
from uuid import UUID

from cpg.frames import Call, MessageId
from cpg.tolerance import Mended, mend_answer
from sdk.bus.interface import Bus, Commit, Guard, Outcome, Room, StateWrite
from sdk.bus.keys import Lane
from sdk.charge_point_config import ChargePointConfig
from sdk.errors import NoroamError
from sdk.events.body import Body
from sdk.events.envelope import Envelope
from sdk.ids import Clock, consequence_id, natural_id
from sdk.tolerances import Tolerance


class SupersededError(NoroamError):
    """A newer socket of the same charge point won; this one may write nothing more."""


@dataclass(slots=True)
class Peer:
    """A charge point on one socket; all that it writes is fenced by the socket's generation."""

    charge_point_id: str
    guard: Guard
    generation: int
    bus: Bus
    clock: Clock
    connectors: int = 1
    """How many it is registered with."""
    tolerances: frozenset[Tolerance] = frozenset()
    security_profile: int = 0
    """What this socket has shown: 0 nothing, else a password or a certificate."""
    reservations_due: float = inf
    """When a reservation of it lapses, as of `time.monotonic`."""
    told_interval: int = 60
    """The heartbeat interval that a boot is told, in seconds."""
    patience: float = 1.0
    """How many times as long as others it may be silent: its heartbeats are so much rarer."""
    presence: int = 0
    """How many entries its history has, also before this socket (`sdk.records.presence`)."""
    _last: tuple[MessageId, int] = ("", 0)
    _reuses: int = 0

    def configure(self, config: ChargePointConfig) -> None:
        """Take over what its configuration says, now and whenever it changes."""
        self.connectors = config.connectors
        self.tolerances = frozenset(config.tolerances)

    def beats_every(self, interval: int) -> None:
        """Expect a heartbeat each `interval` seconds; 0: none at all."""
        self.patience = inf if interval == 0 else max(1.0, interval / self.told_interval)

    def mend_answer(self, action: str, payload: dict[str, Any]) -> Mended:
        """Give what an answer that the schema forbids may be taken for."""
        return mend_answer(action, payload, self.tolerances, self.clock())

    def hear(self, call: Call) -> None:
        """Notice firmware that gives all its messages one id."""
        last, self._last = self._last, (call.message_id, hash(call.raw))
        if last[0] == call.message_id and last != self._last:
            self._reuses += 1

    def cause(self, call: Call, what: str) -> UUID:
        """Name what an OCPP message causes: charge point, generation, message id and content."""
        message = (call.message_id, call.checksum, self._reuses)
        return natural_id(self.charge_point_id, self.guard.token, *message, what)

    def envelope(
        self,
        event_id: UUID,
        body: Body,
        connector_id: int | None = None,
        *,
        caused_by: UUID | None = None,
        session_id: str | None = None,
        at: datetime | None = None,
    ) -> Envelope:
        """Put an event of this charge point into its envelope."""
        return Envelope(
            id=event_id,
            charge_point_id=self.charge_point_id,
            connector_id=connector_id,
            session_id=session_id,
            at=at or self.clock(),
            caused_by=caused_by,
            body=body,
        )

    async def commit(  # noqa: PLR0913 - what one commit is made of
        self,
        *,
        writes: Sequence[StateWrite] = (),
        events: Sequence[Envelope] = (),
        removed: Mapping[str, Sequence[str]] | None = None,
        appends: Mapping[str, bytes] | None = None,
        cause: UUID | None = None,
        cursor: tuple[str, str] | None = None,
        room: Room | None = None,
    ) -> Outcome:
        """Write state and events in one call.

        Raises SupersededError, BusUnavailableError, with `room` OverloadedError.
        """
        reader, stream_id = cursor or (None, None)
        return await self.apply(
            Commit(
                charge_point_id=self.charge_point_id,
                # a reader's own commit of the event goes by the event's id
                cause=consequence_id(cause, "gateway") if cause is not None else None,
                guards=(self.guard,),
                writes=writes,
                events=[(Lane.IN, event) for event in events],
                removed_fields=removed or {},
                appends=appends or {},
                reader=reader,
                stream_id=stream_id,
                room=room,
            )
        )

    async def apply(self, commit: Commit) -> Outcome:
        """Commit what is guarded by `guard`; errors as `commit`."""
        outcome = await self.bus.apply(commit)
        if outcome is Outcome.FENCED:
            raise SupersededError(self.charge_point_id)
        return outcome
