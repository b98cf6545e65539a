"""Registering a charge point with a key, and so a DID, of its own."""

import asyncio
import secrets
from contextlib import ExitStack
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any

from sdk.bus.interface import Bus
from sdk.register import ChargePointConfig, Register, checked_config, station_did
from sdk.tariff import Tariff

if TYPE_CHECKING:
    from sdk.station_key import StationKey  # slow to load

WITH_PASSWORD = (1, 2)
"""The security profiles in which a charge point shows a password."""
_NOBODY = "0x" + "0" * 40
_PASSWORD_BYTES = 16


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
    with ExitStack() as stack:
        address = await asyncio.to_thread(stack.enter_context, key.kept_on_success())
        did = station_did(chain_id, address)
        config = checked_config({**fields, "charge_point_id": charge_point_id, "did": did})
        await register.add(config)
    return config


def usual_deposit(tariff: Tariff) -> int:
    """Give a new charge point's least deposit: its price of 1 kWh, or its minimum, with tax."""
    net = max(int(tariff.per_kwh), tariff.minimum)
    return ceil(net * (1 + Fraction(tariff.tax_percent) / 100))


def new_password() -> str:
    """Make a password for a charge point: 32 characters, of 16 random bytes.

    OCPP's security whitepaper asks for 16 to 40 characters.
    """
    return secrets.token_hex(_PASSWORD_BYTES)
