"""Endpoints: every operation of OCPP that a central system can ask for, by its own name."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from time import perf_counter
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError

from sdk.api_keys import Role
from sdk.bus import keys
from sdk.events.body import Body, Command
from sdk.events.envelope import Envelope
from sdk.events.ocpp16.messages import REQUESTS, RESPONSES
from sdk.events.ocpp_part import OcppPart
from sdk.events.operations import (
    Answered,
    ChangeConfiguration,
    ReplacePassword,
    SynchroniseLocalList,
)
from sdk.events.operations.mapping import command_of
from sdk.gateways import is_connected
from session_manager.api.charge_points import registered_as
from session_manager.api.examples import EXAMPLES
from session_manager.api.ocpp_schemas import is_integer, names_of
from session_manager.api.operation_words import WORDS
from session_manager.api.outcomes import (
    OperationAnswer,
    Outcome,
    told_error,
    told_outcome,
    told_response,
)
from session_manager.api.problems import WRONG_FIELDS, Fault, ProblemError, wrong_fields
from session_manager.api.profiles import NAMES, SECRET_KEYS, profile_of, role_for
from session_manager.api.routes import Asked, Reply, Route
from session_manager.api.values import ApiModel, plain_number

_OWN = {kind.__name__: kind for kind in (ReplacePassword, SynchroniseLocalList)}


class NoFields(ApiModel):
    """An empty object."""


class Patience(ApiModel):
    """How long to wait for the charge point's answer, in seconds."""

    timeout: Annotated[float, plain_number] = Field(default=30.0, ge=1, le=120)


class ListedOperation(ApiModel):
    """An operation, its profile, and the least role that may ask for it."""

    operation: str
    profile: str
    role: Role


class OperationList(ApiModel):
    """All operations."""

    items: tuple[ListedOperation, ...]


async def _give(operation: str, asked: Asked) -> Reply:
    began = perf_counter()
    envelope = _envelope(operation, asked)
    _check_role(envelope.body, asked)
    outcome, answer = await _ask(envelope, asked)
    asked.services.log.info(
        "%s was asked for by %s: %s",
        operation,
        asked.principal.name,
        outcome,
        charge_point_id=envelope.charge_point_id,
        correlation_id=str(asked.correlation_id),
    )
    content: dict[str, Any] = {
        "operation": operation,
        "charge_point_id": envelope.charge_point_id,
        "correlation_id": str(asked.correlation_id),
        "outcome": outcome,
        "response": told_response(answer) if answer else None,
        "error": told_error(answer.error) if answer else None,
        "reason": answer.reason if answer else None,
        "latency_ms": round((perf_counter() - began) * 1000, 2),
    }
    return Reply(content)


def _envelope(operation: str, asked: Asked) -> Envelope:
    expires_at = asked.services.clock() + timedelta(seconds=asked.query.timeout)
    try:
        body, connector_id = _command(operation, asked.body, expires_at)
        return Envelope(
            id=asked.correlation_id,
            charge_point_id=asked.path["charge_point_id"],
            connector_id=connector_id,
            at=asked.services.clock(),
            body=body,
        )
    except ValidationError as error:
        raise wrong_fields(error, names=names_of(operation)) from None


def _command(
    operation: str, request: BaseModel, expires_at: datetime
) -> tuple[Command, int | None]:
    if not isinstance(request, OcppPart):
        return _OWN[operation](expires_at=expires_at), None
    check_integers(request)
    return command_of(request, expires_at)


def check_integers(request: OcppPart) -> None:
    """Refuse what is no integer of OCPP, which has 32 bits. Raises ProblemError."""
    faults = [
        Fault(detail="Integers of OCPP have 32 bits", pointer=pointer)
        for pointer in _too_large(request.to_ocpp(), "")
    ]
    if faults:
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, WRONG_FIELDS, faults)


def _too_large(value: object, pointer: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _too_large(item, f"{pointer}/{name}")
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _too_large(item, f"{pointer}/{at}")
    elif isinstance(value, int) and not is_integer(value):
        yield pointer


def _check_role(body: Body, asked: Asked) -> None:
    is_secret = isinstance(body, ChangeConfiguration) and body.key.casefold() in SECRET_KEYS
    if is_secret and not asked.principal.may("administrator"):
        detail = "This configuration key needs the role administrator."
        raise ProblemError(HTTPStatus.FORBIDDEN, detail)


async def _ask(envelope: Envelope, asked: Asked) -> tuple[Outcome, Answered | None]:
    bus, charge_point_id = asked.services.bus, envelope.charge_point_id
    config, state = await bus.read_many([keys.config(charge_point_id), keys.state(charge_point_id)])
    registered_as(charge_point_id, config)
    if not is_connected(state, await asked.services.gateways.dead()):
        return "offline", None
    try:
        answer = await asked.services.asking.ask(envelope, asked.query.timeout)
    except TimeoutError:
        return "timeout", None
    return told_outcome(answer), answer


async def _list(_asked: Asked) -> OperationList:
    return OperationList(
        items=tuple(
            ListedOperation(operation=name, profile=profile_of(name), role=role_for(name))
            for name in NAMES
        )
    )


_ANSWERED_LIKE = {
    "ReplacePassword": "ChangeConfiguration",
    "SynchroniseLocalList": "SendLocalList",
}
"""What our own operations send, and so are answered by."""


def _route(operation: str) -> Route:
    answer = RESPONSES[_ANSWERED_LIKE.get(operation, operation)]
    return Route(
        method="POST",
        path=f"/charge-points/{{charge_point_id}}/operations/{operation}",
        name=operation,
        summary=_SUMMARIES.get(operation, f"Ask the charge point for {operation}"),
        role=role_for(operation),
        handler=partial(_give, operation),
        body=REQUESTS.get(operation, NoFields),
        query=Patience,
        answer=OperationAnswer[answer],  # type: ignore[valid-type]
        tags=(profile_of(operation),),
        description=f"{WORDS[operation]}\n\n{OperationAnswer.__doc__}",
        example=EXAMPLES[operation],
        also={404: "No charge point of this id is registered."},
    )


_SUMMARIES = {
    "ReplacePassword": "Give the charge point a new password, which nobody is shown",
    "SynchroniseLocalList": "Make its local list what the registers of idTags say",
}

ROUTES = (
    *(_route(name) for name in sorted(NAMES, key=lambda name: (profile_of(name), name))),
    Route(
        method="GET",
        path="/operations",
        name="list_operations",
        summary="List the operations, their profiles and who may ask for them",
        role="viewer",
        handler=_list,
        answer=OperationList,
        tags=("Operations",),
        etag=True,
    ),
)
