"""JSON Schemas of the wire, for software in other languages."""

from typing import Any

from pydantic import TypeAdapter

from sdk.events.body import Body
from sdk.events.envelope import Envelope, body_classes
from sdk.events.service import (
    QuoteOffered,
    QuoteRequested,
    Receipt,
    ServiceRequested,
    SessionResumed,
    SessionStateRequested,
    StopRequested,
)
from sdk.events.settlement import SettlementApproved, SettlementProposed, VoucherReceived
from sdk.events.signed import Payload, SignedBody

DIALECT = "https://json-schema.org/draft/2020-12/schema"

PAYLOADS: tuple[type[Payload], ...] = (
    QuoteRequested,
    QuoteOffered,
    ServiceRequested,
    StopRequested,
    SessionStateRequested,
    SessionResumed,
    VoucherReceived,
    SettlementProposed,
    SettlementApproved,
    Receipt,
)
"""What the payload strings of signed bodies hold."""


def schemas() -> dict[str, dict[str, Any]]:
    """Give every schema by its file's name without ending.

    `Envelope`; one per body, by its type; and `<type>.payload` for the payload of a signed one.
    """
    found = {"Envelope": _schema(Envelope)}
    for name, body in sorted(body_classes().items()):
        found[name] = _schema(body)
    for payload in PAYLOADS:
        found[f"{payload.model_fields['type'].default}.payload"] = _schema(payload)
    return found


def signed_types() -> set[str]:
    """Give the types of all signed bodies; each has a payload schema."""
    return {name for name, body in body_classes().items() if issubclass(body, SignedBody)}


def _schema(model: type[Body | Payload | Envelope]) -> dict[str, Any]:
    schema = TypeAdapter(model).json_schema()
    for part in (schema, *schema.get("$defs", {}).values()):
        _require_type(part)
    return {"$schema": DIALECT, **schema}


def _require_type(part: dict[str, Any]) -> None:
    """Ask for `type`: in the models it has a default, on the wire it is never left out."""
    if "const" in part.get("properties", {}).get("type", {}):
        part["required"] = ["type", *part.get("required", [])]
