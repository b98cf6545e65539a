"""Endpoints: publish a station's DID document, or give its DID up."""

from typing import Literal

from sdk.did.identifier import same_did
from sdk.events.station import (
    DidDeactivated,
    DidDeactivateFailed,
    DidDeactivateRequested,
    DidPublished,
    DidPublishFailed,
    DidPublishRequested,
)
from sdk.fields import Did
from session_manager.api.charge_points import config_asked
from session_manager.api.problems import WRONG_FIELDS, Fault, ProblemError
from session_manager.api.routes import Asked, Route
from session_manager.api.station_commands import ChainWait, Told, ask_manager
from session_manager.api.values import ApiModel

_TAGS = ("Identity",)
_UNPROCESSABLE = 422
_NO_CHARGE_POINT = {404: "No charge point of this id is registered."}


class GivenUp(ApiModel):
    """The DID that is to be given up, typed again so that it is meant."""

    did: Did


class PublishTold(Told):
    """What became of publishing.

    `published`: the chain says now what it should, by `transactions`; without any it said so
    before. `failed`: it does not; `reason` and `detail` say why.
    """

    outcome: Literal["published", "failed", "timeout"]
    did: str | None = None
    transactions: tuple[str, ...] = ()
    detail: str | None = None


class GivenUpTold(Told):
    """What became of giving up.

    `deactivated`: by `transaction`, for good. `failed`: `reason` and `detail` say why.
    """

    outcome: Literal["deactivated", "failed", "timeout"]
    did: str
    transaction: str | None = None
    detail: str | None = None


async def _publish(asked: Asked) -> PublishTold:
    answer = await ask_manager(asked, DidPublishRequested(by=asked.principal.name))
    mark = asked.correlation_id
    match answer:
        case DidPublished():
            return PublishTold(
                outcome="published",
                did=answer.did,
                transactions=answer.transactions,
                reason=None,
                correlation_id=mark,
            )
        case DidPublishFailed(reason=reason, detail=detail):
            return PublishTold(outcome="failed", reason=reason, detail=detail, correlation_id=mark)
        case "timeout":
            return PublishTold(outcome="timeout", reason=None, correlation_id=mark)
        case str():
            return PublishTold(outcome="failed", reason=answer, correlation_id=mark)
        case _:
            raise TypeError(f"{answer.type} answers no publishing")


async def _deactivate(asked: Asked) -> GivenUpTold:
    own, did = (await config_asked(asked)).get("did", ""), asked.body.did
    if not same_did(own, did):
        fault = Fault(detail="It is not the DID of this charge point", pointer="/did")
        raise ProblemError(_UNPROCESSABLE, WRONG_FIELDS, [fault])
    answer = await ask_manager(asked, DidDeactivateRequested(did=own, by=asked.principal.name))
    mark = asked.correlation_id
    match answer:
        case DidDeactivated(transaction=transaction):
            return GivenUpTold(
                outcome="deactivated",
                did=own,
                transaction=transaction,
                reason=None,
                correlation_id=mark,
            )
        case DidDeactivateFailed(reason=reason, detail=detail):
            return GivenUpTold(
                outcome="failed", did=own, reason=reason, detail=detail, correlation_id=mark
            )
        case "timeout":
            return GivenUpTold(outcome="timeout", did=own, reason=None, correlation_id=mark)
        case str():
            return GivenUpTold(outcome="failed", did=own, reason=answer, correlation_id=mark)
        case _:
            raise TypeError(f"{answer.type} answers no giving up")


ROUTES = (
    Route(
        method="POST",
        path="/charge-points/{charge_point_id}/identity/publish",
        name="publish_identity",
        summary="Compare the station's DID document with the chain, and publish what differs",
        role="operator",
        description=f"{PublishTold.__doc__}\n\n{Told.__doc__}",
        handler=_publish,
        query=ChainWait,
        answer=PublishTold,
        tags=_TAGS,
        also=_NO_CHARGE_POINT,
    ),
    Route(
        method="POST",
        path="/charge-points/{charge_point_id}/identity/deactivate",
        name="deactivate_identity",
        summary="Give the station's DID up, for good: no app pays it any more",
        role="administrator",
        description=f"{GivenUpTold.__doc__}\n\n{Told.__doc__}",
        handler=_deactivate,
        query=ChainWait,
        body=GivenUp,
        answer=GivenUpTold,
        tags=_TAGS,
        example={"did": "did:ethr:0x7a69:0x" + "0" * 40},
        also=_NO_CHARGE_POINT,
    ),
)
