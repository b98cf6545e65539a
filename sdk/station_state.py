"""What a charge point is doing now, read from the shared state into frozen models."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, ValidationError, field_validator

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.errors import InvalidInputError
from sdk.events.charge_point import (
    ConnectorStatus,
)
from sdk.events.service import ChargingStatus
from sdk.faults import first_fault
from sdk.fields import EnergyWh, Frozen, Moment, Money, PowerW
from sdk.gateways import dead_gateways, is_connected
from sdk.ids import Clock, utc_now
from sdk.register import Register


class StateError(InvalidInputError):
    """The stored state cannot be read by this version; the text names the field."""


class BootInfo(Frozen):
    """What the charge point said of itself when it booted."""

    vendor: str
    model: str
    serial_number: str | None = None
    firmware_version: str | None = None


class ConnectorState(Frozen):
    """One connector: what the charge point reports, and its session, if it has or had one."""

    connector_id: int
    status: ConnectorStatus | None = None
    error_code: str | None = None
    changed_at: Moment | None = None
    transaction_id: int | None = None
    id_tag: str | None = None
    meter_start_wh: EnergyWh | None = None
    energy_wh: EnergyWh | None = None
    power_w: PowerW | None = None
    sampled_at: Moment | None = None
    suspect_since: Moment | None = None
    """The connector says that it is free, though its transaction was never stopped."""
    session: ChargingStatus | None = None


class StationIdentity(Frozen):
    """The station's DID and how far its onboarding got; balances in the token's smallest unit."""

    did: str
    qr: str | None = None
    state: str = "unknown"
    reason: str | None = None
    address: str | None = None
    balance: Money | None = None
    gas_balance: Money | None = None
    updated_at: Moment | None = None


class StationState(Frozen):
    """One charge point with all its connectors."""

    charge_point_id: str
    connected: bool = False
    boot: BootInfo | None = None
    booted_at: Moment | None = None
    last_seen_at: Moment | None = None
    local_list: Literal["yes", "no", "unknown"] = "unknown"
    unsupported: tuple[str, ...] = ()
    """OCPP operations that it said it lacks, since it booted."""
    connectors: tuple[ConnectorState, ...] = Field(default=())
    identity: StationIdentity

    @field_validator("boot", mode="before")
    @classmethod
    def _read_boot(cls, value: object) -> object:
        return BootInfo.model_validate_json(value) if isinstance(value, str) else value

    def connector(self, connector_id: int) -> ConnectorState:
        """Give one connector. Raises StateError where there is none of that number."""
        for connector in self.connectors:
            if connector.connector_id == connector_id:
                return connector
        raise StateError(f"{self.charge_point_id} has no connector {connector_id}")


async def read_station_state(
    bus: Bus, charge_point_id: str, clock: Clock = utc_now
) -> StationState:
    """Read the state. Raises UnknownChargePointError, StateError, BusUnavailableError."""
    config = await Register(bus).get(charge_point_id)
    numbers = range(1, config.connectors + 1)
    hashes = await bus.read_many(
        [
            keys.GATEWAYS,
            keys.state(charge_point_id),
            keys.identity(charge_point_id),
            keys.unsupported(charge_point_id),
        ]
        + [keys.connector(charge_point_id, number) for number in numbers]
        + [keys.session(charge_point_id, number) for number in numbers]
    )
    signs, state, identity, unsupported, *rest = hashes
    pairs = zip(numbers, rest[: len(numbers)], rest[len(numbers) :], strict=True)
    try:
        return StationState.model_validate(
            {
                **_present(state),
                "charge_point_id": charge_point_id,
                "connected": is_connected(state, dead_gateways(signs, clock())),
                "unsupported": sorted(unsupported),
                "connectors": [_connector(*pair) for pair in pairs],
                "identity": {"did": config.did, "qr": config.qr_text(), **_present(identity)},
            }
        )
    except ValidationError as error:
        raise StateError(f"{charge_point_id}: {first_fault(error)}") from error


def _connector(
    number: int, connector: Mapping[str, str], session: Mapping[str, str]
) -> ConnectorState:
    status = session.get("status")
    return ConnectorState.model_validate(
        {
            **_present(connector),
            "connector_id": number,
            "session": ChargingStatus.model_validate_json(status) if status else None,
        }
    )


def _present(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value != ""}
