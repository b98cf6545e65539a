"""The machine behind the simulated charge point: plugs, cars, meters, transactions.

It knows no socket; whatever must be told goes to `put`, and is told as soon and as late as may be.
"""

import argparse
import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ocpp.v16 import call
from ocpp.v16.enums import ChargePointErrorCode, ChargePointStatus, Reason, UpdateStatus

from sdk.ids import utc_now

MAXIMUM_W = 22_000
BATTERY_WH = 60_000
RAMP_S = 30.0
TAPER_FROM = 0.8
FULL = 0.999

Put = Callable[[object], "asyncio.Future[Any]"]
"""Takes a request; the future holds its answer, or None where it was refused for good."""


def say(text: str) -> None:
    """Tell one step."""
    print(text, flush=True)


def now() -> str:
    """Give the moment as OCPP writes it."""
    return utc_now().isoformat(timespec="milliseconds").replace("+00:00", "Z")


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
    number: int | None = None
    simulated_s: float = 0.0
    stopping: Reason | None = None


@dataclass
class Plug:
    """One connector: its meter, its car, its transaction."""

    number: int
    meter_wh: float
    car: Car
    status: ChargePointStatus = ChargePointStatus.available
    transaction: Transaction | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def end(self, reason: Reason) -> None:
        """End the transaction, if there is one."""
        if self.transaction is not None and self.transaction.stopping is None:
            self.transaction.stopping = reason
            self.wake.set()


class Hardware:
    """The charge point itself; it outlives its connections."""

    def __init__(self, options: argparse.Namespace, put: Put) -> None:
        self.options = options
        self._put = put
        car_wh = options.soc / 100 * BATTERY_WH
        status = ChargePointStatus.faulted if options.faulted else ChargePointStatus.available
        self.plugs = {
            n: Plug(n, options.meter_wh, Car(car_wh), status)
            for n in range(1, options.connectors + 1)
        }
        self.local_list: dict[str, Any] = {}
        self.list_version = -1 if options.no_local_list else 0
        self.configuration = {
            "HeartbeatInterval": "60",
            "MeterValueSampleInterval": str(options.interval),
            "LocalAuthListEnabled": str(not options.no_local_list).lower(),
        }
        self.resetting = asyncio.Event()
        self._idle = asyncio.Condition()
        self._tasks: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Charge whatever is plugged in, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            await asyncio.Event().wait()

    def tell_all_statuses(self) -> None:
        """Tell how all connectors are, as after each connect."""
        self._put(_status(0, ChargePointStatus.available))
        for plug in self.plugs.values():
            self._put(_status(plug.number, plug.status))

    def remote_start(self, id_tag: str, connector_id: int) -> bool:
        """Take a remote start, if the plug is free."""
        plug = self.plugs.get(connector_id)
        if self.options.reject_start or plug is None or plug.transaction is not None:
            return False
        if plug.status == ChargePointStatus.faulted or self._tasks is None:
            return False
        plug.transaction = Transaction(id_tag, int(plug.meter_wh))
        self._tasks.create_task(self._charge(plug, plug.transaction))
        return True

    def remote_stop(self, transaction_id: int) -> bool:
        """Take a remote stop, if that transaction runs."""
        for plug in self.plugs.values():
            if plug.transaction is not None and plug.transaction.number == transaction_id:
                plug.end(Reason.remote)
                return True
        return False

    def replug(self) -> None:
        """Pull the cable of each car that there is, and plug one in where there is none."""
        for plug in self.plugs.values():
            if plug.status == ChargePointStatus.available:
                say(f"plugged in at {plug.number}")
                self._set_status(plug, ChargePointStatus.preparing)
            elif plug.status != ChargePointStatus.faulted:
                say(f"unplugged at {plug.number}")
                plug.end(Reason.ev_disconnected)
                if plug.transaction is None:
                    self._set_status(plug, ChargePointStatus.available)

    def reset(self, reason: Reason) -> None:
        """End all transactions, then boot again."""
        for plug in self.plugs.values():
            plug.end(reason)
        if self._tasks is not None:
            self._tasks.create_task(self._reboot())

    def trigger(self, message: str, connector_id: int) -> bool:
        """Send what was asked for, after the answer."""
        plug = self.plugs.get(connector_id)
        if message == "StatusNotification" and plug is not None:
            self._put(_status(plug.number, plug.status))
        elif message == "MeterValues" and plug is not None:
            self._sample(plug, 0.0)
        elif message == "Heartbeat":
            self._put(call.Heartbeat())
        else:
            return False
        return True

    def take_list(self, version: int, kind: str, entries: list[dict[str, Any]]) -> UpdateStatus:
        """Keep a local list, or changes of it."""
        if self.list_version < 0:
            return UpdateStatus.not_supported
        if kind == "Differential" and version <= self.list_version:
            return UpdateStatus.version_mismatch
        if kind == "Full":
            self.local_list = {}
        for entry in entries:
            if entry.get("id_tag_info"):
                self.local_list[entry["id_tag"]] = entry["id_tag_info"]
            else:
                self.local_list.pop(entry["id_tag"], None)
        self.list_version = version
        return UpdateStatus.accepted

    def _set_status(self, plug: Plug, status: ChargePointStatus) -> None:
        plug.status = status
        self._put(_status(plug.number, status))

    async def _reboot(self) -> None:
        async with self._idle:
            await self._idle.wait_for(
                lambda: all(plug.transaction is None for plug in self.plugs.values())
            )
        self.resetting.set()

    async def _charge(self, plug: Plug, transaction: Transaction) -> None:
        """Go through one transaction, from the start that was accepted to the car that leaves."""
        if await self._may_charge(transaction):
            self._set_status(plug, ChargePointStatus.preparing)
            if await self._start(plug, transaction):
                self._set_status(plug, ChargePointStatus.charging)
                while transaction.stopping is None:
                    await self._tick(plug, transaction)
                await self._stop(plug, transaction)
        else:
            say(f"idTag {transaction.id_tag} may not charge")
        async with self._idle:
            plug.transaction = None
            self._idle.notify_all()
        self._set_status(plug, ChargePointStatus.available)

    async def _may_charge(self, transaction: Transaction) -> bool:
        if transaction.id_tag in self.local_list or not self.options.authorize:
            return True
        answer = await self._put(call.Authorize(transaction.id_tag))
        return answer is not None and answer.id_tag_info["status"] == "Accepted"

    async def _start(self, plug: Plug, transaction: Transaction) -> bool:
        answer = await self._put(
            call.StartTransaction(
                plug.number, transaction.id_tag, transaction.meter_start, timestamp=now()
            )
        )
        if answer is None:
            say("the start was not taken")
            return False
        transaction.number = answer.transaction_id
        say(f"started transaction {transaction.number} at {transaction.meter_start} Wh")
        if answer.id_tag_info["status"] != "Accepted":
            plug.end(Reason.de_authorized)
        return True

    async def _tick(self, plug: Plug, transaction: Transaction) -> None:
        seconds = self.options.interval
        loop = asyncio.get_running_loop()
        started = loop.time()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds / self.options.speed):
                await plug.wake.wait()
        plug.wake.clear()
        passed = min((loop.time() - started) * self.options.speed, seconds)
        transaction.simulated_s += passed
        power = plug.car.power(transaction.simulated_s, self.options.power)
        plug.meter_wh += power * passed / 3600
        plug.car.charged_wh += power * passed / 3600
        if transaction.stopping is not None:
            return
        self._sample(plug, power)
        charged = plug.meter_wh - transaction.meter_start
        if self.options.stop_after_wh and charged >= self.options.stop_after_wh:
            plug.end(Reason.local)
        elif plug.car.soc >= FULL and not self.options.stay_when_full:
            plug.end(Reason.ev_disconnected)
        elif plug.car.soc >= FULL and plug.status is not ChargePointStatus.suspended_ev:
            self._set_status(plug, ChargePointStatus.suspended_ev)

    def _sample(self, plug: Plug, power: float) -> None:
        values = [
            ("Energy.Active.Import.Register", f"{plug.meter_wh:.3f}", "Wh", None),
            ("Power.Active.Import", f"{power:.1f}", "W", None),
            ("Current.Import", f"{power / 3 / 230:.2f}", "A", "L1"),
            ("Voltage", "230.0", "V", "L1-N"),
            ("SoC", f"{plug.car.soc * 100:.0f}", "Percent", None),
        ]
        sampled = [_sampled(*value) for value in values]
        message = call.MeterValues(
            connector_id=plug.number,
            transaction_id=plug.transaction.number if plug.transaction else None,
            meter_value=[{"timestamp": now(), "sampled_value": sampled}],
        )
        self._put(message)

    async def _stop(self, plug: Plug, transaction: Transaction) -> None:
        meter = int(plug.meter_wh)
        stop = call.StopTransaction(
            meter_stop=meter,
            timestamp=now(),
            transaction_id=transaction.number or 0,
            reason=transaction.stopping,
            id_tag=transaction.id_tag,
        )
        self._set_status(plug, ChargePointStatus.finishing)
        await self._put(stop)
        say(f"stopped transaction {transaction.number} at {meter} Wh ({transaction.stopping})")


def _status(connector_id: int, status: ChargePointStatus) -> call.StatusNotification:
    is_faulted = status is ChargePointStatus.faulted
    error = ChargePointErrorCode.internal_error if is_faulted else ChargePointErrorCode.no_error
    return call.StatusNotification(connector_id, error, status, timestamp=now())


def _sampled(measurand: str, value: str, unit: str, phase: str | None) -> dict[str, str]:
    sample = {"measurand": measurand, "value": value, "unit": unit, "context": "Sample.Periodic"}
    return sample | ({"phase": phase} if phase else {})
