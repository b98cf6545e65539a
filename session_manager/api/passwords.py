"""Passwords of charge points: made or told at registration, and set where one is not connected."""

from typing import Any

from sdk.bus import keys
from sdk.gateways import is_connected
from sdk.register import Register
from sdk.registration import WITH_PASSWORD, new_password
from session_manager.api.charge_points import config_asked, config_read
from session_manager.api.problems import ProblemError
from session_manager.api.registered import Admission, Password
from session_manager.api.routes import NO_STORE, Asked, Reply, Route
from session_manager.api.values import ApiModel


class NewPassword(ApiModel):
    """The password to set; without one it is made."""

    password: Password | None = None


class SetPassword(ApiModel):
    """`password` is shown only here, where it was made."""

    charge_point_id: str
    password: str | None


def chosen_password(wanted: Admission) -> str | None:
    """Make a password where one is needed and none is told. Raises ProblemError (422)."""
    if wanted.security_profile in WITH_PASSWORD:
        return None if wanted.password else new_password()
    if wanted.password is not None:
        raise ProblemError(422, f"Security profile {wanted.security_profile} has no password.")
    return None


def password_fields(asked: Asked, password: str | None) -> dict[str, Any]:
    """Give the fields that a password sets. Raises ProblemError."""
    if password is None:
        return {}
    return {"password_hash": asked.services.registrar.password_hash(password)}


async def _set_password(asked: Asked) -> Reply:
    charge_point_id, bus = asked.path["charge_point_id"], asked.services.bus
    config = config_read(asked, await config_asked(asked))
    if config.security_profile not in (0, *WITH_PASSWORD):
        raise ProblemError(409, "It signs in by certificate, and has no password.")
    state = await bus.read(keys.state(charge_point_id))
    if is_connected(state, await asked.services.gateways.dead()):
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
    tell_changed(asked, charge_point_id, "given a new password")
    content = {"charge_point_id": charge_point_id, "password": made}
    return Reply(content, headers=NO_STORE)


def tell_changed(asked: Asked, charge_point_id: str, what: str) -> None:
    """Log that somebody changed a charge point."""
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
        path="/charge-points/{charge_point_id}/password",
        name="set_password",
        summary="Set the password of a charge point that is not connected",
        role="administrator",
        handler=_set_password,
        body=NewPassword,
        answer=SetPassword,
        tags=("Registration",),
        example={},
        also={409: "It is connected, or signs in by certificate."},
    ),
)
