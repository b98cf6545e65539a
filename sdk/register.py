"""The register of charge points: `{CP}:config` of each one, and the index `stations`.

Written by the command line and programs, read by every service; never filled from the environment.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from sdk import quarantine
from sdk.bus import keys
from sdk.bus.interface import Bus, Commit, Outcome, OverloadedError, StateWrite
from sdk.bus.keys import Lane
from sdk.charge_point_config import (
    ChargePointConfig,
    ConfigError,
    checked_config,
    password_hash,
    password_matches,
    qr_text,
    station_did,
)
from sdk.did_claims import DidClaims
from sdk.errors import ChangedMeanwhileError, InvalidInputError, UnavailableError
from sdk.events.charge_point import (
    ChargePointConfigChanged,
)
from sdk.events.envelope import Envelope
from sdk.ids import Clock, natural_id, new_event_id, utc_now

__all__ = [
    "ChargePointBusyError",
    "ChargePointConfig",
    "ChargePointExistsError",
    "ConfigError",
    "Register",
    "UnknownChargePointError",
    "checked_config",
    "password_hash",
    "password_matches",
    "qr_text",
    "station_did",
]

_ENDED = frozenset({"", "idle", "settled", "refunded", "rejected"})
_ATTEMPTS = 5
_OF_THE_MACHINE = (
    keys.config,
    keys.identity,
    keys.configuration,
    keys.desired,
    keys.drift,
    keys.reservations,
    keys.charging_profiles,
    keys.certificates,
    keys.maintenance,
    keys.security_events,
    keys.local_list,
    keys.unsupported,
)
"""What goes with a charge point that is removed."""
_FLAGS = ("reserved", "has_reservations", "desired", "local_list", "local_list_version")
"""What its own hash says of the same."""
_NO_PATH = (".", "..")
"""Ids under which nothing can be found over HTTP; on the wire they are like any other."""


class ChargePointExistsError(InvalidInputError):
    """A charge point of this id is registered already."""


class UnknownChargePointError(InvalidInputError):
    """No charge point of this id is registered."""


class ChargePointBusyError(InvalidInputError):
    """A session or transaction of the charge point is open; end it first."""


class Register:
    """Adds, changes and removes charge points; what is refused changes nothing.

    Changes are told to the gateway that holds the charge point (ChargePointConfigChanged). Every
    method raises BusUnavailableError while Redis does not answer; what was to be changed may be.
    """

    def __init__(self, bus: Bus, clock: Clock = utc_now) -> None:
        self._bus = bus
        self._clock = clock
        self._dids = DidClaims(bus, clock)

    async def add(self, config: ChargePointConfig) -> None:
        """Register a new charge point; one that waits in the quarantine is admitted by this.

        Raises ChargePointExistsError, ConfigError when another charge point has this DID.
        """
        charge_point_id = config.charge_point_id
        await self.check_new(charge_point_id)
        await self._claim_did(config)
        if not await self._write(config, version=0):
            raise _exists(charge_point_id)
        await self._bus.add_member(keys.STATIONS, charge_point_id)
        if charge_point_id in await self._bus.read(keys.QUARANTINE):
            await quarantine.forget(self._bus, charge_point_id)
            await self._tell(charge_point_id, new_event_id())

    async def check_new(self, charge_point_id: str) -> None:
        """Make sure that this id is free. Raises ChargePointExistsError, ConfigError."""
        if charge_point_id in _NO_PATH:
            raise ConfigError(f"charge_point_id: {charge_point_id} stands for a folder in a path")
        if await self._bus.read(keys.config(charge_point_id)):
            raise _exists(charge_point_id)

    async def set(
        self,
        charge_point_id: str,
        /,
        *,
        if_version: int | None = None,
        **changes: Any,  # noqa: ANN401 - values of any field
    ) -> ChargePointConfig:
        """Change fields of `ChargePointConfig` and give what it is now.

        With `if_version`, only while that is its `version`; else raises ChangedMeanwhileError.

        Raises UnknownChargePointError, ConfigError; ChargePointBusyError for another DID or other
        connectors while a session, a dispute or a transaction is open: it would be left behind.
        """
        for _ in range(_ATTEMPTS):
            fields = await self._bus.read(keys.config(charge_point_id))
            if not fields:
                raise _unknown(charge_point_id)
            version = int(fields.get("version", 0))
            if if_version not in (None, version):
                raise ChangedMeanwhileError(f"charge point {charge_point_id} was changed")
            before = ChargePointConfig.from_hash(charge_point_id, fields)
            config = before.changed(changes)
            if _moves_sessions(before, config):
                await self._insist_on_leisure(charge_point_id, fields)
            if "did" in changes:
                await self._claim_did(config)
            if await self._write(config, version=version):
                await self._bus.add_member(keys.STATIONS, charge_point_id)
                if before.did.lower() != config.did.lower():
                    await self._dids.release(before.did, charge_point_id)
                await self._tell_once(charge_point_id)
                return config
        raise UnavailableError(f"charge point {charge_point_id} is being changed by others")

    async def remove(self, charge_point_id: str, *, force: bool = False) -> None:
        """Take a charge point out of the register; what is recorded of it stays.

        What the machine held goes, and what is wanted of it: the next of this id may be another.

        Raises UnknownChargePointError; without `force`, ChargePointBusyError while a session, a
        dispute or a transaction is open.
        """
        fields = await self._bus.read(keys.config(charge_point_id))
        if not fields:
            raise _unknown(charge_point_id)
        if not force:
            await self._insist_on_leisure(charge_point_id, fields)
        await self._bus.remove_member(keys.STATIONS, charge_point_id)
        gone = [name(charge_point_id) for name in _OF_THE_MACHINE]
        gone += [keys.connector(charge_point_id, n) for n in range(_connectors(fields) + 1)]
        writes = [StateWrite(key, fields=None) for key in gone]
        writes.append(StateWrite(keys.state(charge_point_id), dict.fromkeys(_FLAGS, "")))
        await self._bus.apply(Commit(charge_point_id, writes=writes))
        if did := fields.get("did"):
            await self._dids.release(did, charge_point_id)
        await self._tell_once(charge_point_id)

    async def get(self, charge_point_id: str) -> ChargePointConfig:
        """Read one. Raises UnknownChargePointError, ConfigError."""
        fields = await self._bus.read(keys.config(charge_point_id))
        if not fields:
            raise _unknown(charge_point_id)
        return ChargePointConfig.from_hash(charge_point_id, fields)

    async def ids(self) -> list[str]:
        """Give the ids of all registered charge points, sorted."""
        return sorted(await self._bus.members(keys.STATIONS))

    async def list(self) -> list[ChargePointConfig]:
        """Read all, sorted by id. Raises ConfigError for one that is not valid."""
        ids = await self.ids()
        hashes = await self._bus.read_many(
            [keys.config(charge_point_id) for charge_point_id in ids]
        )
        return [
            ChargePointConfig.from_hash(charge_point_id, fields)
            for charge_point_id, fields in zip(ids, hashes, strict=True)
            if fields
        ]

    async def tell_changed(self, charge_point_id: str) -> None:
        """Tell the gateway to look again at what is wanted of a charge point."""
        await self._tell_once(charge_point_id)

    async def _claim_did(self, config: ChargePointConfig) -> None:
        holder = await self._dids.claim(config.did, config.charge_point_id)
        if holder is not None:
            raise ConfigError(f"did: belongs to charge point {holder}")

    async def _tell_once(self, charge_point_id: str) -> None:
        """Tell of a change, unless the gateway has one to read still: it then reads this, too.

        So an entry per change does not pile up for a charge point that is away. It holds because
        the cursor is read after the register is written, and moved before the register is read.
        """
        reached = await self._bus.cursor(charge_point_id, keys.GATEWAY_READER)
        await self._tell(charge_point_id, natural_id("config", charge_point_id, reached or "0"))

    async def _tell(self, charge_point_id: str, event_id: UUID) -> None:
        envelope = Envelope(
            id=event_id,
            charge_point_id=charge_point_id,
            at=self._clock(),
            body=ChargePointConfigChanged(),
        )
        with suppress(OverloadedError):  # nobody reads the lane; whoever comes reads the register
            await self._bus.publish(Lane.OCPP, envelope)

    async def _write(self, config: ChargePointConfig, version: int) -> bool:
        fields = {**config.to_hash(), "version": str(version + 1)}
        key = keys.config(config.charge_point_id)
        write = StateWrite(key, fields, expected_version=version, replace=True)
        # a cause, so that the repeat of a call whose answer was lost is no conflict with itself
        commit = Commit(config.charge_point_id, cause=new_event_id(), writes=[write])
        outcome = await self._bus.apply(commit)
        return outcome is Outcome.APPLIED

    async def _insist_on_leisure(self, charge_point_id: str, fields: Mapping[str, str]) -> None:
        open_work = await self._open_work(charge_point_id, fields)
        if open_work:
            raise ChargePointBusyError(f"charge point {charge_point_id} has {open_work}")

    async def _open_work(self, charge_point_id: str, fields: Mapping[str, str]) -> str | None:
        numbers = range(1, _connectors(fields) + 1)
        sessions = await self._bus.read_many([keys.session(charge_point_id, n) for n in numbers])
        sockets = await self._bus.read_many([keys.connector(charge_point_id, n) for n in numbers])
        for number, session, connector in zip(numbers, sessions, sockets, strict=True):
            if session.get("phase", "") not in _ENDED:
                return f"an open session on connector {number}"
            if connector.get("transaction_id"):
                return f"an open transaction on connector {number}"
        if await self._bus.read(keys.disputes(charge_point_id)):
            return "a session in dispute"
        return None


def _connectors(fields: Mapping[str, str]) -> int:
    count = fields.get("connectors", "")
    return int(count) if count.isdecimal() else 1


def _moves_sessions(before: ChargePointConfig, after: ChargePointConfig) -> bool:
    return before.did.lower() != after.did.lower() or before.connectors != after.connectors


def _unknown(charge_point_id: str) -> UnknownChargePointError:
    return UnknownChargePointError(f"charge point {charge_point_id} is not registered")


def _exists(charge_point_id: str) -> ChargePointExistsError:
    return ChargePointExistsError(f"charge point {charge_point_id} is registered already")
