"""What a charge point has to show at the door, when it is changed over OCPP.

AuthorizationKey and SecurityProfile ("Improved security for OCPP 1.6-J", edition 3, 2.2 and 2.7).
What is sent is in the register before, as the next one: the charge point may come by it whatever
becomes of the answer. Only a hash of a password is kept.
"""

import secrets
from collections.abc import Callable
from typing import Any

from cpg.peer import Peer
from sdk.charge_point_config import ChargePointConfig
from sdk.events.operations import Answered, ChangeConfiguration, ReplacePassword
from sdk.register import Register

HashPassword = Callable[[str], str]
_BYTES = 20
_PROFILES = frozenset("0123")
_PASSWORD, _PROFILE = "password_hash", "security_profile"


def new_password(body: ReplacePassword) -> ChangeConfiguration:
    """Make the request for a password that nobody has seen: 20 random bytes in hex."""
    value = secrets.token_hex(_BYTES)
    return ChangeConfiguration(expires_at=body.expires_at, key="AuthorizationKey", value=value)


class DoorChange:
    """One change of what a charge point has to show: announced, then settled by the answer."""

    __slots__ = ("_before", "_charge_point_id", "_name", "_next", "_register", "_value")

    def __init__(self, peer: Peer, name: str, value: object) -> None:
        """Change the field `name` of its configuration to `value`."""
        self._charge_point_id = peer.charge_point_id
        self._register = Register(peer.bus, peer.clock)
        self._name, self._next = name, f"next_{name}"
        self._value = value
        self._before: object = None

    @property
    def is_password(self) -> bool:
        """Whether it is the password that changes."""
        return self._name == _PASSWORD

    async def announce(self) -> None:
        """Put it down as the next one. Raises BusUnavailableError, InvalidInputError."""
        config = await self._register.get(self._charge_point_id)
        if (before := getattr(config, self._next)) != self._value:  # else it is tried again
            self._before = before
        await self._set(config, {self._next: self._value})

    async def settle(self, answered: Answered) -> bool:
        """Make it the present one, keep it as the next one, or take it back.

        After an error of the charge point's or none at all, it may be either. Tells whether one
        password more would be one too many: its charge point has this one or the present one.
        """
        config = await self._register.get(self._charge_point_id)
        if getattr(config, self._next) != self._value:
            return False
        changes: dict[str, Any] = {}
        if answered.outcome == "answered":
            changes = self._after(config, answered.status)
        elif answered.outcome in ("expired", "not_supported"):
            changes = {self._next: self._before}
        await self._set(config, changes)
        return self.is_password and not changes and config.password_hash is not None

    def _after(self, config: ChargePointConfig, status: str | None) -> dict[str, Any]:
        if status == "Accepted" and self.is_password and config.password_hash is not None:
            return {_PASSWORD: self._value, self._next: None}
        if status in ("Accepted", "RebootRequired"):
            return {}
        return {self._next: self._before}

    async def _set(self, config: ChargePointConfig, changes: dict[str, Any]) -> None:
        if any(getattr(config, name) != value for name, value in changes.items()):
            await self._register.set(self._charge_point_id, **changes)


async def door_change(
    peer: Peer, body: ChangeConfiguration, hash_password: HashPassword
) -> DoorChange | str | None:
    """Give what a request changes at the door, None for nothing, or why it may not be sent.

    Raises BusUnavailableError, InvalidInputError.
    """
    if body.sets_password:
        return DoorChange(peer, _PASSWORD, hash_password(body.value))
    if body.key.casefold() != "securityprofile":
        return None
    if body.value not in _PROFILES:
        return "a security profile is 0, 1, 2 or 3"
    profile = int(body.value)
    stored = (await Register(peer.bus, peer.clock).get(peer.charge_point_id)).security_profile
    if profile < stored:
        return f"security profile {stored} is stored: it never goes down"
    return DoorChange(peer, _PROFILE, profile) if stored < profile else None
