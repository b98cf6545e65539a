"""From effects to envelopes: where ids, times, expiry and signatures are added."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, assert_never
from uuid import UUID

from sdk.bus.keys import Lane
from sdk.chain.accounts import SigningKey
from sdk.events.body import Body
from sdk.events.charging import AuthorizeIdTag, RevokeIdTag, StartCharging, StopCharging
from sdk.events.envelope import Envelope
from sdk.events.service import ServiceAccepted, ServiceDelivered, SignedQuoteOffered
from sdk.events.settlement import SettlementProposed, SignedSettlementProposed
from sdk.ids import consequence_id
from session_manager.quotes import Quotes
from session_manager.receipts import receipt_of, sign_receipt
from session_manager.session.effects import (
    Accept,
    Answer,
    Deliver,
    Effect,
    Order,
    Propose,
    Tell,
)
from session_manager.session.state import Session


@dataclass(slots=True)
class Outbox:
    """Collects what follows from one cause; the same cause gives the same ids again."""

    charge_point_id: str
    cause: UUID
    at: datetime
    events: list[tuple[Lane, Envelope]] = field(default_factory=list)
    _ordinals: dict[str, int] = field(default_factory=dict)

    def add(
        self,
        lane: Lane,
        body: Body,
        *,
        connector_id: int | None = None,
        session_id: str | None = None,
        peer_id: str | None = None,
    ) -> None:
        """Add one event."""
        kind: str = body.type  # type: ignore[attr-defined]
        ordinal = self._ordinals.get(kind, 0)
        self._ordinals[kind] = ordinal + 1
        fields: dict[str, Any] = {
            "id": consequence_id(self.cause, kind, ordinal),
            "charge_point_id": self.charge_point_id,
            "connector_id": connector_id,
            "session_id": session_id,
            "at": self.at,
            "caused_by": self.cause,
            "peer_id": peer_id,
            "body": body,
        }
        self.events.append((lane, Envelope(**fields)))


@dataclass(frozen=True, slots=True)
class Page:
    """Where effects are written to: what a step's events share, and the receipt before."""

    outbox: Outbox
    connector_id: int
    previous_receipt: Callable[[], str]


class Stationery:
    """Writes one station's outgoing events."""

    def __init__(self, quotes: Quotes, key: SigningKey, command_seconds: float) -> None:
        """Sign with the station's `key`; commands to the gateway hold `command_seconds`."""
        self._quotes = quotes
        self._key = key
        self._command_seconds = command_seconds

    def write(
        self, page: Page, session: Session, effects: Iterable[Effect]
    ) -> ServiceDelivered | None:
        """Put a step's effects into the page's outbox; give the receipt, if one was signed."""
        receipt: ServiceDelivered | None = None
        for effect in effects:
            lane, body, to_consumer = self._body(session, effect, page)
            if isinstance(body, ServiceDelivered):
                receipt = body
            page.outbox.add(
                lane,
                body,
                connector_id=page.connector_id,
                session_id=session.session_id,
                peer_id=session.peer_id if to_consumer else None,
            )
        return receipt

    def quote(self, session: Session) -> SignedQuoteOffered:
        """Give a session's quote, as it was signed."""
        return self._quotes.signed(session.terms)

    def _body(self, session: Session, effect: Effect, page: Page) -> tuple[Lane, Body, bool]:
        match effect:
            case Accept():
                return Lane.OUT, _accepted(session), True
            case Tell(body):
                return Lane.OUT, body, True
            case Answer(body):
                return Lane.OUT, body, False
            case Order():
                return Lane.OCPP, self._command(session, effect, page.outbox.at), False
            case Propose(spent):
                return Lane.OUT, self._proposal(session, spent), True
            case Deliver():
                receipt = receipt_of(session, page.previous_receipt())
                return Lane.OUT, sign_receipt(receipt, self._key), True
            case _:
                assert_never(effect)

    def _command(self, session: Session, order: Order, at: datetime) -> Body:
        expires_at = at + timedelta(seconds=self._command_seconds)
        tag, transaction = session.id_tag or "", session.transaction_id or 0
        match order.what:
            case "authorise":
                until = datetime.fromtimestamp(session.terms.refund_opens_at, tz=at.tzinfo)
                return AuthorizeIdTag(id_tag=tag, valid_until=until, expires_at=expires_at)
            case "start":
                return StartCharging(id_tag=tag, expires_at=expires_at)
            case "stop":
                return StopCharging(transaction_id=transaction, expires_at=expires_at)
            case "revoke":
                return RevokeIdTag(id_tag=tag, expires_at=expires_at)

    def _proposal(self, session: Session, spent: int) -> SignedSettlementProposed:
        channel = self._quotes.channel(session.terms)
        proposal = SettlementProposed(
            provider_did=session.terms.provider_did,
            session_id=session.terms.session_id,
            meter_start_wh=session.meter_start_wh or 0,
            meter_stop_wh=session.meter_wh or 0,
            energy_wh=session.energy_wh,
            deposit=session.deposit,
            spent=spent,
            refund=session.deposit - spent,
            stop_reason=session.stop_reason or "charge_point",
            flags=session.flags,
            usage=session.usage,
            released=session.released,
            safe_signature=channel.sign(channel.voucher(spent), self._key),
        )
        payload = proposal.model_dump_json(exclude_none=True)
        return SignedSettlementProposed(payload=payload, signature=self._key.sign_text(payload))


def _accepted(session: Session) -> ServiceAccepted:
    return ServiceAccepted(
        session_id=session.terms.session_id,
        wallet=session.terms.wallet,
        deposit_until=session.timers["deposit"],
    )
