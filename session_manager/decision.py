"""What one input changes: gathered here, committed as one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from sdk.bus import keys
from sdk.bus.interface import Commit, Guard, StateWrite
from sdk.events.service import ServiceDelivered
from sdk.events.signed import RequestRefusal
from session_manager.held import (
    Held,
    end_dispute,
    update_dispute,
    write_dispute,
    write_session,
)
from session_manager.outgoing import Outbox, Stationery
from session_manager.receipts import FIRST, receipt_hash
from session_manager.session.deadlines import Limits, rearm
from session_manager.session.effects import Effect
from session_manager.session.machine import SessionEvent, transition
from session_manager.session.state import ENDED, Session
from session_manager.session.step import change


@dataclass(slots=True)
class Book:
    """All sessions of one charge point, as last committed."""

    charge_point_id: str
    connectors: dict[int, Held]
    disputed: dict[str, Held]
    last_receipt: str = FIRST

    def find(self, session_id: str | None) -> int | None:
        """Give the connector that a session is on."""
        if session_id is None:
            return None
        numbers = (n for n, h in self.connectors.items() if h.session.session_id == session_id)
        return next(numbers, None)


@dataclass(slots=True)
class Decision:
    """Gathers the new sessions, writes and events that follow from one cause."""

    book: Book
    outbox: Outbox
    stationery: Stationery
    limits: Limits
    connectors: dict[int, Held] = field(default_factory=dict)
    disputed: dict[str, Held | None] = field(default_factory=dict)
    last_receipt: str | None = None
    writes: list[StateWrite] = field(default_factory=list)
    afterwards: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    def held(self, connector_id: int) -> Held:
        """Give a connector's session, as changed so far."""
        return self.connectors.get(connector_id) or self.book.connectors.get(
            connector_id, Held(Session())
        )

    def step(
        self,
        connector_id: int,
        event: SessionEvent,
        *,
        peer_id: str | None = None,
        nonce: int | None = None,
    ) -> RequestRefusal | None:
        """Let an event move a connector's session; gives the refusal of a refused request.

        `peer_id` becomes the session's present address, `nonce` its last one.
        """
        before = self.held(connector_id)
        step = transition(before.session, event)
        after = step.session
        if step.refused is not None:
            return step.refused
        if nonce is not None:
            after = change(after, nonce=nonce)
        if peer_id is not None:
            after = change(after, peer_id=peer_id)
        after = rearm(before.session, after, self.limits, self.outbox.at)
        receipt = self.stationery.write(self.outbox, after, step.effects, self._previous)
        if after != before.session:
            self._store(connector_id, before, after, receipt)
        return None

    def effects(self, session: Session, effects: tuple[Effect, ...]) -> None:
        """Write effects that change nothing, e.g. to repeat what a consumer missed."""
        self.stationery.write(self.outbox, session, effects, self._previous)

    def replace(self, connector_id: int, session: Session) -> None:
        """Store a session in which only the consumer's address or last nonce is new."""
        self._store(connector_id, self.held(connector_id), session, None)

    def step_disputed(self, session_id: str, event: SessionEvent) -> None:
        """Let an event move a session that waits off its connector."""
        before = self.book.disputed[session_id]
        step = transition(before.session, event)
        if step.session == before.session:
            return
        cp = self.book.charge_point_id
        receipt = self.stationery.write(self.outbox, step.session, step.effects, self._previous)
        if step.session.phase in ENDED:
            self.disputed[session_id] = None
            self.writes += end_dispute(cp, step.session, receipt)
            self._receipt(receipt)
        else:
            self.disputed[session_id] = Held(step.session, before.version + 1)
            self.writes += update_dispute(cp, before, step.session)

    @property
    def changes_sessions(self) -> bool:
        """Tell whether any session is new or changed."""
        return bool(self.connectors or self.disputed)

    def commit(self, guard: Guard, reader: str | None, stream_id: str | None) -> Commit:
        """Put all that was gathered into one commit."""
        ended = [sid for sid, held in self.disputed.items() if held is None]
        disputes = keys.disputes(self.book.charge_point_id)
        return Commit(
            charge_point_id=self.book.charge_point_id,
            cause=self.outbox.cause,
            guards=(guard,),
            writes=tuple(self.writes),
            events=tuple(self.outbox.events),
            reader=reader,
            stream_id=stream_id,
            removed_fields={disputes: ended} if ended else {},
        )

    def enter(self) -> None:
        """Take the decision into the book, once it is committed."""
        self.book.connectors.update(self.connectors)
        for session_id, held in self.disputed.items():
            if held is None:
                self.book.disputed.pop(session_id, None)
            else:
                self.book.disputed[session_id] = held
        self.book.last_receipt = self.last_receipt or self.book.last_receipt

    def _store(
        self, connector_id: int, before: Held, after: Session, receipt: ServiceDelivered | None
    ) -> None:
        cp = self.book.charge_point_id
        if after.phase == "disputed":
            now: datetime = self.outbox.at
            self.writes += write_dispute(cp, connector_id, before, after, now)
            self.connectors[connector_id] = Held(Session(), before.version + 1)
            self.disputed[after.terms.session_id] = Held(after, 1)
            return
        kept = receipt or (
            before.receipt if after.session_id == before.session.session_id else None
        )
        self.writes += write_session(cp, connector_id, before, after, kept)
        self.connectors[connector_id] = Held(after, before.version + 1, kept)
        self._receipt(receipt)

    def _receipt(self, receipt: ServiceDelivered | None) -> None:
        if receipt is None:
            return
        self.last_receipt = receipt_hash(receipt)
        key = keys.last_receipt(self.book.charge_point_id)
        self.writes.append(StateWrite(key, {"hash": self.last_receipt}))

    def _previous(self) -> str:
        return self.last_receipt or self.book.last_receipt
