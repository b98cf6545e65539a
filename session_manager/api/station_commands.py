"""Asks the Session Manager that drives a charge point for what it alone can do."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from sdk.bus import keys
from sdk.events.body import Body
from sdk.events.envelope import Envelope
from sdk.station import StationAnswer
from session_manager.api.charge_points import config_asked
from session_manager.api.routes import Asked
from session_manager.api.values import ApiModel, plain_number

NO_MANAGER = "no_manager"
"""Why something was not done: no Session Manager drives the charge point now."""


class Wait(ApiModel):
    """How long to wait for the Session Manager's answer, in seconds."""

    timeout: Annotated[float, plain_number] = Field(default=15.0, ge=1, le=120)


class ChainWait(ApiModel):
    """How long to wait for the Session Manager and the chain, in seconds."""

    timeout: Annotated[float, plain_number] = Field(default=90.0, ge=1, le=120)


class Told(ApiModel):
    """What became of a command: `correlation_id` is the id that it has on the bus.

    `timeout`: no Session Manager answered in time; it may still be done. The reason `no_manager`:
    none drives the charge point, and nothing was asked.
    """

    reason: str | None
    correlation_id: UUID


async def ask_manager(
    asked: Asked, body: Body, session_id: str | None = None
) -> StationAnswer | str:
    """Give the manager's answer; "timeout" or `NO_MANAGER` where there is none.

    Raises UnknownChargePointError, OverloadedError, BusUnavailableError.
    """
    await config_asked(asked)
    charge_point_id = asked.path["charge_point_id"]
    bus = asked.services.bus
    (lease,) = await bus.read_blobs([keys.lease(charge_point_id)])
    answer: StationAnswer | str = NO_MANAGER
    if lease:
        envelope = _envelope(asked, body, session_id, asked.services.clock())
        try:
            answer = await asked.services.asking.ask_manager(envelope, asked.query.timeout)
        except TimeoutError:
            answer = "timeout"
    asked.services.log.info(
        "%s was asked for by %s: %s",
        getattr(body, "type", ""),
        asked.principal.name,
        answer if isinstance(answer, str) else _in_words(answer),
        charge_point_id=charge_point_id,
        connector_id=asked.path.get("connector_id"),
        session_id=session_id or getattr(answer, "session_id", None),
        correlation_id=str(asked.correlation_id),
    )
    return answer


def _envelope(asked: Asked, body: Body, session_id: str | None, now: datetime) -> Envelope:
    return Envelope.model_validate(
        {
            "id": asked.correlation_id,
            "charge_point_id": asked.path["charge_point_id"],
            "connector_id": asked.path.get("connector_id"),
            "session_id": session_id,
            "at": now,
            "body": body.model_dump(),
        }
    )


def _in_words(answer: StationAnswer) -> str:
    reason = getattr(answer, "reason", None)
    return f"{answer.type}, {reason}" if reason else answer.type
