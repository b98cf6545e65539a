"""What one input changes: gathered here, committed as one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from sdk.bus import keys
from sdk.bus.interface import Commit, Guard, StateWrite
from sdk.events.service import ServiceDelivered
from sdk.events.signed import RequestRefusal
from sdk.logs import Logger
from session_manager.book import Book
from session_manager.held import (
    Held,
    end_dispute,
    update_dispute,
    write_dispute,
    write_past,
    write_session,
)
from session_manager.outgoing import Outbox, Page, Stationery
from session_manager.receipts import receipt_hash
from session_manager.session.deadlines import Limits, rearm
from session_manager.session.effects import Effect, Order
from session_manager.session.machine import transition
from session_manager.session.state import ENDED, Session
from session_manager.session.step import change
from session_manager.session.table import SessionEvent


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
    revoked: list[str] = field(default_factory=list)
    moved: list[Session] = field(default_factory=list)
    afterwards: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    def held(self, connector_id: int) -> Held:
        """Give a connector's session, as changed so far."""
        return self.connectors.get(connector_id) or self.book.held(connector_id)

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
        receipt = self._write(connector_id, after, step.effects)
        if after.phase != before.session.phase:
            self.moved.append(after)
        if after != before.session:
            self._store(connector_id, before, after, receipt)
        return None

    def repeat(self, connector_id: int, effect: Effect) -> None:
        """Write an effect that changes nothing, for a consumer that missed it."""
        self._write(connector_id, self.held(connector_id).session, (effect,))

    def replace(self, connector_id: int, session: Session) -> None:
        """Store a session in which only the consumer's address or last nonce is new."""
        self._store(connector_id, self.held(connector_id), session, None)

    def replace_past(self, before: Held, session: Session) -> None:
        """The same for a session that left its connector."""
        self.writes += write_past(self.book.charge_point_id, before, session)
        session_id = session.terms.session_id
        if session_id in self.book.disputed:
            self.disputed[session_id] = Held(session, before.version + 1)

    def step_disputed(self, session_id: str, event: SessionEvent) -> None:
        """Let an event move a session that waits off its connector."""
        before = self.book.disputed[session_id]
        step = transition(before.session, event)
        if step.session == before.session:
            return
        cp = self.book.charge_point_id
        receipt = self._write(step.session.terms.connector_id, step.session, step.effects)
        if step.session.phase in ENDED:
            self.moved.append(step.session)
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
        cp = self.book.charge_point_id
        removed = {keys.disputes(cp): ended, keys.id_tags(cp): self.revoked}
        return Commit(
            charge_point_id=cp,
            cause=self.outbox.cause,
            guards=(guard,),
            writes=tuple(self.writes),
            events=tuple(self.outbox.events),
            reader=reader,
            stream_id=stream_id,
            removed_fields={key: names for key, names in removed.items() if names},
        )

    def enter(self, log: Logger) -> None:
        """Take the decision into the book, once it is committed, and log where sessions stand."""
        for session in self.moved:
            n, phase = session.terms.connector_id, session.phase
            log.info("connector %d: %s", n, phase, session_id=session.session_id)
        self.book.connectors.update(self.connectors)
        for session_id, disputed in self.disputed.items():
            if disputed is None:
                self.book.disputed.pop(session_id, None)
            else:
                self.book.disputed[session_id] = disputed
        self.book.last_receipt = self.last_receipt or self.book.last_receipt

    def _write(
        self, connector_id: int, session: Session, effects: tuple[Effect, ...]
    ) -> ServiceDelivered | None:
        # The register follows at once, also while the gateway that is told to is away.
        if Order("revoke") in effects and session.id_tag is not None:
            self.revoked.append(session.id_tag)
        page = Page(self.outbox, connector_id, self._previous)
        return self.stationery.write(page, session, effects)

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
