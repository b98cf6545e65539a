"""A connector's sessions as a driver's decisions leave them, and what must always hold of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sdk.bus.interface import StateWrite
from sdk.events.charging import ChargingStarted, RevokeIdTag
from sdk.events.envelope import Envelope
from sdk.events.service import (
    Phase,
    QuoteOffered,
    Receipt,
    ServiceDelivered,
    ServiceRequested,
    SignedQuoteOffered,
)
from sdk.events.settlement import SettlementProposed, SignedSettlementProposed
from sdk.events.signed import read_payload
from sdk.tariff import Tariff, Window, cost
from session_manager.book import Book
from session_manager.decision import Decision
from session_manager.held import Held, read_held
from session_manager.outgoing import Outbox, Stationery
from session_manager.session.deadlines import Limits, taken_over
from session_manager.session.effects import Execute, WatchDeposit, chain_need
from session_manager.session.private import PrivateStarted
from session_manager.session.state import FREE, Session
from session_manager.session.table import SessionEvent
from tests.session_kit import CP, NOON, QUOTE, STATION, station_quotes

PLAIN = Tariff(per_kwh=1_000)
TARIFFS = (
    PLAIN,
    Tariff(per_kwh=1_000, per_session=50, minimum=900, maximum=6_000, tax_percent=19),
    Tariff(per_kwh=700, per_minute=30, idle_per_minute=60, idle_grace_minutes=1),
    Tariff(
        per_kwh=1_000,
        per_minute=5,
        minimum=200,
        tax_percent="7.5",
        windows=(
            Window(start="12:05", end="12:25", per_kwh=1_900, per_minute=0),
            Window(start="12:20", end="09:00", per_kwh=333),
        ),
    ),
)
TOKEN = "0x" + "5" * 40
_STATIONERY = Stationery(station_quotes(), STATION, 30)
_BEGIN_ANEW = (ServiceRequested, PrivateStarted)


def quote(number: int, **fields: object) -> QuoteOffered:
    """Give a quote of which there is no other with this number."""
    return QUOTE.model_copy(update={"session_id": f"0x{number:064x}", **fields})


def unsigned(offer: QuoteOffered) -> SignedQuoteOffered:
    """Give a quote as it is on the wire; whether it is the station's own was checked before."""
    return SignedQuoteOffered(payload=offer.model_dump_json(), signature="0x" + "0" * 130)


@dataclass
class Station:
    """One connector and the sessions that left it; each step is checked."""

    limits: Limits
    now: datetime = NOON
    book: Book = field(default_factory=lambda: Book(CP, {1: Held(Session())}, {}))
    over: dict[str, Session] = field(default_factory=dict)
    reached: set[tuple[Phase, bool, bool]] = field(default_factory=set)
    """Phase, whether it is a test without money, and whether the payout is the driver's."""
    stored: dict[str, dict[str, str]] = field(default_factory=dict)
    decisions: int = 0

    @property
    def session(self) -> Session:
        """The session on the connector."""
        return self.book.held(1).session

    @property
    def away(self) -> list[Session]:
        """The sessions that left the connector and are open."""
        return [held.session for held in self.book.disputed.values()]

    def pass_time(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)

    def take(self, event: SessionEvent, came_at: datetime | None = None) -> None:
        """Let an event move the session on the connector, as the driver does."""
        before = self.session
        self._decide(before, event, lambda it: it.step(1, event, came_at=came_at))

    def take_away(self, session_id: str, event: SessionEvent) -> None:
        """Let an event move a session that left the connector."""
        before = self.book.disputed[session_id].session
        self._decide(before, event, lambda it: it.step_disputed(session_id, event))

    def restart(self) -> None:
        """Go on from what is stored, as another manager does."""
        held = self.book.held(1)
        session = taken_over(held.session, self.limits, self.now)
        self.book.connectors[1] = Held(session, held.version, held.receipt)
        check_session(session)

    def _decide(
        self, before: Session, event: SessionEvent, act: Callable[[Decision], object]
    ) -> None:
        self.decisions += 1
        outbox = Outbox(CP, UUID(int=self.decisions), self.now)
        decision = Decision(self.book, outbox, _STATIONERY, self.limits)
        act(decision)
        changed = [*decision.connectors.values(), *decision.disputed.values()]
        self.book.connectors.update(decision.connectors)
        for session_id, held in decision.disputed.items():
            if held is None:
                del self.book.disputed[session_id]
            else:
                self.book.disputed[session_id] = held
        self.over |= {ended.session.terms.session_id: ended.session for ended in decision.ended}
        self._check(before, event, outbox)
        self._store(decision.writes, [held for held in changed if held is not None])

    def _check(self, before: Session, event: SessionEvent, outbox: Outbox) -> None:
        after = self._find(before.session_id or "")
        if after is None or (before.phase in FREE and after != before):
            assert before.phase in FREE, f"{before.phase} was forgotten"
            assert isinstance(event, _BEGIN_ANEW), f"{before.phase} was changed by {event}"
        else:
            check_change(before, after, event)
        for session in (self.session, *self.away):
            check_session(session)
            self.reached.add((session.phase, session.private, session.released))
        for session_id in self.over:
            assert session_id not in self.book.disputed
        for _, envelope in outbox.events:
            check_told(envelope)

    def _find(self, session_id: str) -> Session | None:
        if self.session.session_id == (session_id or None):
            return self.session
        held = self.book.disputed.get(session_id)
        return held.session if held is not None else self.over.get(session_id)

    def _store(self, writes: list[StateWrite], changed: list[Held]) -> None:
        """Keep what is written, and see that it reads back as it was."""
        for write in writes:
            if write.fields is None or write.replace:
                self.stored.pop(write.key, None)
            self.stored.setdefault(write.key, {}).update(write.fields or {})
        read = [read_held(fields) for fields in self.stored.values() if "state" in fields]
        for held in changed:
            assert held.session == Session() or held in read


def check_change(before: Session, after: Session, event: SessionEvent) -> None:
    """See that an event only did what events may do."""
    assert after.energy_wh >= before.energy_wh >= 0
    assert set(after.flags) >= set(before.flags)
    assert after.timeline[: len(before.timeline)] == before.timeline
    if before.usage is None and after.usage is not None:
        assert isinstance(event, ChargingStarted)
        assert (after.meter_start_wh, after.energy_wh) == (event.meter_start_wh, 0)
    if before.usage is not None:
        assert after.usage is not None
        assert after.meter_start_wh == before.meter_start_wh
        assert after.started_at == before.started_at
    if after.paid > before.paid:
        assert after.paid <= before.cost, "a voucher is for what was delivered"
    if before.phase in ("charging", "stopping", "settling") and after.paid < before.paid:
        assert after.phase != before.phase, "a voucher is never given up"
        assert after.paid == before.proposed, f"less than was held, without approval: {event}"


def check_session(session: Session) -> None:
    """See that a session is one that may be."""
    if session.phase in FREE:
        assert not session.timers
        assert chain_need(session) is None
        return
    _check_money(session)
    _check_goes_on(session)
    if session.private:
        assert session.phase in ("charging", "stopping")
        assert chain_need(session) is None
        assert (session.cost, session.deposit, session.payout) == (0, 0, None)
    moments = [at for _, at in session.timeline]
    assert moments == sorted(moments)
    assert session.released or session.timeline[-1][0] == session.phase


def _check_money(session: Session) -> None:
    assert 0 <= session.cost <= session.deposit
    if session.usage is not None and not session.private:
        price = cost(session.terms.tariff, session.usage)
        assert session.cost == min(price, session.deposit)
    assert session.paid <= session.deposit or "deposit_lost" in (*session.flags, session.failure)
    payout, need = session.payout, chain_need(session)
    if payout is not None and session.usage is None:
        assert payout.spent == 0, "only voucher 0 is paid before charging"
    if session.phase == "settling":
        assert session.proposed == session.cost
    if payout is not None and session.phase == "executing":
        assert payout == session.voucher
    if isinstance(need, Execute):
        assert session.closed, "nothing is paid out while a transaction may still run"
        assert need.voucher == payout
        assert not session.released


def _check_goes_on(session: Session) -> None:
    if session.released:
        assert session.closed, "nobody is told to pay while a transaction may still run"
        return
    need = chain_need(session)
    looks = isinstance(need, Execute) or need == WatchDeposit(last=True)
    assert session.timers or looks, f"{session.phase} would last for ever"


def check_told(envelope: Envelope) -> None:
    """See that amounts add up wherever they are signed."""
    match envelope.body:
        case SignedSettlementProposed() as body:
            proposal = read_payload(body, SettlementProposed)
            assert proposal.spent + proposal.refund == proposal.deposit
            assert proposal.energy_wh == proposal.meter_stop_wh - proposal.meter_start_wh
        case ServiceDelivered() as body:
            receipt = read_payload(body, Receipt)
            assert receipt.spent + receipt.refund == receipt.deposit
            assert sum(line.amount for line in receipt.price_lines) >= 0
        case RevokeIdTag() as body:
            assert body.id_tag.startswith("NR"), "only a session's own tag is taken back"
        case _:
            pass
