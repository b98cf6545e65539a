"""Endpoints: sessions that wait for their payout, and what a person decides about them."""

from typing import Literal

from pydantic import Field

from sdk.disputes import Dispute, dispute_at, oldest_disputes
from sdk.events.station import (
    DisputeDecision,
    DisputeResolved,
    DisputeResolveRefused,
    DisputeResolveRequested,
)
from sdk.fields import ChargePointId
from session_manager.api.paging import Page, Paging, next_link, page_of, place_of
from session_manager.api.problems import not_found
from session_manager.api.routes import Asked, Reply, Route
from session_manager.api.station_commands import Told, Wait, ask_manager
from session_manager.api.values import ApiModel
from session_manager.for_viewers import dispute_for_viewers

_TAGS = ("Disputes",)
_DISPUTES = "disputes"
_ONE = "/disputes/{charge_point_id}/{session_id}"


class DisputeQuery(Paging):
    """Which disputes are wanted."""

    charge_point_id: ChargePointId | None = Field(default=None, description="Only of this one.")


class Decision(ApiModel):
    """What is decided; see `decisions` of the dispute for what can be."""

    decision: DisputeDecision


class DecisionTold(Told):
    """What the Session Manager made of a decision.

    `resolved`: it is carried out; `retry` and `refund` end when the chain has paid out. `refused`:
    nothing was changed. `timeout`: it did not answer in time, and may still do it.
    """

    outcome: Literal["resolved", "refused", "timeout"]
    decision: DisputeDecision
    session_id: str


async def _list(asked: Asked) -> Reply:
    query, services = asked.query, asked.services
    place = place_of(_DISPUTES, query, str, str, str)
    chosen = None if query.charge_point_id is None else [query.charge_point_id]
    after = None if place is None else (str(place[0]), str(place[1]), str(place[2]))
    found = await oldest_disputes(services.bus, services.clock(), chosen, after, query.limit + 1)
    shown = [(at, _shown(asked, dispute)) for at, dispute in found]
    items, cursor = page_of(_DISPUTES, query, shown, lambda each: each[0])
    content = {"items": [each.model_dump(mode="json") for _, each in items], "next_cursor": cursor}
    return Reply(content, headers=next_link(asked.request.path, query, cursor))


async def _get(asked: Asked) -> Dispute:
    charge_point_id, session_id = asked.path["charge_point_id"], asked.path["session_id"]
    services = asked.services
    dispute = await dispute_at(services.bus, services.clock(), charge_point_id, session_id)
    if dispute is None:
        raise not_found("dispute")
    return _shown(asked, dispute)


def _shown(asked: Asked, dispute: Dispute) -> Dispute:
    return dispute if asked.principal.may("operator") else dispute_for_viewers(dispute)


async def _decide(asked: Asked) -> DecisionTold:
    session_id, decision = asked.path["session_id"], asked.body.decision
    body = DisputeResolveRequested(
        session_id=session_id, decision=decision, by=asked.principal.name
    )
    answer = await ask_manager(asked, body, session_id)
    outcome: Literal["resolved", "refused", "timeout"] = "refused"
    reason: str | None = None
    match answer:
        case DisputeResolved():
            outcome = "resolved"
        case DisputeResolveRefused():
            reason = answer.reason
        case "timeout":
            outcome = "timeout"
        case str():
            reason = answer
        case _:
            raise TypeError(f"{answer.type} answers no decision")
    return DecisionTold(
        outcome=outcome,
        decision=decision,
        session_id=session_id,
        reason=reason,
        correlation_id=asked.correlation_id,
    )


ROUTES = (
    Route(
        method="GET",
        path="/disputes",
        name="list_disputes",
        summary="List the sessions that wait for their payout, the oldest first",
        role="viewer",
        description="For viewers the driver's accounts are masked.",
        handler=_list,
        is_heavy=True,
        query=DisputeQuery,
        answer=Page[Dispute],
        tags=_TAGS,
    ),
    Route(
        method="GET",
        path=_ONE,
        name="get_dispute",
        summary="Read a session that waits for its payout, and what can be decided about it",
        role="viewer",
        description="For viewers the driver's accounts are masked.",
        handler=_get,
        answer=Dispute,
        tags=_TAGS,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/decision",
        name="decide_dispute",
        summary="Decide about a session that waits for its payout",
        role="operator",
        description=f"{DecisionTold.__doc__}\n\n{Told.__doc__}",
        handler=_decide,
        query=Wait,
        body=Decision,
        answer=DecisionTold,
        tags=_TAGS,
        example={"decision": "retry"},
        also={404: "No charge point of this id is registered."},
    ),
)
