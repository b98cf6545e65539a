"""Endpoints: registering charge points, changing what they are, taking them out."""

from typing import Any

from sdk.bus import keys
from sdk.errors import ChangedMeanwhileError
from sdk.register import ChargePointConfig, Register, checked_config
from sdk.registration import add_station, new_password, usual_deposit
from session_manager.api.charge_points import config_of
from session_manager.api.conditions import changed_meanwhile, strong_tag, version_wanted
from session_manager.api.problems import ProblemError
from session_manager.api.registered import (
    Admission,
    ChargePointChange,
    NewChargePoint,
    NewlyRegistered,
    Password,
    Registered,
    registered,
)
from session_manager.api.routes import BASE, Asked, Reply, Route
from session_manager.api.values import ApiModel

_TAGS = ("Registration",)
_ONE = "/charge-points/{charge_point_id}"
_CONFIG = f"{_ONE}/config"
_WITH_PASSWORD = (1, 2)
_SECRET = {"Cache-Control": "no-store"}
_BUSY = {409: "A session, dispute or transaction of it is open.", 412: "If-Match names another."}
EXAMPLE = {
    "tariff": {"per_kwh": "400000000000000000"},
    "name": "Car park, level 2",
    "connectors": 2,
    "maximum_power_w": 22_000,
}


class Removal(ApiModel):
    """How to take it out."""

    force: bool = False


class NewPassword(ApiModel):
    """The password to set; without one it is made."""

    password: Password | None = None


class SetPassword(ApiModel):
    """`password` is shown only here, where it was made."""

    charge_point_id: str
    password: str | None


async def _add(asked: Asked) -> Reply:
    wanted: NewChargePoint = asked.body
    password = chosen_password(wanted)
    fields = password_fields(asked, password or wanted.password)
    config = await register_new(asked, wanted.charge_point_id, wanted, fields)
    return told_once(config, password)


def chosen_password(wanted: Admission) -> str | None:
    """Make a password where one is needed and none is told. Raises ProblemError (422)."""
    if wanted.security_profile in _WITH_PASSWORD:
        return None if wanted.password else new_password()
    if wanted.password is not None:
        raise ProblemError(422, f"Security profile {wanted.security_profile} has no password.")
    return None


def password_fields(asked: Asked, password: str | None) -> dict[str, Any]:
    """Give the fields that a password sets. Raises ProblemError."""
    if password is None:
        return {}
    return {"password_hash": asked.services.registrar.password_hash(password)}


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
    _tell(asked, charge_point_id, "registered")
    return config


def told_once(config: ChargePointConfig, password: str | None) -> Reply:
    """Answer with what was registered, and a password that was made."""
    location = f"{BASE}/charge-points/{config.charge_point_id}/config"
    content = {**registered(config), "password": password}
    return Reply(content, status=201, headers={"Location": location, **_SECRET})


async def _show(asked: Asked) -> Reply:
    charge_point_id = asked.path["charge_point_id"]
    fields = await config_of(asked.services.bus, charge_point_id)
    config = ChargePointConfig.from_hash(charge_point_id, fields)
    return Reply(registered(config), headers={"ETag": strong_tag(fields)})


async def _change(asked: Asked) -> Reply:
    charge_point_id, bus = asked.path["charge_point_id"], asked.services.bus
    version = version_wanted(asked.request, await config_of(bus, charge_point_id))
    try:
        config = await Register(bus).set(
            charge_point_id, if_version=version, **asked.body.changes()
        )
    except ChangedMeanwhileError:
        raise changed_meanwhile() from None
    _tell(asked, charge_point_id, "changed")
    tag = strong_tag(await config_of(bus, charge_point_id))
    return Reply(registered(config), headers={"ETag": tag})


async def _remove(asked: Asked) -> Reply:
    charge_point_id, bus = asked.path["charge_point_id"], asked.services.bus
    version_wanted(asked.request, await config_of(bus, charge_point_id))
    await Register(bus).remove(charge_point_id, force=asked.query.force)
    _tell(asked, charge_point_id, "removed")
    return Reply()


async def _set_password(asked: Asked) -> Reply:
    charge_point_id, bus = asked.path["charge_point_id"], asked.services.bus
    config = ChargePointConfig.from_hash(charge_point_id, await config_of(bus, charge_point_id))
    if config.security_profile not in (0, *_WITH_PASSWORD):
        raise ProblemError(409, "It signs in by certificate, and has no password.")
    if (await bus.read(keys.state(charge_point_id))).get("connected") == "1":
        raise ProblemError(
            409, "It is connected: use the operation ReplacePassword, which tells it the new one."
        )
    made = None if asked.body.password else new_password()
    await Register(bus).set(
        charge_point_id,
        **password_fields(asked, asked.body.password or made),
        next_password_hash=None,
        security_profile=max(1, config.security_profile),
    )
    _tell(asked, charge_point_id, "given a new password")
    content = {"charge_point_id": charge_point_id, "password": made}
    return Reply(content, headers=_SECRET)


def _tell(asked: Asked, charge_point_id: str, what: str) -> None:
    asked.services.log.info(
        "charge point was %s by %s",
        what,
        asked.principal.name,
        charge_point_id=charge_point_id,
        correlation_id=str(asked.correlation_id),
    )


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
        description="Running sessions keep their quoted tariff.",
        role="administrator",
        handler=_change,
        body=ChargePointChange,
        answer=Registered,
        tags=_TAGS,
        example={"name": "Car park, level 3"},
        also=_BUSY,
    ),
    Route(
        method="DELETE",
        path=_ONE,
        name="remove_charge_point",
        summary="Take a charge point out of the register; its key and records stay",
        description="`force`: also while a session, dispute or transaction of it is open.",
        role="administrator",
        handler=_remove,
        query=Removal,
        status=204,
        tags=_TAGS,
        also=_BUSY,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/password",
        name="set_password",
        summary="Set the password of a charge point that is not connected",
        role="administrator",
        handler=_set_password,
        body=NewPassword,
        answer=SetPassword,
        tags=_TAGS,
        example={},
        also={409: "It is connected, or signs in by certificate."},
    ),
)
