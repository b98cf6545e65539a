"""What a consumer may send, and how its frames are read, PURE."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from sdk.events.envelope import Envelope, UnreadableEnvelopeError, body_classes, read_envelope
from sdk.events.identity import IdentityChallenge
from sdk.events.service import (
    RequestRefused,
    SignedQuoteRequested,
    SignedServiceRequested,
    SignedSessionResumed,
    SignedSessionStateRequested,
    SignedStopRequested,
)
from sdk.events.settlement import SignedSettlementApproved, SignedVoucherReceived
from sdk.events.signed import RequestRefusal
from sdk.fields import ChargePointId, PeerId
from sdk.ids import consequence_id

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
_CHARGE_POINT_ID: TypeAdapter[str] = TypeAdapter(ChargePointId)
_RANDOM_UUID = 4
_LONGEST_TYPE = 64


class UnanswerableError(Exception):
    """A frame without an id and a station that an answer could name; the stream is reset."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A frame that is turned away: why, and what names it. `unknown`: of a type nobody knows."""

    cause: UUID
    charge_point_id: str
    request: str
    reason: RequestRefusal
    unknown: bool = False


def read_request(frame: bytes, peer_id: PeerId, at: datetime) -> Envelope | Refusal:
    """Read a frame as what `peer_id` sent at `at`: nothing that it says about itself is believed.

    Raises UnanswerableError.
    """
    try:
        envelope = read_envelope(frame)
    except UnreadableEnvelopeError:
        return _refuse_unreadable(frame)
    if not isinstance(envelope.body, RELAYED + ANSWERED_HERE):
        return refuse(envelope, "unknown_type")
    # Ids of our own events are derived (version 5): nobody must be able to take one beforehand.
    if envelope.id.version != _RANDOM_UUID:
        return refuse(envelope, "bad_payload")
    return envelope.model_copy(update={"peer_id": peer_id, "at": at, "caused_by": None})


def refuse(request: Envelope | Refusal, reason: RequestRefusal) -> Refusal:
    """Turn a request away."""
    if isinstance(request, Refusal):
        return replace(request, reason=reason)
    return Refusal(request.id, request.charge_point_id, request.type, reason)


def refusal_envelope(refusal: Refusal, peer_id: PeerId, at: datetime) -> Envelope:
    """Write the answer to a request that was turned away."""
    return Envelope(
        id=consequence_id(refusal.cause, "RequestRefused"),
        charge_point_id=refusal.charge_point_id,
        at=at,
        caused_by=refusal.cause,
        peer_id=peer_id,
        body=RequestRefused(request=refusal.request, reason=refusal.reason),
    )


def _refuse_unreadable(frame: bytes) -> Refusal:
    try:
        content: Any = json.loads(frame)
        cause = UUID(content["id"])
        body: Any = content["body"]
        request = body["type"] if isinstance(body, dict) and "type" in body else ""
        charge_point_id = _CHARGE_POINT_ID.validate_python(content["charge_point_id"], strict=True)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnanswerableError("a frame that is no envelope") from error
    if not isinstance(request, str) or not request:
        return Refusal(cause, charge_point_id, "", "bad_payload")
    request = request[:_LONGEST_TYPE]
    if request not in KNOWN_TYPES:
        return Refusal(cause, charge_point_id, request, "unknown_type", unknown=True)
    return Refusal(cause, charge_point_id, request, "bad_payload")
