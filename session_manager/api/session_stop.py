"""Endpoint: stop the session on a connector."""

from typing import Literal

from sdk.events.station import SessionStopAccepted, SessionStopRefused, SessionStopRequested
from sdk.fields import SessionId
from session_manager.api.routes import Asked, Route
from session_manager.api.station_commands import Told, Wait, ask_manager
from session_manager.api.values import ApiModel


class Stop(ApiModel):
    """Which session is meant; without `session_id` whichever is there."""

    session_id: SessionId | None = None


class StopTold(Told):
    """What the Session Manager made of it.

    `accepted`: the session is being stopped. `refused`: there was nothing to stop. `timeout`: it
    did not answer in time, and may still do it.
    """

    outcome: Literal["accepted", "refused", "timeout"]
    session_id: str | None


async def _stop(asked: Asked) -> StopTold:
    wanted = asked.body.session_id
    body = SessionStopRequested(session_id=wanted, by=asked.principal.name)
    answer = await ask_manager(asked, body, wanted)
    outcome: Literal["accepted", "refused", "timeout"] = "refused"
    reason: str | None = None
    session_id = wanted
    match answer:
        case SessionStopAccepted():
            outcome, session_id = "accepted", answer.session_id
        case SessionStopRefused():
            reason = answer.reason
        case "timeout":
            outcome = "timeout"
        case str():
            reason = answer
        case _:
            raise TypeError(f"{answer.type} answers no stop")
    return StopTold(
        outcome=outcome, session_id=session_id, reason=reason, correlation_id=asked.correlation_id
    )


ROUTES = (
    Route(
        method="POST",
        path="/charge-points/{charge_point_id}/connectors/{connector_id}/stop",
        name="stop_session",
        summary="Stop the session on a connector; it is billed for what it took",
        role="operator",
        description=f"{StopTold.__doc__}\n\n{Told.__doc__}",
        handler=_stop,
        query=Wait,
        body=Stop,
        answer=StopTold,
        tags=("Sessions",),
        example={},
        also={404: "No charge point of this id is registered."},
    ),
)
