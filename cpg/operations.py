"""Typed OCPP operations: from command to request, from answer to event. Pure."""

from typing import Any

from cpg.calls import Answer, NotSent, Refused, Unknown
from cpg.calls import Answered as CallAnswered
from sdk.events.body import Body, Command
from sdk.events.operations import ANSWERS, Answered, CallErrorTold, ConfigurationKey, Outcome
from sdk.events.operations.mapping import request_of as typed_request_of
from sdk.secret_names import is_secret_name

Payload = dict[str, Any]
OPERATIONS = tuple(ANSWERS)
_IN_FIELDS = frozenset({"GetConfiguration"})
"""Operations whose answer holds everything in fields of its own: it may be long."""


def request_of(body: Command, connector_id: int | None) -> tuple[str, Payload]:
    """Give action and payload of an operation of OCPP; `connector_id` is the envelope's."""
    return type(body).__name__, typed_request_of(body, connector_id).to_ocpp()


def answer_of(body: Body, answer: Answer) -> Answered:
    """Give the event that tells how an operation went."""
    match answer:
        case CallAnswered(payload):
            return answered(body, payload)
        case Refused(code, description):
            outcome: Outcome = "not_supported" if answer.unsupported else "call_error"
            error = CallErrorTold(code=code, description=description)
            return ANSWERS[type(body)].model_validate({"outcome": outcome, "error": error})
        case Unknown(timed_out):
            return unanswered(body, "timeout" if timed_out else "unknown")
        case NotSent():
            return unanswered(body, "expired")


def answered(body: Body, payload: Payload) -> Answered:
    """Give the event for an operation that the charge point answered."""
    fields: Payload = {"outcome": "answered", "status": payload.get("status"), **_extra(payload)}
    if type(body).__name__ not in _IN_FIELDS:
        fields["response"] = payload
    return ANSWERS[type(body)].model_validate(fields)


def unanswered(body: Body, outcome: Outcome) -> Answered:
    """Give the event for an operation that the charge point did not answer."""
    return ANSWERS[type(body)].model_validate({"outcome": outcome})


def unasked(body: Body, reason: str) -> Answered:
    """Give the event for an operation that was not sent, as it would break a rule of ours."""
    return ANSWERS[type(body)].model_validate({"outcome": "refused", "reason": reason})


def _extra(payload: Payload) -> Payload:
    fields: Payload = {}
    if "listVersion" in payload:
        fields["list_version"] = payload["listVersion"]
    if "data" in payload:
        fields["data"] = str(payload["data"])
    if "configurationKey" in payload:
        fields["configuration"] = tuple(
            ConfigurationKey(
                key=item["key"],
                readonly=item["readonly"],
                value=None if is_secret_name(item["key"]) else item.get("value"),
            )
            for item in payload["configurationKey"]
        )
    if "unknownKey" in payload:
        fields["unknown_keys"] = tuple(payload["unknownKey"])
    return fields
