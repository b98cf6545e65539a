"""Quotes and holds: from a consumer's first question to a connector that is held for it."""

from collections.abc import Callable
from typing import get_args

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.events.body import Body
from sdk.events.envelope import Envelope
from sdk.events.service import (
    QuoteOffered,
    QuoteRefused,
    QuoteRequested,
    ServiceRejected,
    ServiceRequested,
)
from sdk.register import ChargePointConfig
from session_manager.decision import Decision
from session_manager.quotes import Quotes
from session_manager.replies import reply
from session_manager.session.state import FREE
from session_manager.surroundings import Surroundings
from session_manager.tokens import AllowedTokens

_REJECTIONS = frozenset(get_args(ServiceRejected.model_fields["reason"].annotation))


class Selling:
    """Sells one station's connectors."""

    def __init__(
        self,
        bus: Bus,
        quotes: Quotes,
        tokens: AllowedTokens,
        surroundings: Surroundings,
        provider_nonce: Callable[[], str],
    ) -> None:
        """`provider_nonce` gives 32 fresh random bytes as hex."""
        self._bus = bus
        self._quotes = quotes
        self._tokens = tokens
        self._surroundings = surroundings
        self._provider_nonce = provider_nonce

    async def quote(
        self,
        envelope: Envelope,
        request: QuoteRequested,
        decision: Decision,
        config: ChargePointConfig,
    ) -> None:
        """Offer a quote, or say why not. Nothing is held by it."""
        reason: str | None = await self._surroundings.hindrance(
            request.connector_id, decision, config
        )
        token = self._tokens.find(request.token)
        if reason is None and (token is None or request.token.lower() != config.token.lower()):
            reason = "token_not_allowed"
        if reason is None and request.deposit < config.minimum_deposit:
            reason = "deposit_too_small"
        body: Body
        if reason is None and token is not None:
            now = decision.outbox.at
            body = self._quotes.offer(request, config, token, self._provider_nonce(), now)
        else:
            body = QuoteRefused.model_validate({"reason": reason})
        reply(decision, envelope, body, request.connector_id)

    async def hold(
        self,
        envelope: Envelope,
        request: ServiceRequested,
        decision: Decision,
        config: ChargePointConfig,
    ) -> None:
        """Hold the connector for a valid quote, or say why not."""
        quote = self._quotes.recognise(request.quote)
        reason = await self._rejection(request, quote, decision, config, envelope.peer_id)
        if reason is None and quote is not None:
            n = quote.connector_id
            decision.step(n, request, peer_id=envelope.peer_id, nonce=request.nonce)
            return
        rejected = {"session_id": request.session_id, "reason": reason}
        reply(decision, envelope, ServiceRejected.model_validate(rejected))

    async def _rejection(
        self,
        request: ServiceRequested,
        quote: QuoteOffered | None,
        decision: Decision,
        config: ChargePointConfig,
        peer_id: str | None,
    ) -> str | None:
        if quote is None or quote.charge_point_id != config.charge_point_id:
            return "quote_invalid"
        fault: str | None = self._quotes.fault(quote, request, decision.outbox.at)
        fault = fault or await self._used(quote, decision) or _already(quote, peer_id, decision)
        if fault is not None:
            return fault
        reason = await self._surroundings.hindrance(quote.connector_id, decision, config)
        return reason if reason is None or reason in _REJECTIONS else "connector_unavailable"

    async def _used(self, quote: QuoteOffered, decision: Decision) -> str | None:
        book = decision.book
        if (n := book.find(quote.session_id)) is not None:
            return "session_used" if decision.held(n).session.phase in FREE else "busy"
        record = keys.record(book.charge_point_id, quote.session_id)
        used = quote.session_id in book.disputed or any(await self._bus.read_blobs([record]))
        return "session_used" if used else None


def _already(quote: QuoteOffered, peer_id: str | None, decision: Decision) -> str | None:
    """Refuse a second connector to whoever holds one without a deposit."""
    sessions = (held.session for held in decision.book.connectors.values())
    unpaid = (session for session in sessions if session.phase == "verifying")
    same = any(
        session.terms.session_key == quote.session_key or session.peer_id == peer_id
        for session in unpaid
    )
    return "busy" if same else None
