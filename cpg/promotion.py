"""What was sent to a charge point becomes what it must show, once it has shown it."""

from typing import Any

from cpg.security_profiles import Admitted
from sdk.charge_point_config import ChargePointConfig
from sdk.errors import InvalidInputError, UnavailableError
from sdk.logs import Logger
from sdk.register import Register


async def promote(register: Register, admitted: Admitted, log: Logger) -> None:
    """Put what a connection has proven into the register, unless that was changed since.

    When it fails, the next connection proves the same again.
    """
    charge_point_id = admitted.charge_point_id
    try:
        changes = _still_wanted(await register.get(charge_point_id), admitted.proven)
        if changes:
            await register.set(charge_point_id, **changes)
    except (InvalidInputError, UnavailableError) as error:
        log.warning("what it has proven is not kept: %s", error)
        return
    if changes.get("password_hash"):
        log.info("connected by its new password: the old one is refused from now on")
    if profile := changes.get("security_profile"):
        log.info("connected by security profile %d: nothing below it from now on", profile)


def _still_wanted(config: ChargePointConfig, proven: dict[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    password, profile = proven.get("password_hash"), proven.get("security_profile")
    if password is not None and password == config.next_password_hash:
        changes |= {"password_hash": password, "next_password_hash": None}
    if profile is not None and profile == config.next_security_profile:
        higher = max(profile, config.security_profile)
        changes |= {"security_profile": higher, "next_security_profile": None}
    return changes
