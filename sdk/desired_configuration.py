"""Desired configuration: keys that a charge point should have, and how far it differs.

The gateway asks the charge point for these keys after each boot and change, sets those that differ,
and asks again. What is still not as wanted is drift.
"""

import re
from decimal import Decimal
from typing import Literal

from pydantic import ValidationError

from sdk.bus import keys
from sdk.bus.interface import Bus, Commit, StateWrite
from sdk.errors import InvalidInputError
from sdk.fields import Frozen, Moment
from sdk.ids import Clock, utc_now
from sdk.register import Register

DriftReason = Literal[
    "rejected", "not_supported", "readonly", "needs_reboot", "differs", "no_answer"
]
NEVER_WANTED = {
    "authorizationkey": "a password is replaced by an operation of its own, and kept nowhere",
    "securityprofile": "it is raised with the charge point's registration",
}
"""Keys in lower case that can't be desired, and why."""

_LONGEST_KEY, _LONGEST_VALUE, _MOST = 50, 500, 200
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,9})?", re.ASCII)


class DesiredConfigurationError(InvalidInputError):
    """A key or a value can't be desired; the text says why."""


class Drift(Frozen):
    """How a key differs from what is wanted; `reported` None: the charge point told no value."""

    key: str
    wanted: str
    reported: str | None = None
    reason: DriftReason
    since: Moment


class DesiredConfiguration:
    """What is wanted of charge points; each change is told to the gateway that holds it.

    Every method raises UnknownChargePointError, BusUnavailableError.
    """

    def __init__(self, bus: Bus, clock: Clock = utc_now) -> None:
        self._bus = bus
        self._register = Register(bus, clock)

    async def get(self, charge_point_id: str) -> dict[str, str]:
        """Read the keys that are wanted, and their values."""
        await self._register.get(charge_point_id)
        return dict(sorted((await self._bus.read(keys.desired(charge_point_id))).items()))

    async def set(self, charge_point_id: str, key: str, value: str) -> None:
        """Want a value. Raises DesiredConfigurationError for what can't be wanted."""
        check_desired(key, value)
        wanted = await self.get(charge_point_id)
        others = [each for each in wanted if each != key and each.casefold() == key.casefold()]
        if len(wanted) - len(others) >= _MOST and key not in wanted:
            raise DesiredConfigurationError(f"at most {_MOST} keys can be wanted")
        await self._apply(charge_point_id, {key: value}, others)

    async def remove(self, charge_point_id: str, key: str) -> None:
        """Want it no more; the charge point keeps the value. Raises DesiredConfigurationError."""
        wanted = await self.get(charge_point_id)
        named = [each for each in wanted if each.casefold() == key.casefold()]
        if not named:
            raise DesiredConfigurationError(f"{key} is not wanted of {charge_point_id}")
        await self._apply(charge_point_id, {}, named)

    async def drift(self, charge_point_id: str) -> list[Drift]:
        """Read what is not as wanted, sorted by key."""
        await self._register.get(charge_point_id)
        return await read_drift(self._bus, charge_point_id)

    async def _apply(self, charge_point_id: str, wanted: dict[str, str], gone: list[str]) -> None:
        key = keys.desired(charge_point_id)
        await self._bus.apply(
            Commit(
                charge_point_id,
                writes=[StateWrite(key, wanted)] if wanted else [],
                removed_fields={key: gone} if gone else {},
            )
        )
        await self._register.tell_changed(charge_point_id)


async def read_drift(bus: Bus, charge_point_id: str) -> list[Drift]:
    """Read what is not as wanted, sorted by key. Raises BusUnavailableError."""
    wanted, stored = await bus.read_many(
        [keys.desired(charge_point_id), keys.drift(charge_point_id)]
    )
    found = [drift_of(stored[key]) for key in sorted(stored) if key in wanted]
    return [each for each in found if each is not None]


def drift_of(text: str) -> Drift | None:
    """Read a drift as it is kept; None for a damaged one."""
    try:
        return Drift.model_validate_json(text)
    except ValidationError:
        return None


def check_desired(key: str, value: str) -> None:
    """Make sure that a key can have this value wanted. Raises DesiredConfigurationError."""
    if not 0 < len(key) <= _LONGEST_KEY or not key.isprintable():
        raise DesiredConfigurationError(f"a key has 1 to {_LONGEST_KEY} printable characters")
    why = NEVER_WANTED.get(key.casefold())
    if why is not None:
        raise DesiredConfigurationError(f"{key} cannot be wanted: {why}")
    if len(value) > _LONGEST_VALUE or not value.isprintable():
        raise DesiredConfigurationError(
            f"a value has at most {_LONGEST_VALUE} printable characters"
        )


def is_same_value(wanted: str, reported: str | None) -> bool:
    """Tell whether a reported value is what is wanted, in whatever way it is written.

    Space around it says nothing, nor does the order of a list, the case of a boolean, or how a
    number is written.
    """
    if reported is None:
        return False
    return sorted(map(_plain, wanted.split(","))) == sorted(map(_plain, reported.split(",")))


def _plain(item: str) -> str:
    text = item.strip()
    if text.casefold() in ("true", "false"):
        return text.casefold()
    return str(Decimal(text).normalize() + 0) if _NUMBER.fullmatch(text) else text
