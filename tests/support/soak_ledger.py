"""What a simulated charge point has to say of its transactions, and what it was answered. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from soak_clock import Stamp

Json = dict[str, Any]
WriteEnergy = Callable[[int], Json]
"""Wh -> a sampledValue."""


@dataclass(slots=True)
class Reading:
    """One reading of the register, in Wh."""

    at: Stamp
    energy_wh: int
    is_acknowledged: bool = False


@dataclass(slots=True)
class Transaction:
    """One transaction as the charge point knows it; registers in Wh."""

    charge_point_id: str
    connector_id: int
    id_tag: str
    meter_start: int
    started: Stamp
    readings: list[Reading] = field(default_factory=list)
    meter_stop: int | None = None
    stopped: Stamp | None = None
    ids: list[int] = field(default_factory=list)
    """Every transaction id that an answer gave."""
    is_asked_to_stop: bool = False
    is_stop_acknowledged: bool = False

    @property
    def energy_wh(self) -> int:
        """What was charged."""
        return (self.meter_stop or self.meter_start) - self.meter_start

    @property
    def name(self) -> str:
        """Name it for a person."""
        return f"{self.charge_point_id}/{self.connector_id} {self.ids} from {self.meter_start} Wh"


class Message(Protocol):
    """A transaction-related message; it stays in the queue until it is answered."""

    @property
    def action(self) -> str:
        """Name the operation."""
        ...

    def payload(self) -> Json:
        """Write it; the transaction's id is known by the time its turn comes."""
        ...

    def answered(self, payload: Json) -> None:
        """Take the CALLRESULT."""
        ...


@dataclass(slots=True)
class Start:
    """StartTransaction."""

    transaction: Transaction
    action: str = "StartTransaction"

    def payload(self) -> Json:
        """See `Message`."""
        transaction = self.transaction
        return {
            "connectorId": transaction.connector_id,
            "idTag": transaction.id_tag,
            "meterStart": transaction.meter_start,
            "timestamp": transaction.started.text,
        }

    def answered(self, payload: Json) -> None:
        """See `Message`."""
        self.transaction.ids.append(payload["transactionId"])


@dataclass(slots=True)
class Meter:
    """MeterValues of a transaction."""

    transaction: Transaction
    readings: list[Reading]
    write_energy: WriteEnergy
    action: str = "MeterValues"

    def payload(self) -> Json:
        """See `Message`."""
        return {
            "connectorId": self.transaction.connector_id,
            "transactionId": self.transaction.ids[0],
            "meterValue": [_meter_value(item, self.write_energy) for item in self.readings],
        }

    def answered(self, _: Json) -> None:
        """See `Message`."""
        for reading in self.readings:
            reading.is_acknowledged = True


@dataclass(slots=True)
class Stop:
    """StopTransaction; `readings` are its transactionData."""

    transaction: Transaction
    readings: list[Reading]
    write_energy: WriteEnergy
    reason: str | None
    action: str = "StopTransaction"

    def payload(self) -> Json:
        """See `Message`."""
        transaction = self.transaction
        assert transaction.stopped is not None
        payload: Json = {
            "transactionId": transaction.ids[0],
            "meterStop": transaction.meter_stop,
            "timestamp": transaction.stopped.text,
        }
        if self.reason is not None:
            payload["reason"] = self.reason
        if self.readings:
            data = [_meter_value(item, self.write_energy) for item in self.readings]
            payload["transactionData"] = data
        return payload

    def answered(self, _: Json) -> None:
        """See `Message`."""
        self.transaction.is_stop_acknowledged = True
        for reading in self.readings:
            reading.is_acknowledged = True


def _meter_value(reading: Reading, write_energy: WriteEnergy) -> Json:
    power: Json = {"value": "7360.5", "measurand": "Power.Active.Import", "unit": "W"}
    samples = [write_energy(reading.energy_wh), power]
    return {"timestamp": reading.at.text, "sampledValue": samples}


def _kwh(wh: int) -> Json:
    return {
        "value": f"{wh // 1000}.{wh % 1000:03}",
        "measurand": "Energy.Active.Import.Register",
        "unit": "kWh",
        "context": "Sample.Periodic",
    }


ENERGY_STYLES: tuple[WriteEnergy, ...] = (
    lambda wh: {"value": str(wh)},
    lambda wh: {"value": f"{wh}.0", "unit": "Wh", "location": "Outlet"},
    lambda wh: {"value": f"{wh}.99", "unit": "Wh", "format": "Raw"},
    _kwh,
)
"""The ways in which firmware writes a register; what is below a Wh is left away by the gateway."""
