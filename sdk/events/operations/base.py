"""What is common to all operations: what the gateway asks a charge point, and what came of it."""

from typing import Any, Literal

from sdk.events.body import Body
from sdk.fields import Frozen

Outcome = Literal[
    "answered",
    "timeout",
    "offline",
    "expired",
    "not_supported",
    "call_error",
    "refused",
    "unknown",
]
"""`answered`: see `status`. `refused`: it was not sent, as it would break a rule of ours; see
`reason`. `unknown`: it was sent, and no answer came that says what became of it: the socket or
gateway went away, or it could not be read."""


class CallErrorTold(Frozen):
    """The charge point's CALLERROR (OCPP-J 1.6, 4.2.3)."""

    code: str
    description: str = ""


class Answered(Body):
    """What is common to all answers of operations; `status` is the charge point's own word.

    `response` is the payload of its CALLRESULT by OCPP's names, unless the fields of the answer
    hold all of it; `error` is there where it sent a CALLERROR.
    """

    outcome: Outcome
    status: str | None = None
    response: dict[str, Any] | None = None
    error: CallErrorTold | None = None
    reason: str | None = None
