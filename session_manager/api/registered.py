"""What a charge point is registered as: the models of the requests and of the answer. Pure."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import ConfigDict, Field, StringConstraints, field_validator

from sdk.charge_point_config import ChargePointConfig, PlugType, StationDid
from sdk.fields import NATIVE_TOKEN, Address, ChargePointId, Money, PeerId
from sdk.tariff import Tariff, Window
from sdk.tolerances import Tolerances
from session_manager.api.conditions import without_defaults
from session_manager.api.values import ApiModel, GivenMoney, as_text

Password = Annotated[str, StringConstraints(min_length=16, max_length=40, pattern=r"^[!-~]+$")]
"""16 to 40 visible ASCII characters, as OCPP's security whitepaper asks."""
_Connectors = Annotated[int, Field(ge=1, le=1000)]
_Name = Annotated[str, StringConstraints(max_length=100)]
_Power = Annotated[int, Field(ge=1, le=2**31)]
_Plugs = Annotated[tuple[PlugType, ...], Field(min_length=1, max_length=20)]
_Credential = Annotated[str, StringConstraints(min_length=1, max_length=16_384)]
_PRICE_DIGITS, _MONEY_DIGITS, _PERCENT_DIGITS = 97, 78, 8
_PRICES = ("per_kwh", "per_session", "per_minute", "idle_per_minute")


class GivenWindow(Window):
    """A part of the day with prices of its own."""

    model_config = ConfigDict(extra="forbid")

    _prices = field_validator("per_kwh", "per_minute", mode="before")(as_text(_PRICE_DIGITS))


class GivenTariff(Tariff):
    """Prices in the token's smallest unit, as decimal strings."""

    model_config = ConfigDict(extra="forbid")

    windows: tuple[GivenWindow, ...] = Field(default=(), max_length=16)

    _prices = field_validator(*_PRICES, mode="before")(as_text(_PRICE_DIGITS))
    _amounts = field_validator("minimum", "maximum", mode="before")(as_text(_MONEY_DIGITS))
    _percent = field_validator("tax_percent", mode="before")(as_text(_PERCENT_DIGITS))


class Admission(ApiModel):
    """What a charge point is to be.

    `did` names the chain and account of the station, whose key this or another Session Manager has;
    without it a key is made. With security profile 1 or 2 it signs in with `password`; without one
    a password is made and shown once. `minimum_deposit` is the price of 1 kWh unless told,
    `exposure_step` that of 100 Wh.
    """

    tariff: GivenTariff
    name: _Name = ""
    connectors: _Connectors = 1
    maximum_power_w: _Power = 22_000
    plug_types: _Plugs = ("Type 2",)
    minimum_deposit: GivenMoney | None = None
    exposure_step: GivenMoney | None = None
    exposure_limit: GivenMoney | None = None
    token: Address = NATIVE_TOKEN
    credential: _Credential | None = None
    p2p_peer_id: PeerId | None = None
    tolerances: Tolerances = ()
    did: StationDid | None = None
    security_profile: int = Field(default=1, ge=0, le=3)
    password: Password | None = Field(default=None, repr=False)

    def fields(self) -> dict[str, Any]:
        """Give the fields of `ChargePointConfig` that are told, without did and password."""
        apart = {"charge_point_id", "did", "password", "tariff"}
        told = self.model_dump(exclude=apart, exclude_none=True)
        return {**told, "tariff": plain_tariff(self.tariff)}


class NewChargePoint(Admission):
    """A charge point to register, which connects under this id."""

    charge_point_id: ChargePointId


class ChargePointChange(ApiModel):
    """What is to be changed; what is left out stays, and null takes away."""

    model_config = ConfigDict(json_schema_extra=without_defaults)

    tariff: GivenTariff = GivenTariff(per_kwh=Decimal(0))
    name: _Name = ""
    connectors: _Connectors = 1
    maximum_power_w: _Power = 1
    plug_types: _Plugs = ()
    minimum_deposit: GivenMoney = 0
    exposure_step: GivenMoney = 0
    exposure_limit: GivenMoney | None = None
    credential: _Credential | None = None
    p2p_peer_id: PeerId | None = None
    tolerances: Tolerances = ()
    did: StationDid = ""
    security_profile: int = Field(
        default=0,
        ge=0,
        le=3,
        description="The least that it must connect with; 1 and 2 need a password.",
    )

    def changes(self) -> dict[str, Any]:
        """Give the fields of `ChargePointConfig` that are told."""
        told = self.model_dump(exclude_unset=True, exclude={"tariff"})
        if "tariff" in self.model_fields_set:
            told["tariff"] = plain_tariff(self.tariff)
        return told


class Registered(ApiModel):
    """What a charge point is registered as; see `ChargePointConfig`. Passwords are not shown."""

    charge_point_id: str
    did: str
    address: str
    chain_id: int
    qr: list[str]
    name: str
    connectors: int
    maximum_power_w: int
    plug_types: list[str]
    tariff: Tariff
    minimum_deposit: Money
    exposure_step: Money
    exposure_limit: Money | None
    token: str
    credential: str | None
    p2p_peer_id: str | None
    tolerances: list[str]
    security_profile: int
    next_security_profile: int | None
    password_required: bool


class NewlyRegistered(Registered):
    """What was registered; `password` is shown only here, where it was made."""

    password: str | None


def plain_tariff(given: GivenTariff) -> Tariff:
    """Give the tariff without this API's strictness."""
    return Tariff.model_validate(given.model_dump(mode="json"))


def registered(config: ChargePointConfig) -> dict[str, Any]:
    """Make the JSON of a `Registered`."""
    told = config.model_dump(mode="json", exclude={"password_hash", "next_password_hash"})
    return {
        **told,
        "address": config.address,
        "chain_id": config.chain_id,
        "qr": [config.qr_text(number) for number in range(1, config.connectors + 1)],
        "password_required": config.password_hash is not None,
    }
