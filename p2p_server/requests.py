"""What a consumer may send, directly or over a hub, and how its frames are read, PURE."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from pydantic import TypeAdapter, ValidationError

from sdk.events.envelope import Envelope, UnreadableEnvelopeError, body_classes, read_envelope
from sdk.events.identity import IdentityChallenge
from sdk.events.sealed import Sealed
from sdk.events.service import (
    RequestRefused,
    SignedQuoteRequested,
    SignedServiceRequested,
    SignedSessionResumed,
    SignedSessionStateRequested,
    SignedStopRequested,
)
from sdk.events.settlement import SignedSettlementApproved, SignedVoucherReceived
from sdk.events.signed import Request, RequestRefusal
from sdk.fields import ChargePointId, is_expired
from sdk.ids import consequence_id
from sdk.p2p.seal import SealError, open_sealed

RELAYED = (
    SignedQuoteRequested,
    SignedServiceRequested,
    SignedStopRequested,
    SignedSessionStateRequested,
    SignedSessionResumed,
    SignedVoucherReceived,
    SignedSettlementApproved,
)
"""What goes on to the Session Manager; each is signed, and checked there."""

ANSWERED_HERE = (IdentityChallenge,)

KNOWN_TYPES = frozenset(body_classes())
SEALED_TYPES = frozenset(model.model_fields["type"].default for model in RELAYED)
_DIRECT = RELAYED + ANSWERED_HERE
_CHARGE_POINT_ID: TypeAdapter[str] = TypeAdapter(ChargePointId)
_RANDOM_UUID = 4
_LONGEST_TYPE = 64
_ROUNDED = timedelta(milliseconds=1)
"""An envelope's moments are written in milliseconds; a payload's may be finer."""


class UnanswerableError(Exception):
    """A frame that no answer could name, or whose answer nobody could read; the stream is reset."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A frame that is turned away: why, what names it, and to which address that is told.

    `unknown`: of a type nobody knows.
    """

    cause: UUID
    charge_point_id: str
    request: str
    reason: RequestRefusal
    address: str
    unknown: bool = False


def read_request(
    frame: bytes, place: str, at: datetime, key: X25519PrivateKey
) -> Envelope | Refusal:
    """Read a frame that came from `place` at `at`: nothing that it says about itself is believed.

    What is sealed for `key` comes out opened, and its address names the key to answer to. From
    behind a hub nothing but a challenge may come in clear. Raises UnanswerableError.
    """
    try:
        envelope = read_envelope(frame)
    except UnreadableEnvelopeError:
        return _refuse_unreadable(frame, place)
    request = envelope.model_copy(update={"peer_id": place, "at": at, "caused_by": None})
    reason = _fault(request, ANSWERED_HERE if "@" in place else _DIRECT)
    if reason is not None:
        return refuse(request, reason)
    return _open(request, key) if isinstance(request.body, Sealed) else request


def read_at_hub(frame: bytes, place: str, at: datetime) -> Envelope | Refusal:
    """Read a frame as a hub does: what it may pass on comes out as it is, with its address.

    Raises UnanswerableError.
    """
    try:
        envelope = read_envelope(frame)
    except UnreadableEnvelopeError:
        return _refuse_unreadable(frame, place)
    request = envelope.model_copy(update={"peer_id": place, "at": at})
    reason = _fault(request, ANSWERED_HERE)
    return request if reason is None else refuse(request, reason)


def refuse(request: Envelope | Refusal, reason: RequestRefusal) -> Refusal:
    """Turn away a request that has its address."""
    if isinstance(request, Refusal):
        return replace(request, reason=reason)
    kind = request.body.holds if isinstance(request.body, Sealed) else request.type
    return Refusal(request.id, request.charge_point_id, kind, reason, request.peer_id or "")


def refusal_envelope(refusal: Refusal, at: datetime) -> Envelope:
    """Write the answer to a request that was turned away."""
    return Envelope(
        id=consequence_id(refusal.cause, "RequestRefused"),
        charge_point_id=refusal.charge_point_id,
        at=at,
        caused_by=refusal.cause,
        peer_id=refusal.address,
        body=RequestRefused(request=refusal.request, reason=refusal.reason),
    )


def _fault(request: Envelope, in_clear: tuple[type, ...]) -> RequestRefusal | None:
    body = request.body
    if not isinstance(body, Sealed):
        if not isinstance(body, in_clear):
            return "unknown_type"
    elif body.holds not in SEALED_TYPES:
        return "unknown_type"
    elif body.expires_at is not None and is_expired(body.expires_at, request.at):
        return "expired"
    # Ids of our own events are derived (version 5): nobody must be able to take one beforehand.
    return None if request.id.version == _RANDOM_UUID else "bad_payload"


def _open(request: Envelope, key: X25519PrivateKey) -> Envelope | Refusal:
    outer: Any = request.body
    try:
        inner = open_sealed(request, key)
        signed: Any = inner.body
        payload = Request.model_validate_json(signed.payload)
    except (SealError, ValidationError):
        return refuse(request, "bad_payload")
    if payload.reply_key is None:
        return refuse(request, "bad_payload")
    address = f"{request.peer_id}#{payload.reply_key[2:]}"
    stamp = {"peer_id": address, "at": request.at, "caused_by": None}
    opened = inner.model_copy(update=stamp)
    if outer.expires_at is None or abs(outer.expires_at - payload.expires_at) > _ROUNDED:
        return refuse(opened, "bad_payload")
    return opened


def _refuse_unreadable(frame: bytes, place: str) -> Refusal:
    try:
        content: Any = json.loads(frame)
        cause = UUID(content["id"])
        body: Any = content["body"]
        request = body["type"] if isinstance(body, dict) and "type" in body else ""
        charge_point_id = _CHARGE_POINT_ID.validate_python(content["charge_point_id"], strict=True)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnanswerableError("a frame that is no envelope") from error
    if not isinstance(request, str) or not request:
        return Refusal(cause, charge_point_id, "", "bad_payload", place)
    request = request[:_LONGEST_TYPE]
    if request not in KNOWN_TYPES:
        return Refusal(cause, charge_point_id, request, "unknown_type", place, unknown=True)
    return Refusal(cause, charge_point_id, request, "bad_payload", place)
