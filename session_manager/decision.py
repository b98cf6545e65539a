"""What one input changes: gathered here, committed as one."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sdk.bus import keys
from sdk.bus.interface import Commit, Guard, StateWrite
from sdk.events.service import ChargingStatus, ServiceDelivered
from sdk.events.signed import RequestRefusal
from sdk.logs import Logger
from sdk.records.ending import Ending, reading_append
from session_manager.book import Book
from session_manager.ending import Ended, reading_after
from session_manager.held import (
    Held,
    update_dispute,
    write_dispute,
    write_session,
)
from session_manager.outgoing import Outbox, Page, Stationery
from session_manager.receipts import receipt_hash
from session_manager.session.clock import put_right
from session_manager.session.deadlines import Limits, rearm
from session_manager.session.effects import Effect, Order
from session_manager.session.machine import told, transition
from session_manager.session.payout import hand_over
from session_manager.session.state import ENDED, Session
from session_manager.session.step import Step, change
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
    removed: dict[str, list[str]] = field(default_factory=dict)
    appends: dict[str, bytes] = field(default_factory=dict)
    constants: dict[str, bytes] = field(default_factory=dict)
    ended: list[Ended] = field(default_factory=list)
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
        came_at: datetime | None = None,
    ) -> RequestRefusal | None:
        """Let an event move a connector's session; gives the refusal of a refused request.

        `peer_id` becomes the session's present address, `nonce` its last one; `came_at` is when the
        gateway took what a charge point said.
        """
        before = self.held(connector_id)
        started = before.session
        if came_at is not None:
            started, event = put_right(started, event, came_at)
        moved = transition(started, event)
        step = self._handed_over(moved)
        # What an event that means nothing here says of a clock is not worth a write.
        after = step.session if step.session != started else before.session
        if step.refused is not None:
            return step.refused
        if nonce is not None:
            after = change(after, nonce=nonce)
        if peer_id is not None:
            after = change(after, peer_id=peer_id)
        after = rearm(before.session, after, self.limits, self.outbox.at)
        after = self._timed(before.session, after)
        receipt = self._write(connector_id, after, step.effects)
        if after.phase != before.session.phase:
            self.moved.append(after)
        if after != before.session:
            status = told(moved.effects) if step is moved else None
            self._store(connector_id, before, after, receipt, status)
        return None

    def repeat(self, connector_id: int, effect: Effect) -> None:
        """Write an effect that changes nothing, for a consumer that missed it."""
        self._write(connector_id, self.held(connector_id).session, (effect,))

    def replace(self, connector_id: int, session: Session) -> None:
        """Store a session in which only the consumer's address or last nonce is new."""
        if session.phase in ENDED:
            self.note_past(session)
        self._store(connector_id, self.held(connector_id), session, None)

    def replace_disputed(self, before: Held, session: Session) -> None:
        """The same for a session that left its connector and has not ended."""
        self.writes += update_dispute(self.book.charge_point_id, before, session)
        self.disputed[session.terms.session_id] = Held(session, before.version + 1)

    def note_past(self, session: Session) -> None:
        """Note the last request about a session that ended: its record never changes."""
        key = keys.past(self.book.charge_point_id, session.terms.session_id)
        self.writes.append(StateWrite(key, {"nonce": str(session.nonce)}))

    def repeat_past(self, session: Session, effect: Effect) -> None:
        """Write an effect again of a session that left its connector."""
        self._write(session.terms.connector_id, session, (effect,))

    def step_disputed(self, session_id: str, event: SessionEvent) -> None:
        """Let an event move a session that waits off its connector."""
        before = self.book.disputed[session_id]
        step = transition(before.session, event)
        cp, after = self.book.charge_point_id, self._timed(before.session, step.session)
        receipt = self._write(after.terms.connector_id, after, step.effects)
        if after == before.session:
            return
        if after.phase in ENDED:
            self.moved.append(after)
            self.disputed[session_id] = None
            self.forget(keys.disputes(cp), session_id)
            self.writes.append(StateWrite(keys.disputed(cp, session_id), None))
            self._end(after, receipt)
            self._receipt(receipt)
        else:
            self.disputed[session_id] = Held(after, before.version + 1)
            self.writes += update_dispute(cp, before, after)

    def forget(self, key: str, name: str) -> None:
        """Take a field out of a hash of the charge point."""
        self.removed.setdefault(key, []).append(name)

    def add_ending(self, whole: Ending) -> None:
        """Commit what stays of a session that ended."""
        self.writes += whole.writes
        self._append(whole.appends)
        self.constants |= whole.constants

    @property
    def changes_sessions(self) -> bool:
        """Tell whether any session is new or changed."""
        return bool(self.connectors or self.disputed)

    def commit(self, guard: Guard, reader: str | None, stream_id: str | None) -> Commit:
        """Put all that was gathered into one commit."""
        return Commit(
            charge_point_id=self.book.charge_point_id,
            cause=self.outbox.cause,
            guards=(guard,),
            writes=tuple(self.writes),
            events=tuple(self.outbox.events),
            reader=reader,
            stream_id=stream_id,
            removed_fields=self.removed,
            appends=self.appends,
            constants=self.constants,
        )

    def enter(self, log: Logger) -> None:
        """Take the decision into the book, once it is committed, and log where sessions stand."""
        for session in self.moved:
            n, phase = session.terms.connector_id, session.phase
            if session.private:
                log.warning("connector %d: %s, PRIVATE: no money", n, phase)
            else:
                log.info("connector %d: %s", n, phase, session_id=session.session_id)
        self.book.connectors.update(self.connectors)
        for session_id, disputed in self.disputed.items():
            if disputed is None:
                self.book.disputed.pop(session_id, None)
            else:
                self.book.disputed[session_id] = disputed
        self.book.last_receipt = self.last_receipt or self.book.last_receipt

    def _append(self, appends: Mapping[str, bytes]) -> None:
        for key, data in appends.items():
            self.appends[key] = self.appends.get(key, b"") + data

    def _end(self, session: Session, receipt: ServiceDelivered | None) -> None:
        quote = None if session.private else self.stationery.quote(session)
        self.ended.append(Ended(session, self.outbox.at, receipt, quote))

    def _handed_over(self, step: Step) -> Step:
        """Leave what is not worth its gas to the driver, where the owner wants that."""
        more = hand_over(step.session, self.limits.hand_over_below)
        if more is None:
            return step
        return Step(more.session, (*step.effects, *more.effects), step.refused)

    def _timed(self, before: Session, after: Session) -> Session:
        """Note when a phase began."""
        if after.phase == before.phase and after.session_id == before.session_id:
            return after
        return change(after, timeline=(*after.timeline, (after.phase, self.outbox.at)))

    def _write(
        self, connector_id: int, session: Session, effects: tuple[Effect, ...]
    ) -> ServiceDelivered | None:
        # The register follows at once, also while the gateway that is told to is away.
        if Order("revoke") in effects and session.id_tag is not None:
            self.forget(keys.id_tags(self.book.charge_point_id), session.id_tag)
        page = Page(self.outbox, connector_id, self._previous)
        return self.stationery.write(page, session, effects)

    def _store(
        self,
        connector_id: int,
        before: Held,
        after: Session,
        receipt: ServiceDelivered | None,
        status: ChargingStatus | None = None,
    ) -> None:
        cp = self.book.charge_point_id
        if after.phase == "disputed" or after.released:
            now: datetime = self.outbox.at
            self.writes += write_dispute(cp, connector_id, before, after, now)
            self.connectors[connector_id] = Held(Session(), before.version + 1)
            self.disputed[after.terms.session_id] = Held(after, 1)
            return
        if after.phase in ENDED and after.phase != before.session.phase:
            self._end(after, receipt)
        reading = reading_after(before.session, after)
        if reading is not None:
            self._append(reading_append(cp, after.terms.session_id, reading))
        kept = receipt or (
            before.receipt if after.session_id == before.session.session_id else None
        )
        self.writes += write_session(cp, connector_id, before, after, kept, status)
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
