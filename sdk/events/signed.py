"""Signed bodies: exactly `{type, payload, signature}`.

`payload` is a JSON string that travels and is signed as it is, byte for byte (EIP-191
personal_sign over its UTF-8 bytes), and is never serialised again. It holds all other fields and
the same `type`. Requests are signed by the driver's session key; quotes, proposals and receipts by
the station's key.
"""

from typing import Literal, TypeVar

from pydantic import Field, ValidationError

from sdk.errors import InvalidInputError
from sdk.events.body import Body
from sdk.fields import Bytes32, Did, Frozen, Moment, SessionId, Signature

MAX_PAYLOAD = 32_768


class SignedBody(Body):
    """What is common to all signed bodies on the wire."""

    payload: str = Field(min_length=2, max_length=MAX_PAYLOAD)
    signature: Signature


class Payload(Frozen):
    """The content of a signed body; subclasses add `type: Literal[...]` and their fields."""

    provider_did: Did


class Request(Payload):
    """The content of a request of the driver's app.

    `session_id` is absent only before a session exists. `nonce` rises strictly within a session.
    A request is refused at or after `expires_at`. `reply_key` is the X25519 public key to which the
    answers are sealed; a sealed request must name one.
    """

    session_id: SessionId | None = None
    nonce: int = Field(ge=0, le=2**53 - 1)
    expires_at: Moment
    reply_key: Bytes32 | None = None


P = TypeVar("P", bound=Payload)


class PayloadError(InvalidInputError):
    """A payload is no JSON, lacks fields, or names another type than the body around it."""


def read_payload(signed: SignedBody, model: type[P]) -> P:
    """Read the payload of `signed` as `model`; the signature is not checked here.

    Raises PayloadError.
    """
    try:
        payload = model.model_validate_json(signed.payload)
    except ValidationError as error:
        raise PayloadError(f"unreadable payload: {_summary(error)}") from error
    if getattr(payload, "type", None) != getattr(signed, "type", None):
        raise PayloadError("the payload's type differs from the body's")
    return payload


def _summary(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(str(part) for part in first['loc']) or 'payload'}: {first['msg']}"


RequestRefusal = Literal[
    "bad_payload",
    "bad_signature",
    "wrong_station",
    "wrong_session",
    "not_your_session",
    "replayed",
    "expired",
    "not_now",
    "voucher_invalid",
    "overloaded",
    "unknown_station",
    "unknown_type",
    "too_many_requests",
]
"""Why a request was turned away: the sender's fault, except `overloaded` (try later)."""
