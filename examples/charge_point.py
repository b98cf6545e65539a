"""A simulated charge point, on the `ocpp` package's own client class.

    python examples/charge_point.py --id CP1 --url ws://127.0.0.1:9000 --password … --speed 60

With `--speed 60` one second counts for a minute of charging. It prints one line per step; SIGUSR1
unplugs the car. A socket that is lost is opened again, and what a transaction told meanwhile is
told late, in order.
"""

import argparse
import asyncio
import base64
import contextlib
import logging
import random
import signal
import sys
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ocpp.exceptions import OCPPError
from ocpp.routing import on
from ocpp.v16 import ChargePoint as OcppChargePoint
from ocpp.v16 import call, call_result
from ocpp.v16.datatypes import IdTagInfo
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

MAXIMUM_W = 22_000
BATTERY_WH = 60_000
RAMP_S = 30.0
TAPER_FROM = 0.8


def say(text: str) -> None:
    """Tell one step."""
    print(text, flush=True)


def now() -> str:
    """Give the moment as OCPP writes it."""
    return datetime.now(tz=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


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
    stopping: str | None = None


@dataclass
class Socket:
    """One plug: its meter, its car, its transaction."""

    number: int
    meter_wh: float
    car: Car
    status: str = "Available"
    transaction: Transaction | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)


class Station(OcppChargePoint):
    """What answers the central system on one connection."""

    def __init__(self, hardware: "Hardware", connection: ClientConnection) -> None:
        super().__init__(hardware.options.id, connection, response_timeout=10)
        self.hardware = hardware

    @on("RemoteStartTransaction")
    async def remote_start(self, id_tag: str, connector_id: int = 1, **_: Any) -> Any:
        """Start for a tag."""
        say(f"received RemoteStartTransaction {id_tag} on {connector_id}")
        accepted = self.hardware.remote_start(id_tag, connector_id)
        return call_result.RemoteStartTransaction("Accepted" if accepted else "Rejected")

    @on("RemoteStopTransaction")
    async def remote_stop(self, transaction_id: int) -> Any:
        """Stop a transaction."""
        say(f"received RemoteStopTransaction {transaction_id}")
        accepted = self.hardware.remote_stop(transaction_id)
        return call_result.RemoteStopTransaction("Accepted" if accepted else "Rejected")

    @on("GetLocalListVersion")
    async def list_version(self) -> Any:
        """Tell the version of the local list."""
        return call_result.GetLocalListVersion(self.hardware.list_version)

    @on("SendLocalList")
    async def send_list(
        self, list_version: int, update_type: str, local_authorization_list: Any = (), **_: Any
    ) -> Any:
        """Take a local list, or changes of it."""
        status = self.hardware.take_list(list_version, update_type, local_authorization_list)
        say(f"received SendLocalList {update_type} {list_version}: {status}")
        return call_result.SendLocalList(status)

    @on("GetConfiguration")
    async def get_configuration(self, key: Any = None) -> Any:
        """Tell configuration keys."""
        known = self.hardware.configuration
        wanted = list(key or known)
        return call_result.GetConfiguration(
            configuration_key=[
                {"key": name, "readonly": False, "value": known[name]}
                for name in wanted
                if name in known
            ],
            unknown_key=[name for name in wanted if name not in known],
        )

    @on("ChangeConfiguration")
    async def change_configuration(self, key: str, value: str) -> Any:
        """Change a configuration key."""
        if key not in self.hardware.configuration:
            return call_result.ChangeConfiguration("NotSupported")
        self.hardware.configuration[key] = value
        return call_result.ChangeConfiguration("Accepted")

    @on("TriggerMessage")
    async def trigger(self, requested_message: str, connector_id: int = 1, **_: Any) -> Any:
        """Send a message that was asked for."""
        accepted = self.hardware.trigger(requested_message, connector_id)
        return call_result.TriggerMessage("Accepted" if accepted else "NotImplemented")

    @on("UnlockConnector")
    async def unlock(self, connector_id: int) -> Any:
        """Unlock a plug, which ends its transaction."""
        say(f"received UnlockConnector {connector_id}")
        self.hardware.end(connector_id, "UnlockCommand")
        return call_result.UnlockConnector("Unlocked")

    @on("Reset")
    async def reset(self, type: str) -> Any:  # noqa: A002 - OCPP's own name
        """Start again."""
        say(f"received Reset {type}")
        self.hardware.reset(f"{type}Reset")
        return call_result.Reset("Accepted")

    @on("DataTransfer")
    async def data_transfer(self, **_: Any) -> Any:
        """Know no vendor."""
        return call_result.DataTransfer("UnknownVendorId")


class Hardware:
    """The charge point itself; it outlives its connections."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.sockets = {
            n: Socket(n, options.meter_wh, Car(options.soc / 100 * BATTERY_WH))
            for n in range(1, options.connectors + 1)
        }
        self.local_list: dict[str, Any] = {}
        self.list_version = -1 if options.no_local_list else 0
        self.configuration = {
            "HeartbeatInterval": "60",
            "MeterValueSampleInterval": str(options.interval),
            "LocalAuthListEnabled": str(not options.no_local_list).lower(),
        }
        self.station: Station | None = None
        self.online = asyncio.Event()
        self.told = asyncio.Event()
        self._untold: deque[tuple[Any, asyncio.Future[Any] | None]] = deque()
        self._tasks: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Live until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            tasks.create_task(self._tell())
            await self._stay_connected()

    async def _stay_connected(self) -> None:
        delay = 0.1
        booted = False
        while True:
            try:
                async with connect(self._url(), **self._handshake()) as connection:
                    delay = 0.1
                    await self._live(connection, booted=booted)
                    booted = True
            except InvalidStatus as error:
                say(f"refused with HTTP {error.response.status_code}")
            except (OSError, InvalidHandshake, TimeoutError):
                say("no connection")
            except ConnectionClosed as error:
                booted = True
                say(f"connection lost ({error.rcvd.code if error.rcvd else 'no close frame'})")
            self.station = None
            self.online.clear()
            await asyncio.sleep(delay * random.uniform(0.8, 1.2))  # noqa: S311 - spreads reconnects
            delay = min(delay * 2, 5.0)

    def _url(self) -> str:
        return f"{self.options.url.rstrip('/')}/{self.options.id}"

    def _handshake(self) -> dict[str, Any]:
        options: dict[str, Any] = {"subprotocols": ["ocpp1.6"], "open_timeout": 5}
        if self.options.password:
            pair = base64.b64encode(f"{self.options.id}:{self.options.password}".encode())
            options["additional_headers"] = {"Authorization": f"Basic {pair.decode()}"}
        return options

    async def _live(self, connection: ClientConnection, *, booted: bool) -> None:
        station = Station(self, connection)
        listening = asyncio.get_running_loop().create_task(station.start())
        try:
            interval = 60.0 if booted else await self._boot(station)
            self.station = station
            self.online.set()
            say("connected")
            await self._tell_status(station)
            beating = asyncio.get_running_loop().create_task(self._beat(station, interval))
            try:
                await listening
            finally:
                beating.cancel()
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionClosed):
                await listening

    async def _boot(self, station: Station) -> float:
        while True:
            answer = await station.call(
                call.BootNotification("Simulated", "Noroam", firmware_version="1.0"),
                suppress=False,
            )
            if answer.status == "Accepted":
                say(f"booted, heartbeat every {answer.interval} s")
                return float(answer.interval)
            await asyncio.sleep(answer.interval)

    async def _beat(self, station: Station, interval: float) -> None:
        while True:
            await asyncio.sleep(self.options.heartbeat or interval)
            if self.options.mute:
                continue
            with contextlib.suppress(OCPPError, TimeoutError, ConnectionClosed):
                await station.call(call.Heartbeat())

    async def _tell_status(self, station: Station) -> None:
        await station.call(_status(0, "Available"))
        for socket in self.sockets.values():
            if self.options.faulted:
                socket.status = "Faulted"
            await station.call(_status(socket.number, socket.status))

    async def _tell(self) -> None:
        """Tell what happened, in order; keep what could not be told until it can."""
        while True:
            while not self._untold:
                self.told.clear()
                await self.told.wait()
            await self.online.wait()
            request, future = self._untold[0]
            station = self.station
            if station is None:
                continue
            try:
                answer = await station.call(request(), suppress=False)
            except (OCPPError, TimeoutError, ConnectionClosed) as error:
                say(f"not told: {type(error).__name__}")
                await asyncio.sleep(0.5)
                continue
            self._untold.popleft()
            if future is not None and not future.done():
                future.set_result(answer)

    def _later(self, request: Any) -> "asyncio.Future[Any]":
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._untold.append((request, future))
        self.told.set()
        return future

    def _set_status(self, socket: Socket, status: str) -> None:
        socket.status = status
        message = _status(socket.number, status)
        self._later(lambda: message)

    def remote_start(self, id_tag: str, connector_id: int) -> bool:
        """Take a remote start, if the plug is free."""
        socket = self.sockets.get(connector_id)
        if self.options.reject_start or socket is None or socket.transaction is not None:
            return False
        if socket.status == "Faulted" or self._tasks is None:
            return False
        socket.transaction = Transaction(id_tag, int(socket.meter_wh))
        self._tasks.create_task(self._charge(socket, socket.transaction))
        return True

    def remote_stop(self, transaction_id: int) -> bool:
        """Take a remote stop, if that transaction runs."""
        for socket in self.sockets.values():
            if socket.transaction is not None and socket.transaction.number == transaction_id:
                self.end(socket.number, "Remote")
                return True
        return False

    def end(self, connector_id: int, reason: str) -> None:
        """End a plug's transaction."""
        socket = self.sockets.get(connector_id)
        if socket is not None and socket.transaction is not None:
            socket.transaction.stopping = reason
            socket.wake.set()

    def unplug(self) -> None:
        """Pull all cables."""
        say("unplugged")
        for number in self.sockets:
            self.end(number, "EVDisconnected")

    def reset(self, reason: str) -> None:
        """End all transactions."""
        for number in self.sockets:
            self.end(number, reason)

    def trigger(self, message: str, connector_id: int) -> bool:
        """Send what was asked for, after the answer."""
        if message == "StatusNotification" and connector_id in self.sockets:
            self._set_status(self.sockets[connector_id], self.sockets[connector_id].status)
            return True
        if message == "Heartbeat":
            self._later(call.Heartbeat)
            return True
        return False

    def take_list(self, version: int, kind: str, entries: Any) -> str:
        """Keep a local list, or changes of it."""
        if self.list_version < 0:
            return "NotSupported"
        if kind == "Differential" and version <= self.list_version:
            return "VersionMismatch"
        if kind == "Full":
            self.local_list = {}
        for entry in entries or ():
            if entry.get("id_tag_info"):
                self.local_list[entry["id_tag"]] = entry["id_tag_info"]
            else:
                self.local_list.pop(entry["id_tag"], None)
        self.list_version = version
        return "Accepted"

    async def _charge(self, socket: Socket, transaction: Transaction) -> None:
        if not await self._may_charge(transaction):
            say(f"idTag {transaction.id_tag} may not charge")
            socket.transaction = None
            return
        self._set_status(socket, "Preparing")
        await self._start(socket, transaction)
        self._set_status(socket, "Charging")
        while transaction.stopping is None:
            await self._tick(socket, transaction)
        await self._stop(socket, transaction)

    async def _may_charge(self, transaction: Transaction) -> bool:
        if transaction.id_tag in self.local_list or not self.options.authorize:
            return True
        answer = await self._later(lambda: call.Authorize(transaction.id_tag))
        return IdTagInfo(**answer.id_tag_info).status == "Accepted"

    async def _start(self, socket: Socket, transaction: Transaction) -> None:
        started = now()
        answer = await self._later(
            lambda: call.StartTransaction(
                socket.number, transaction.id_tag, transaction.meter_start, started
            )
        )
        transaction.number = answer.transaction_id
        say(f"started transaction {transaction.number} at {transaction.meter_start} Wh")
        if IdTagInfo(**answer.id_tag_info).status != "Accepted":
            transaction.stopping = "DeAuthorized"

    async def _tick(self, socket: Socket, transaction: Transaction) -> None:
        seconds = self.options.interval
        socket.wake.clear()
        started = asyncio.get_running_loop().time()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds / self.options.speed):
                await socket.wake.wait()
        passed = (asyncio.get_running_loop().time() - started) * self.options.speed
        transaction.simulated_s += min(passed, seconds)
        power = socket.car.power(transaction.simulated_s, self.options.power)
        energy = power * min(passed, seconds) / 3600
        socket.meter_wh += energy
        socket.car.charged_wh += energy
        charged = socket.meter_wh - transaction.meter_start
        if transaction.stopping is None:
            self._sample(socket, transaction, power)
            if self.options.stop_after_wh and charged >= self.options.stop_after_wh:
                transaction.stopping = "Local"
            elif socket.car.soc >= 1:
                transaction.stopping = "EVDisconnected"

    def _sample(self, socket: Socket, transaction: Transaction, power: float) -> None:
        values = [
            ("Energy.Active.Import.Register", f"{socket.meter_wh:.3f}", "Wh", None),
            ("Power.Active.Import", f"{power:.1f}", "W", None),
            ("Current.Import", f"{power / 3 / 230:.2f}", "A", "L1"),
            ("Voltage", "230.0", "V", "L1-N"),
            ("SoC", f"{socket.car.soc * 100:.0f}", "Percent", None),
        ]
        sampled = [_sampled(*value) for value in values]
        message = call.MeterValues(
            connector_id=socket.number,
            transaction_id=transaction.number,
            meter_value=[{"timestamp": now(), "sampled_value": sampled}],
        )
        self._later(lambda: message)

    async def _stop(self, socket: Socket, transaction: Transaction) -> None:
        stopped, meter = now(), int(socket.meter_wh)
        self._set_status(socket, "Finishing")
        await self._later(
            lambda: call.StopTransaction(
                meter_stop=meter,
                timestamp=stopped,
                transaction_id=transaction.number,
                reason=transaction.stopping,
                id_tag=transaction.id_tag,
            )
        )
        say(f"stopped transaction {transaction.number} at {meter} Wh ({transaction.stopping})")
        socket.transaction = None
        self._set_status(socket, "Available")


def _status(connector_id: int, status: str) -> call.StatusNotification:
    error = "InternalError" if status == "Faulted" else "NoError"
    return call.StatusNotification(connector_id, error, status, timestamp=now())


def _sampled(measurand: str, value: str, unit: str, phase: str | None) -> dict[str, str]:
    sample = {"measurand": measurand, "value": value, "unit": unit, "context": "Sample.Periodic"}
    return sample | ({"phase": phase} if phase else {})


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    add = parser.add_argument
    add("--id", default="CP1", help="charge point id")
    add("--url", default="ws://127.0.0.1:9000", help="the gateway; the id is appended")
    add("--password", default="", help="HTTP Basic password; none: connects without")
    add("--connectors", type=int, default=1)
    add("--power", type=float, default=MAXIMUM_W, help="most that it delivers, W")
    add("--interval", type=float, default=10, help="seconds between meter values (simulated)")
    add("--speed", type=float, default=1, help="how much faster than the clock it charges")
    add("--soc", type=float, default=20, help="state of charge of the car, percent")
    add("--meter-wh", type=float, default=100_000, help="the meter at the start")
    add("--stop-after-wh", type=float, default=0, help="stops by itself after so much")
    add("--heartbeat", type=float, default=0, help="seconds between heartbeats; 0: as told")
    add("--authorize", action="store_true", help="asks Authorize for tags not on its list")
    add("--no-local-list", action="store_true", help="knows no local lists")
    add("--reject-start", action="store_true", help="rejects each remote start")
    add("--faulted", action="store_true", help="its connectors are faulted")
    add("--mute", action="store_true", help="never sends a heartbeat")
    return parser.parse_args()


async def main() -> None:
    """Run until SIGTERM or SIGINT."""
    hardware = Hardware(read_options())
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, hardware.unplug)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with asyncio.TaskGroup() as group:
        living = group.create_task(hardware.run())
        await stopping.wait()
        living.cancel()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    logging.getLogger("ocpp").setLevel(logging.CRITICAL)
    asyncio.run(main())
