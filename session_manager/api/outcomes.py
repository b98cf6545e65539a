"""What is told of an operation: the charge point's own answer, or why there is none."""

from typing import Generic, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel

from sdk.events.ocpp16.get_configuration import GetConfigurationResponse
from sdk.events.operations import Answered, CallErrorTold, GetConfigurationAnswered
from session_manager.api.values import ApiModel

R = TypeVar("R", bound=BaseModel)
Outcome = Literal[
    "answered", "timeout", "offline", "not_supported", "call_error", "unknown", "refused"
]


class OperationError(ApiModel):
    """The charge point's CALLERROR (OCPP-J 1.6, 4.2.3)."""

    code: str
    description: str


class OperationAnswer(ApiModel, Generic[R]):
    """What became of an operation.

    `answered`: `response` is the payload of the charge point's CALLRESULT, by OCPP's names.
    `timeout`: it did not answer in time, or was too busy to be asked in time. `offline`: it is not
    connected, and was not asked. `not_supported`: it said that it lacks the operation.
    `call_error`: it sent a CALLERROR. `unknown`: it was asked, and its answer was lost or can't be
    read. `refused`: it was not asked, as it would break a rule of ours; see `reason`.
    """

    operation: str
    charge_point_id: str
    correlation_id: UUID
    outcome: Outcome
    response: R | None
    error: OperationError | None
    reason: str | None
    latency_ms: float


def told_outcome(answer: Answered) -> Outcome:
    """Give the outcome as the API tells it."""
    return "timeout" if answer.outcome == "expired" else answer.outcome


def told_response(answer: Answered) -> dict[str, object] | None:
    """Give the payload of the CALLRESULT by OCPP's names."""
    if answer.outcome != "answered":
        return None
    if isinstance(answer, GetConfigurationAnswered) and answer.response is None:
        items = [dict(item) for item in answer.configuration]
        return GetConfigurationResponse.model_validate(
            {"configuration_key": items or None, "unknown_key": answer.unknown_keys or None}
        ).to_ocpp()
    return answer.response


def told_error(error: CallErrorTold | None) -> dict[str, str] | None:
    """Give the error as the API tells it."""
    return error.model_dump() if error is not None else None
