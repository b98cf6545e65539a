"""Signed requests of consumers: read, checked, and attributed to the key that signed them."""

from dataclasses import dataclass
from datetime import datetime

from sdk.chain.accounts import InvalidSignatureError, recover_text
from sdk.events.service import (
    QuoteOffered,
    QuoteRequested,
    ServiceRequested,
    SessionResumed,
    SessionStateRequested,
    StopRequested,
)
from sdk.events.settlement import SettlementApproved, VoucherReceived
from sdk.events.signed import PayloadError, Request, RequestRefusal, SignedBody, read_payload
from sdk.fields import is_expired
from session_manager.session.state import Session

REQUESTS: dict[str, type[Request]] = {
    "QuoteRequested": QuoteRequested,
    "ServiceRequested": ServiceRequested,
    "StopRequested": StopRequested,
    "SessionStateRequested": SessionStateRequested,
    "SessionResumed": SessionResumed,
    "VoucherReceived": VoucherReceived,
    "SettlementApproved": SettlementApproved,
}


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request whose signature holds; `signer` is the account behind it."""

    request: Request
    signer: str


def open_request(
    body: SignedBody, type_: str, did: str, now: datetime
) -> SignedRequest | RequestRefusal:
    """Read a request for the station `did`, or say why it is turned away."""
    if type_ not in REQUESTS:
        return "unknown_type"
    try:
        request = read_payload(body, REQUESTS[type_])
        opened = SignedRequest(request, recover_text(body.payload, body.signature))
    except PayloadError:
        return "bad_payload"
    except InvalidSignatureError:
        return "bad_signature"
    return _fault(opened, did, now) or opened


def _fault(opened: SignedRequest, did: str, now: datetime) -> RequestRefusal | None:
    if opened.request.provider_did.lower() != did.lower():
        return "wrong_station"
    if is_expired(opened.request.expires_at, now):
        return "expired"
    named = _named_signer(opened.request)
    wrong = named is not None and named.lower() != opened.signer.lower()
    return "bad_signature" if wrong else None


def check_owner(opened: SignedRequest, session: Session | None) -> RequestRefusal | None:
    """Check that a request comes from the session's own key, and is newer than its last one."""
    if session is None or session.quote is None:
        return "wrong_session"
    if session.quote.session_key.lower() != opened.signer.lower():
        return "not_your_session"
    if opened.request.nonce <= session.nonce:
        return "replayed"
    return None


def _named_signer(request: Request) -> str | None:
    match request:
        case QuoteRequested():
            return request.session_key
        case ServiceRequested():
            try:
                return read_payload(request.quote, QuoteOffered).session_key
            except PayloadError:
                return None
        case _:
            return None
