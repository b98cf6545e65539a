"""Writes the app's signed requests, each with a nonce that rises."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sdk.chain.accounts import SigningKey
from sdk.events.envelope import Envelope
from sdk.events.service import (
    QuoteOffered,
    QuoteRequested,
    ServiceRequested,
    SessionResumed,
    SessionStateRequested,
    SignedQuoteRequested,
    SignedServiceRequested,
    SignedSessionResumed,
    SignedSessionStateRequested,
    SignedStopRequested,
    StopRequested,
)
from sdk.events.settlement import (
    SettlementApproved,
    SignedSettlementApproved,
    SignedVoucherReceived,
    VoucherReceived,
)
from sdk.events.signed import Request, SignedBody
from sdk.ids import Clock, new_event_id

REQUEST_SECONDS = 60

_ON_THE_WIRE: dict[type[Request], type[SignedBody]] = {
    QuoteRequested: SignedQuoteRequested,
    ServiceRequested: SignedServiceRequested,
    StopRequested: SignedStopRequested,
    SessionStateRequested: SignedSessionStateRequested,
    SessionResumed: SignedSessionResumed,
    VoucherReceived: SignedVoucherReceived,
    SettlementApproved: SignedSettlementApproved,
}


class RequestWriter:
    """Signs requests to one station with the session key; `nonce` is the last one used.

    `reply_key` tells to which X25519 key (`0x` and 64 hex digits) answers are to be sealed, if to
    any.
    """

    def __init__(
        self,
        key: SigningKey,
        clock: Clock,
        nonce: int = 0,
        reply_key: Callable[[], str | None] = lambda: None,
    ) -> None:
        self.nonce = nonce
        self._key = key
        self._clock = clock
        self._reply_key = reply_key

    def common(self, did: str, session_id: str | None = None) -> dict[str, Any]:
        """Give the fields that every request has, with the next nonce."""
        self.nonce += 1
        return {
            "provider_did": did,
            "session_id": session_id,
            "nonce": self.nonce,
            "expires_at": self._clock() + timedelta(seconds=REQUEST_SECONDS),
            "reply_key": self._reply_key(),
        }

    def within(self, quote: QuoteOffered, model: type[Request], /, **fields: Any) -> Envelope:  # noqa: ANN401 - a model's fields
        """Sign a request of the session that `quote` describes."""
        common = self.common(quote.provider_did, quote.session_id)
        request = model(**common, **fields)
        return self.envelope(request, quote.charge_point_id, quote.connector_id)

    def envelope(
        self, request: Request, charge_point_id: str, connector_id: int | None = None
    ) -> Envelope:
        """Sign a request and put it into an envelope."""
        payload = request.model_dump_json(exclude_none=True)
        body: Any = _ON_THE_WIRE[type(request)](
            payload=payload, signature=self._key.sign_text(payload)
        )
        return Envelope(
            id=new_event_id(),
            charge_point_id=charge_point_id,
            connector_id=connector_id,
            session_id=request.session_id,
            at=self._clock(),
            body=body,
        )
