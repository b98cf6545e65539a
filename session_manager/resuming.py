"""How a consumer learns where its session stands, and takes it up again from another peer."""

from sdk.availability import availability
from sdk.bus.interface import Bus
from sdk.events.envelope import Envelope
from sdk.events.service import SessionStateReported, SessionStateRequested
from session_manager.decision import Decision
from session_manager.past import Past, find_past
from session_manager.quotes import Quotes
from session_manager.replies import refuse, reply
from session_manager.requests import SignedRequest, check_owner
from session_manager.session.effects import Propose
from session_manager.session.state import ENDED, Session, status_of
from session_manager.session.step import change
from session_manager.surroundings import Surroundings


class Resuming:
    """Answers SessionStateRequested and SessionResumed for one station."""

    def __init__(self, bus: Bus, quotes: Quotes, surroundings: Surroundings) -> None:
        """Read records over `bus`."""
        self._bus = bus
        self._quotes = quotes
        self._surroundings = surroundings

    async def report(
        self,
        envelope: Envelope,
        request: SessionStateRequested,
        opened: SignedRequest,
        decision: Decision,
    ) -> None:
        """Tell how a connector stands; the session on it only to its own key, at its address."""
        n = decision.book.find(request.session_id)
        fault = check_owner(opened, decision.held(n).session if n is not None else None)
        if fault == "replayed":
            refuse(decision, envelope, fault)
            return
        own = False
        if fault is None and n is not None:
            session = _seen(decision.held(n).session, opened)
            decision.replace(n, session)
            own = session.peer_id == envelope.peer_id
        await self._state(envelope, decision, n if own and n else request.connector_id, own=own)

    async def resume(
        self, envelope: Envelope, opened: SignedRequest, decision: Decision, n: int
    ) -> None:
        """Move the session to the peer that asks, and tell it what it may have missed."""
        session = _seen(decision.held(n).session, opened, envelope.peer_id)
        decision.replace(n, session)
        await self._state(envelope, decision, n, own=True)
        held = decision.held(n)
        if held.session.phase == "settling" and held.session.proposed is not None:
            decision.repeat(n, Propose(held.session.proposed))
        if held.session.phase in ENDED and held.receipt is not None:
            reply(decision, envelope, held.receipt, n)

    async def past(
        self, envelope: Envelope, opened: SignedRequest, past: Past, decision: Decision
    ) -> None:
        """Tell of a session that left its connector: disputed, or followed by another one."""
        session = _seen(past.held.session, opened, envelope.peer_id)
        n = session.terms.connector_id
        if past.is_open:
            decision.replace_disputed(past.held, session)
        else:
            decision.note_past(session)
        await self._state(envelope, decision, n, own=True, past=past)
        if session.released and session.proposed is not None:
            decision.repeat_past(session, Propose(session.proposed))
        if past.held.receipt is not None:
            reply(decision, envelope, past.held.receipt, n)

    async def find_past(self, decision: Decision, session_id: str | None) -> Past | None:
        """Give a session that left its connector. Raises CorruptRecordError."""
        if session_id is None:
            return None
        disputed = decision.book.disputed.get(session_id)
        if disputed is not None:
            return Past(disputed, status_of(disputed.session), is_open=True)
        return await find_past(self._bus, decision.book.charge_point_id, session_id)

    async def _state(
        self,
        envelope: Envelope,
        decision: Decision,
        n: int,
        *,
        own: bool,
        past: Past | None = None,
    ) -> None:
        station, connector = await self._surroundings.read(decision.book.charge_point_id, n)
        dead = await self._surroundings.dead()
        session = decision.held(n).session
        shown = (past.held.session if past else session) if own else None
        status = past.status if past else status_of(session) if own else None
        body = SessionStateReported(
            connector_id=n,
            availability=availability(session.phase, station, connector, dead),
            session=status,
            quote=self._quotes.signed(shown.terms) if shown is not None else None,
        )
        reply(decision, envelope, body, n)


def _seen(session: Session, opened: SignedRequest, peer_id: str | None = None) -> Session:
    session = change(session, nonce=opened.request.nonce)
    return session if peer_id is None else change(session, peer_id=peer_id)
