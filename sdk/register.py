"""The register of charge points: what each one is, in `{CP}:config`, and the index `stations`.

Written by the command line and programs, read by every service; never filled from the environment.
"""

import hmac
import json
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationError

from sdk.bus import keys
from sdk.bus.interface import Bus, Commit, Outcome, StateWrite
from sdk.errors import InvalidInputError, UnavailableError
from sdk.fields import ChargePointId, Frozen, Money, PeerId
from sdk.tariff import Tariff

_DID = re.compile(r"did:ethr:0x(?P<chain>[0-9a-f]{1,16}):(?P<address>0x[0-9a-fA-F]{40})")
_JSON_FIELDS = ("tariff", "plug_types")
_ENDED = frozenset({"", "idle", "settled", "refunded", "rejected"})
_ATTEMPTS = 5

StationDid = Annotated[str, StringConstraints(pattern=f"^{_DID.pattern}$")]
PlugType = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9 ._-]{1,40}$")]


class ConfigError(InvalidInputError):
    """A charge point's configuration is not valid; the text names the field."""


class ChargePointExistsError(InvalidInputError):
    """A charge point of this id is registered already."""


class UnknownChargePointError(InvalidInputError):
    """No charge point of this id is registered."""


class ChargePointBusyError(InvalidInputError):
    """A session or transaction of the charge point is open; end it first."""


def _default_step(data: Mapping[str, Any]) -> int:
    tariff = data.get("tariff")
    return max(1, tariff.per_kwh // 10) if isinstance(tariff, Tariff) else 1


class ChargePointConfig(Frozen):
    """What one charge point is. Money in the token's smallest unit, power in W.

    `did` names chain and account of the station; `exposure_step` is how far the cost may run ahead
    of the driver's voucher (default: the price of 100 Wh); `password_hash` see `password_hash()`,
    absent: the charge point connects without a password; `credential` is the authority's VC-JWT,
    without it the station quotes nothing; `p2p_peer_id` the P2P server to announce (absent: any).
    """

    charge_point_id: ChargePointId
    did: StationDid
    tariff: Tariff
    connectors: int = Field(default=1, ge=1, le=1000)
    name: str = Field(default="", max_length=100)
    maximum_power_w: int = Field(default=22_000, ge=1, le=2**31)
    plug_types: tuple[PlugType, ...] = ("Type 2",)
    minimum_deposit: Money = 0
    exposure_step: Money = Field(default_factory=_default_step)
    credential: str | None = None
    password_hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    security_profile: int = Field(default=0, ge=0, le=3)
    p2p_peer_id: PeerId | None = None

    @property
    def chain_id(self) -> int:
        """The chain that the DID names."""
        return int(_did_part(self.did, "chain"), 16)

    @property
    def address(self) -> str:
        """The station's account, as the DID writes it."""
        return _did_part(self.did, "address")

    def qr_text(self, connector_id: int = 1) -> str:
        """Give what the QR code on a connector says."""
        return qr_text(self.did, connector_id)

    def to_hash(self) -> dict[str, str]:
        """Write the fields of `{CP}:config`; absent ones are left out."""
        data = self.model_dump(mode="json", exclude={"charge_point_id"}, exclude_none=True)
        return {
            name: json.dumps(value) if name in _JSON_FIELDS else str(value)
            for name, value in data.items()
        }

    @classmethod
    def from_hash(cls, charge_point_id: str, fields: Mapping[str, str]) -> "ChargePointConfig":
        """Read the fields of `{CP}:config`. Raises ConfigError."""
        try:
            data: dict[str, Any] = {
                name: json.loads(value) if name in _JSON_FIELDS else value
                for name, value in fields.items()
            }
        except ValueError as error:
            raise ConfigError(f"charge point {charge_point_id}: tariff or plug_types") from error
        return checked_config({**data, "charge_point_id": charge_point_id})

    def changed(self, changes: Mapping[str, Any]) -> "ChargePointConfig":
        """Give this with other values. Raises ConfigError, also for a field that there is not."""
        unknown = set(changes) - set(type(self).model_fields)
        if unknown or changes.get("charge_point_id", self.charge_point_id) != self.charge_point_id:
            raise ConfigError(f"cannot change {', '.join(sorted(unknown)) or 'charge_point_id'}")
        return checked_config({**dict(self), **changes})


class Register:
    """Adds, changes and removes charge points; what is refused changes nothing.

    Every method raises BusUnavailableError while Redis does not answer.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def add(self, config: ChargePointConfig) -> None:
        """Register a new charge point.

        Raises ChargePointExistsError, ConfigError when another charge point has this DID.
        """
        charge_point_id = config.charge_point_id
        await self.check_new(charge_point_id)
        await self._check_own_did(config)
        if not await self._write(config, version=0):
            raise _exists(charge_point_id)
        await self._bus.add_member(keys.STATIONS, charge_point_id)

    async def check_new(self, charge_point_id: str) -> None:
        """Make sure that this id is not registered. Raises ChargePointExistsError."""
        if await self._bus.read(keys.config(charge_point_id)):
            raise _exists(charge_point_id)

    async def set(self, charge_point_id: str, **changes: Any) -> ChargePointConfig:  # noqa: ANN401
        """Change fields of `ChargePointConfig` and give what it is now.

        Raises UnknownChargePointError, ConfigError.
        """
        for _ in range(_ATTEMPTS):
            fields = await self._bus.read(keys.config(charge_point_id))
            if not fields:
                raise _unknown(charge_point_id)
            config = ChargePointConfig.from_hash(charge_point_id, fields).changed(changes)
            if "did" in changes:
                await self._check_own_did(config)
            if await self._write(config, version=int(fields.get("version", 0))):
                await self._bus.add_member(keys.STATIONS, charge_point_id)
                return config
        raise UnavailableError(f"charge point {charge_point_id} is being changed by others")

    async def remove(self, charge_point_id: str, *, force: bool = False) -> None:
        """Take a charge point out of the register; what is recorded of it stays.

        Raises UnknownChargePointError; without `force`, ChargePointBusyError while a session, a
        dispute or a transaction is open.
        """
        fields = await self._bus.read(keys.config(charge_point_id))
        if not fields:
            raise _unknown(charge_point_id)
        open_work = None if force else await self._open_work(charge_point_id, fields)
        if open_work:
            raise ChargePointBusyError(f"charge point {charge_point_id} has {open_work}")
        await self._bus.remove_member(keys.STATIONS, charge_point_id)
        gone = (keys.config(charge_point_id), keys.identity(charge_point_id))
        await self._bus.apply(
            Commit(charge_point_id, writes=[StateWrite(key, fields=None) for key in gone])
        )

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

    async def _check_own_did(self, config: ChargePointConfig) -> None:
        for other in await self.list():
            same = other.did.lower() == config.did.lower()
            if same and other.charge_point_id != config.charge_point_id:
                raise ConfigError(f"did: belongs to charge point {other.charge_point_id}")

    async def _write(self, config: ChargePointConfig, version: int) -> bool:
        fields = {**config.to_hash(), "version": str(version + 1)}
        key = keys.config(config.charge_point_id)
        write = StateWrite(key, fields, expected_version=version, replace=True)
        outcome = await self._bus.apply(Commit(config.charge_point_id, writes=[write]))
        return outcome is Outcome.APPLIED

    async def _open_work(self, charge_point_id: str, fields: Mapping[str, str]) -> str | None:
        numbers = range(1, int(fields.get("connectors", "1")) + 1)
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


def station_did(chain_id: int, address: str) -> str:
    """Give the DID of a station's account (did:ethr, ERC-1056) on a chain."""
    return f"did:ethr:{chain_id:#x}:{address}"


def qr_text(did: str, connector_id: int) -> str:
    """Give what the QR code on a connector says: DID, chain and connector."""
    return f"{did}?connector={connector_id}"


def password_hash(password: str | bytes, credential_key: str) -> str:
    """Give what is kept of a password: hex HMAC-SHA256 under CREDENTIAL_KEY."""
    secret = password.encode() if isinstance(password, str) else password
    return hmac.new(credential_key.encode(), secret, sha256).hexdigest()


def password_matches(expected: str, password: str | bytes, credential_key: str) -> bool:
    """Tell whether `password` is the one behind `expected`, in constant time."""
    return hmac.compare_digest(expected, password_hash(password, credential_key))


def checked_config(data: Mapping[str, Any]) -> ChargePointConfig:
    """Make a configuration of its fields' values. Raises ConfigError."""
    try:
        return ChargePointConfig.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{where}: {first['msg'].removeprefix('Value error, ')}") from None


def _did_part(did: str, name: str) -> str:
    match = _DID.fullmatch(did)
    return match[name] if match else ""


def _unknown(charge_point_id: str) -> UnknownChargePointError:
    return UnknownChargePointError(f"charge point {charge_point_id} is not registered")


def _exists(charge_point_id: str) -> ChargePointExistsError:
    return ChargePointExistsError(f"charge point {charge_point_id} is registered already")
