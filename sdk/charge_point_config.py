"""What one charge point is: its configuration, its DID and QR texts, and its password's hash."""

import hmac
import json
import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationError

from sdk.errors import InvalidInputError
from sdk.faults import plain_fault
from sdk.fields import NATIVE_TOKEN, Address, ChargePointId, Frozen, Money, PeerId
from sdk.tariff import Tariff
from sdk.tolerances import Tolerances

_DID = re.compile(r"did:ethr:0x(?P<chain>[0-9a-f]{1,16}):(?P<address>0x[0-9a-fA-F]{40})")
_JSON_FIELDS = ("tariff", "plug_types", "tolerances")

_UNNAMED = re.sub(r"\?P<\w+>", "", _DID.pattern)
"""As JSON Schema has it, whose regular expressions name no groups so (ECMA-262)."""

StationDid = Annotated[str, StringConstraints(pattern=f"^{_UNNAMED}$")]
PlugType = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9 ._-]{1,40}$")]


class ConfigError(InvalidInputError):
    """A charge point's configuration is not valid; the text names the field."""


def _default_step(data: Mapping[str, Any]) -> int:
    tariff = data.get("tariff")
    if not isinstance(tariff, Tariff):
        return 1
    energy = int(max(tariff.kwh_prices)) // 10
    time = max(*tariff.minute_prices, tariff.idle_per_minute)
    return max(1, energy, int(time))


class ChargePointConfig(Frozen):
    """What one charge point is. Money in the token's smallest unit, power in W.

    `did` names chain and account of the station; `exposure_step` is how far the cost may run ahead
    of the driver's voucher (default: the price of 100 Wh, or that of a minute if it is more, where
    they are dearest); `password_hash` see `password_hash()`, absent: the charge point connects
    without a password; `credential` is the authority's VC-JWT, without it the station quotes
    nothing; `p2p_peer_id` the P2P server to announce (absent: any); `tolerances` what the charge
    point may do against the specification (none: strict). `token` is what `tariff` is priced in,
    the zero address for the chain's own; further than `exposure_limit` ahead of the vouchers
    nothing is delivered (absent: what an app in good order can reach). `next_password_hash` and
    `next_security_profile` were sent to the charge point; the first connection by them makes them
    the present ones.
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
    exposure_limit: Money | None = None
    token: Address = NATIVE_TOKEN
    credential: str | None = None
    password_hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    next_password_hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    security_profile: int = Field(default=0, ge=0, le=3)
    next_security_profile: int | None = Field(default=None, ge=1, le=3)
    p2p_peer_id: PeerId | None = None
    tolerances: Tolerances = ()

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
            raise ConfigError(
                f"charge point {charge_point_id}: {' or '.join(_JSON_FIELDS)}"
            ) from error
        return checked_config({**data, "charge_point_id": charge_point_id})

    def changed(self, changes: Mapping[str, Any]) -> "ChargePointConfig":
        """Give this with other values. Raises ConfigError, also for a field that there is not."""
        unknown = set(changes) - set(type(self).model_fields)
        if unknown or changes.get("charge_point_id", self.charge_point_id) != self.charge_point_id:
            raise ConfigError(f"cannot change {', '.join(sorted(unknown)) or 'charge_point_id'}")
        return checked_config({**dict(self), **changes})


def station_did(chain_id: int, address: str) -> str:
    """Give the DID of a station's account (did:ethr, ERC-1056) on a chain."""
    return f"did:ethr:{chain_id:#x}:{address}"


def qr_text(did: str, connector_id: int) -> str:
    """Give what the QR code on a connector says: DID, chain and connector."""
    return f"{did}?connector={connector_id}"


def password_hash(password: str | bytes, credential_key: str) -> str:
    """Give what is kept of a password: hex HMAC-SHA256 under CREDENTIAL_KEY."""
    secret = password.encode() if isinstance(password, str) else password
    return hmac.digest(credential_key.encode(), secret, "sha256").hex()


def password_matches(expected: str, password: str | bytes, credential_key: str) -> bool:
    """Tell whether `password` is the one behind `expected`, in constant time."""
    return hmac.compare_digest(expected, password_hash(password, credential_key))


def checked_config(data: Mapping[str, Any]) -> ChargePointConfig:
    """Make a configuration of its fields' values. Raises ConfigError."""
    try:
        return ChargePointConfig.model_validate(data)
    except ValidationError as error:
        raise ConfigError(plain_fault(error)) from None


def _did_part(did: str, name: str) -> str:
    match = _DID.fullmatch(did)
    return match[name] if match else ""
