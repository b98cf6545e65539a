"""Endpoints: registering charge points, changing what they are, taking them out."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from sdk.errors import ChangedMeanwhileError
from sdk.register import ChargePointConfig, Register, checked_config
from sdk.registration import WITH_PASSWORD, add_station, usual_deposit
from session_manager.api.charge_points import config_asked, config_read
from session_manager.api.conditions import changed_meanwhile, strong_tag, version_wanted
from session_manager.api.passwords import chosen_password, password_fields, tell_changed
from session_manager.api.problems import WRONG_FIELDS, Fault, ProblemError
from session_manager.api.registered import (
    Admission,
    ChargePointChange,
    NewChargePoint,
    NewlyRegistered,
    Registered,
    registered,
)
from session_manager.api.routes import BASE, NO_STORE, Asked, Reply, Route
from session_manager.api.values import ApiModel

_TAGS = ("Registration",)
_ONE = "/charge-points/{charge_point_id}"
_CONFIG = f"{_ONE}/config"
_BUSY = {409: "A session, dispute or transaction of it is open.", 412: "If-Match names another."}
EXAMPLE = {
    "tariff": {"per_kwh": "400000000000000000"},
    "name": "Car park, level 2",
    "connectors": 2,
    "maximum_power_w": 22_000,
}


class Removal(ApiModel):
    """How to take it out."""

    force: bool = Field(
        default=False, description="Also while a session, dispute or transaction of it is open."
    )


async def _add(asked: Asked) -> Reply:
    wanted: NewChargePoint = asked.body
    password = chosen_password(wanted)
    fields = password_fields(asked, password or wanted.password)
    config = await register_new(asked, wanted.charge_point_id, wanted, fields)
    return told_once(config, password)


async def register_new(
    asked: Asked, charge_point_id: str, wanted: Admission, more: dict[str, Any]
) -> ChargePointConfig:
    """Register a charge point, with a key of its own unless its DID is told.

    Raises ProblemError, ConfigError, ChargePointExistsError, BusUnavailableError.
    """
    bus, registrar = asked.services.bus, asked.services.registrar
    fields = {**wanted.fields(), **more}
    fields.setdefault("minimum_deposit", usual_deposit(fields["tariff"]))
    if wanted.did is None:
        key, chain_id = registrar.new_key(), registrar.chain_id
        config = await add_station(bus, charge_point_id, fields, key, chain_id)
    else:
        config = checked_config({**fields, "charge_point_id": charge_point_id, "did": wanted.did})
        await Register(bus).add(config)
    tell_changed(asked, charge_point_id, "registered")
    return config


def told_once(config: ChargePointConfig, password: str | None) -> Reply:
    """Answer with what was registered, and a password that was made."""
    location = f"{BASE}/charge-points/{config.charge_point_id}/config"
    content = {**registered(config), "password": password}
    return Reply(content, status=201, headers={"Location": location, **NO_STORE})


async def _show(asked: Asked) -> Reply:
    fields = await config_asked(asked)
    return Reply(registered(config_read(asked, fields)), headers={"ETag": strong_tag(fields)})


async def _change(asked: Asked) -> Reply:
    charge_point_id, bus = asked.path["charge_point_id"], asked.services.bus
    fields = await config_asked(asked)
    version = version_wanted(asked.request, fields)
    changes = _changes(asked.body, fields)
    try:
        config = await Register(bus).set(charge_point_id, if_version=version, **changes)
    except ChangedMeanwhileError:
        raise changed_meanwhile() from None
    tell_changed(asked, charge_point_id, "changed")
    tag = strong_tag(await config_asked(asked))
    return Reply(registered(config), headers={"ETag": tag})


def _changes(wanted: ChargePointChange, fields: Mapping[str, str]) -> dict[str, Any]:
    changes = wanted.changes()
    profile = changes.get("security_profile")
    if profile in WITH_PASSWORD and not fields.get("password_hash"):
        fault = Fault(
            detail=f"Security profile {profile} needs a password: set one first.",
            pointer="/security_profile",
        )
        raise ProblemError(422, WRONG_FIELDS, [fault])
    return changes if profile is None else {**changes, "next_security_profile": None}


async def _remove(asked: Asked) -> Reply:
    charge_point_id, bus = asked.path["charge_point_id"], asked.services.bus
    version_wanted(asked.request, await config_asked(asked))
    await Register(bus).remove(charge_point_id, force=asked.query.force)
    tell_changed(asked, charge_point_id, "removed")
    return Reply()


ROUTES = (
    Route(
        method="POST",
        path="/charge-points",
        name="register_charge_point",
        summary="Register a charge point, with a key and so a DID of its own",
        description="It takes a second or two where a key is made.",
        role="administrator",
        handler=_add,
        body=NewChargePoint,
        answer=NewlyRegistered,
        status=201,
        tags=_TAGS,
        example={"charge_point_id": "CP-2", **EXAMPLE},
        sends=("Location",),
        also={409: "A charge point of this id is registered already."},
    ),
    Route(
        method="GET",
        path=_CONFIG,
        name="get_charge_point_config",
        summary="Show what a charge point is registered as",
        role="viewer",
        handler=_show,
        answer=Registered,
        tags=_TAGS,
        etag=True,
    ),
    Route(
        method="PATCH",
        path=_CONFIG,
        name="change_charge_point_config",
        summary="Change what a charge point is; with If-Match only while it is what was read",
        description=(
            "Running sessions keep their quoted tariff. `security_profile` is what it has to show "
            "from now on, in place of one that it was sent and has not shown yet; an open socket "
            "that shows less is closed by the gateway. 1 and 2 need a password (see "
            "`POST /charge-points/{charge_point_id}/password`, while it is connected the operation "
            "`ReplacePassword`). The charge point is not told of it."
        ),
        role="administrator",
        handler=_change,
        body=ChargePointChange,
        answer=Registered,
        tags=_TAGS,
        example={"name": "Car park, level 3"},
        sends=("ETag",),
        also=_BUSY,
    ),
    Route(
        method="DELETE",
        path=_ONE,
        name="remove_charge_point",
        summary="Take a charge point out of the register; its key and records stay",
        role="administrator",
        handler=_remove,
        query=Removal,
        status=204,
        tags=_TAGS,
        also=_BUSY,
    ),
)
