"""A car, a plug, and a transaction between them."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ocpp.v16 import call
from ocpp.v16.enums import ChargePointErrorCode, ChargePointStatus, Reason

from sdk.ids import utc_now
from simulated_outbox import now

BATTERY_WH = 60_000
RAMP_S = 30.0
TAPER_FROM = 0.8


@dataclass
class Car:
    """A car on a cable: how much it takes, by its battery and by how long it has charged."""

    charged_wh: float
    battery_wh: float = BATTERY_WH

    @property
    def soc(self) -> float:
        """State of charge, 0 to 1."""
        return min(1.0, self.charged_wh / self.battery_wh)

    def power(self, seconds: float, maximum_w: float) -> float:
        """Ramp up, hold, and taper off as the battery fills; W after `seconds` of charging."""
        ramp = min(1.0, 0.1 + seconds / RAMP_S)
        taper = 1.0 if self.soc < TAPER_FROM else max(0.0, (1 - self.soc) / (1 - TAPER_FROM))
        return maximum_w * ramp * taper


@dataclass
class Transaction:
    """A running transaction; `number` is the central system's, once it is known."""

    id_tag: str
    meter_start: int
    parent_id_tag: str | None = None
    number: int | None = None
    is_remote: bool = False
    started_at: datetime = field(default_factory=utc_now)
    simulated_s: float = 0.0
    stopping: Reason | None = None

    @property
    def moment(self) -> datetime:
        """Give the moment that it simulates."""
        return self.started_at + timedelta(seconds=self.simulated_s)


@dataclass
class Plug:
    """One connector: its meter, its car, its transaction."""

    number: int
    meter_wh: float
    car: Car
    status: ChargePointStatus = ChargePointStatus.available
    error: ChargePointErrorCode = ChargePointErrorCode.no_error
    has_cable: bool = False
    is_operative: bool = True
    transaction: Transaction | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by whatever the transaction should look at."""

    @property
    def is_free(self) -> bool:
        """Whether a transaction could begin."""
        out_of_order = (ChargePointStatus.faulted, ChargePointStatus.unavailable)
        return self.transaction is None and self.status not in out_of_order

    def end(self, reason: Reason) -> None:
        """End the transaction, if there is one."""
        if self.transaction is not None and self.transaction.stopping is None:
            self.transaction.stopping = reason
            self.wake.set()

    def told(self) -> call.StatusNotification:
        """Give its status as it is told."""
        return call.StatusNotification(self.number, self.error, self.status, timestamp=now())


def sample(plug: Plug, power: float) -> call.MeterValues:
    """Give what the meter of a plug says."""
    values = [
        ("Energy.Active.Import.Register", f"{plug.meter_wh:.3f}", "Wh", None),
        ("Power.Active.Import", f"{power:.1f}", "W", None),
        ("Current.Import", f"{power / 3 / 230:.2f}", "A", "L1"),
        ("Voltage", "230.0", "V", "L1-N"),
        ("SoC", f"{plug.car.soc * 100:.0f}", "Percent", None),
    ]
    return call.MeterValues(
        connector_id=plug.number,
        transaction_id=plug.transaction.number if plug.transaction else None,
        meter_value=[{"timestamp": now(), "sampled_value": [_sampled(*value) for value in values]}],
    )


def _sampled(measurand: str, value: str, unit: str, phase: str | None) -> dict[str, str]:
    found = {"measurand": measurand, "value": value, "unit": unit, "context": "Sample.Periodic"}
    return found | ({"phase": phase} if phase else {})
