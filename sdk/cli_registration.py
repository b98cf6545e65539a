"""What the commands share that register a charge point: `add`, and `admit` out of quarantine."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sdk import cli_options as options
from sdk.bus.interface import Bus
from sdk.cli_context import CliSettings
from sdk.register import (
    ChargePointConfig,
    Register,
    checked_config,
    password_hash,
    station_did,
)

if TYPE_CHECKING:
    from sdk.station_key import StationKey

KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key-file", help="The station's keystore (else: a new one is made in KEYS_DIR)."
    ),
]
ChainId = Annotated[
    int, typer.Option("--chain-id", envvar="CHAIN_ID", min=1, help="The chain of the DID.")
]


def password_fields(
    chosen: options.ChosenPassword | None, environment: CliSettings
) -> dict[str, Any]:
    """Give the fields that a choice of password sets. Raises SettingsError."""
    if chosen is None:
        return {}
    if chosen.value is None:
        return {"password_hash": None, "security_profile": 0}
    kept = password_hash(chosen.value, environment.require_credential_key())
    return {"password_hash": kept, "security_profile": 1}


def station_key(environment: CliSettings, key_file: Path | None) -> "StationKey":
    """Give the key that the station is to have. Raises SettingsError."""
    from sdk.station_key import StationKey  # noqa: PLC0415 - a third of a second that only this needs

    return StationKey(environment.keys_folder, environment.require_keys_password(), key_file)


async def add_station(
    bus: Bus, charge_point_id: str, fields: dict[str, Any], key: "StationKey", chain_id: int
) -> ChargePointConfig:
    """Register a charge point with its key; what is refused leaves nothing behind.

    Raises ConfigError, ChargePointExistsError, KeyFileError, InvalidInputError.
    """
    register = Register(bus)
    # checked before a key is made, which takes long
    checked_config({**fields, "charge_point_id": charge_point_id, "did": station_did(1, _NOBODY)})
    await register.check_new(charge_point_id)
    with key.kept_on_success() as address:
        did = station_did(chain_id, address)
        config = checked_config({**fields, "charge_point_id": charge_point_id, "did": did})
        await register.add(config)
    return config


_NOBODY = "0x" + "0" * 40
