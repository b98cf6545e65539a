"""Endpoints: unknown charge points that wait to be admitted."""

from typing import Any

from sdk import quarantine
from sdk.fields import Moment
from sdk.quarantine import NotWaitingError, WaitingChargePoint
from sdk.register import Register
from session_manager.api.passwords import chosen_password, password_fields
from session_manager.api.problems import ProblemError, not_found
from session_manager.api.registered import Admission, NewlyRegistered
from session_manager.api.registration import EXAMPLE, register_new, told_once
from session_manager.api.routes import Asked, Reply, Route
from session_manager.api.values import ApiModel

_TAGS = ("Registration",)
_ONE = "/quarantine/{charge_point_id}"


class Waiting(ApiModel):
    """What is known of a charge point that waits; nothing of it is proved.

    `contested`: it came with more than one password, so that there may be several.
    """

    charge_point_id: str
    vendor: str
    model: str
    serial_number: str
    firmware_version: str
    address: str
    contested: bool
    first_seen: Moment
    last_seen: Moment
    password_presented: bool


class WaitingList(ApiModel):
    """All that wait, by id; one that is not seen for seven days is forgotten."""

    items: list[Waiting]


async def _list(asked: Asked) -> WaitingList:
    found = await quarantine.waiting(asked.services.bus, asked.services.clock())
    return WaitingList(
        items=[
            Waiting(
                **entry.model_dump(exclude={"password_hash"}),
                password_presented=entry.password_hash is not None,
            )
            for entry in found
        ]
    )


async def _admit(asked: Asked) -> Reply:
    charge_point_id, wanted = asked.path["charge_point_id"], asked.body
    await Register(asked.services.bus).check_new(charge_point_id)
    entry = await _waiting(asked)
    fields = _adopted(entry, wanted)
    password = None if fields else chosen_password(wanted)
    fields = fields or password_fields(asked, password or wanted.password)
    config = await register_new(asked, charge_point_id, wanted, fields)
    return told_once(config, password)


async def _dismiss(asked: Asked) -> Reply:
    entry = await _waiting(asked)
    await quarantine.forget(asked.services.bus, entry.charge_point_id)
    return Reply()


async def _waiting(asked: Asked) -> WaitingChargePoint:
    services = asked.services
    try:
        return await quarantine.find(services.bus, asked.path["charge_point_id"], services.clock())
    except NotWaitingError:
        raise not_found("charge point that waits") from None


def _adopted(entry: WaitingChargePoint, wanted: Admission) -> dict[str, Any]:
    """Give the password that it presented, where it has to have one and none is told."""
    if wanted.password is not None or wanted.security_profile not in (1, 2):
        return {}
    if entry.contested:
        raise ProblemError(
            409, "It came with different passwords, so it may be two: tell one, or dismiss it."
        )
    return {} if entry.password_hash is None else {"password_hash": entry.password_hash}


ROUTES = (
    Route(
        method="GET",
        path="/quarantine",
        name="list_waiting_charge_points",
        summary="List the unknown charge points that wait to be admitted",
        role="administrator",
        handler=_list,
        answer=WaitingList,
        tags=_TAGS,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/admit",
        name="admit_charge_point",
        summary="Register a charge point that waits; it then connects again",
        description=(
            "Without `password` it keeps the one that it presented; if it presented none, one is "
            "made and shown once."
        ),
        role="administrator",
        handler=_admit,
        body=Admission,
        answer=NewlyRegistered,
        status=201,
        tags=_TAGS,
        example=EXAMPLE,
        sends=("Location",),
        also={409: "It is registered already, or came with different passwords."},
    ),
    Route(
        method="DELETE",
        path=_ONE,
        name="dismiss_charge_point",
        summary="Forget a charge point that waits; it is listed again if it comes again",
        role="administrator",
        handler=_dismiss,
        status=204,
        tags=_TAGS,
    ),
)
