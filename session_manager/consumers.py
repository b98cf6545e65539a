"""What consumers ask: checked here, then sold, resumed or let into the session."""

from sdk.chain.channel import Channel
from sdk.events.envelope import Envelope
from sdk.events.service import (
    QuoteRequested,
    ServiceRequested,
    SessionResumed,
    SessionStateRequested,
    StopRequested,
)
from sdk.events.settlement import SettlementApproved, VoucherReceived
from sdk.events.signed import RequestRefusal, SignedBody
from sdk.register import ChargePointConfig
from session_manager.decision import Decision
from session_manager.quotes import Quotes
from session_manager.replies import refuse
from session_manager.requests import SignedRequest, check_owner, open_request
from session_manager.resuming import Resuming
from session_manager.selling import Selling
from session_manager.session.state import Session


class Consumers:
    """Handles the signed requests of one station's consumers."""

    def __init__(self, quotes: Quotes, selling: Selling, resuming: Resuming) -> None:
        """Answer with what the three know."""
        self._quotes = quotes
        self._selling = selling
        self._resuming = resuming

    async def handle(
        self, envelope: Envelope, body: SignedBody, decision: Decision, config: ChargePointConfig
    ) -> None:
        """Check a signed request and let it have its effect, or answer why not."""
        opened = open_request(body, envelope.type, config.did, decision.outbox.at)
        if isinstance(opened, str):
            refuse(decision, envelope, opened)
            return
        match opened.request:
            case QuoteRequested() as request:
                await self._selling.quote(envelope, request, decision, config)
            case ServiceRequested() as request:
                await self._selling.hold(envelope, request, decision, config)
            case SessionStateRequested() as request:
                await self._resuming.report(envelope, request, opened, decision)
            case _:
                await self._in_session(envelope, opened, decision)

    async def _in_session(
        self, envelope: Envelope, opened: SignedRequest, decision: Decision
    ) -> None:
        n = decision.book.find(opened.request.session_id)
        refusal = (
            await self._off_connector(envelope, opened, decision)
            if n is None
            else await self._on_connector(envelope, opened, decision, n)
        )
        if refusal is not None:
            refuse(decision, envelope, refusal)

    async def _off_connector(
        self, envelope: Envelope, opened: SignedRequest, decision: Decision
    ) -> RequestRefusal | None:
        past = await self._resuming.find_past(decision, opened.request.session_id)
        refusal = check_owner(opened, past.held.session if past else None)
        if refusal is not None or past is None:
            return refusal
        if not isinstance(opened.request, SessionResumed):
            return "not_now"
        await self._resuming.past(envelope, opened, past, decision)
        return None

    async def _on_connector(
        self, envelope: Envelope, opened: SignedRequest, decision: Decision, n: int
    ) -> RequestRefusal | None:
        session = decision.held(n).session
        refusal = check_owner(opened, session)
        if refusal is not None:
            return refusal
        match opened.request:
            case SessionResumed():
                await self._resuming.resume(envelope, opened, decision, n)
                return None
            case VoucherReceived() | SettlementApproved() as request:
                if not covers(self._quotes.channel(session.terms), request, session):
                    return "voucher_invalid"
                return decision.step(n, request, nonce=request.nonce)
            case StopRequested() as request:
                return decision.step(n, request, nonce=request.nonce)
            case _:
                return "unknown_type"


def covers(
    channel: Channel, request: VoucherReceived | SettlementApproved, session: Session
) -> bool:
    """Tell whether a voucher's Safe signature is the session key's, over exactly its `spent`."""
    return channel.is_signed_by(
        channel.voucher(request.spent), request.safe_signature, session.terms.session_key
    )
