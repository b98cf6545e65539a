"""A simulated charge point, on the `ocpp` package's own client class.

    python examples/charge_point.py --id CP1 --url ws://127.0.0.1:9000 --password … --speed 60

With `--speed 60` one second counts for a minute of charging. It prints one line per step. SIGUSR1
plugs a car in where there is none, and pulls the cable where there is one. A socket that is lost is
opened again, and what a transaction told meanwhile is told late, in order.
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
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from ocpp.exceptions import OCPPError
from ocpp.routing import on
from ocpp.v16 import ChargePoint as OcppChargePoint
from ocpp.v16 import call, call_result
from ocpp.v16.enums import (
    ConfigurationStatus,
    DataTransferStatus,
    Reason,
    RemoteStartStopStatus,
    ResetStatus,
    TriggerMessageStatus,
    UnlockStatus,
)
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from simulated_hardware import MAXIMUM_W, Hardware, say

ATTEMPTS = 5
MOST_UNTOLD = 2_000
OF_TRANSACTIONS = (call.StartTransaction, call.MeterValues, call.StopTransaction)

Handler = TypeVar("Handler", bound=Callable[..., object])


def handles(action: str) -> Callable[[Handler], Handler]:
    """Mark a method as the handler of an action: the package's `on`, with its type."""
    mark: Callable[[Handler], Handler] = on(action)  # type: ignore[no-untyped-call]
    return mark


@dataclass
class Message:
    """What the central system must be told; `answer` is None where it could not be told."""

    request: object
    answer: "asyncio.Future[Any]"
    attempts: int = 0


class Outbox:
    """Tells the central system what happened, in order, over whatever connection there is."""

    def __init__(self) -> None:
        self._messages: deque[Message] = deque()
        self._filled = asyncio.Event()

    def put(self, request: object) -> "asyncio.Future[Any]":
        """Tell something later; the oldest samples are dropped where there are too many."""
        message = Message(request, asyncio.get_running_loop().create_future())
        if len(self._messages) >= MOST_UNTOLD:
            self._drop_a_sample()
        self._messages.append(message)
        self._filled.set()
        return message.answer

    def _drop_a_sample(self) -> None:
        for message in list(self._messages)[1:]:
            if isinstance(message.request, call.MeterValues):
                self._messages.remove(message)
                return

    async def tell(self, station: "Station") -> None:
        """Tell over one connection, until cancelled with it: what was under way is told again."""
        while True:
            await self._filled.wait()
            if await self._told(station, self._messages[0]):
                self._messages.popleft()
            if not self._messages:
                self._filled.clear()

    async def _told(self, station: "Station", message: Message) -> bool:
        """Tell whether the first message is done with: answered, or refused for good."""
        try:
            message.answer.set_result(await station.ask(message.request))
        except TimeoutError:
            say(f"{type(message.request).__name__} was not answered")
            return False
        except (OCPPError, TypeError) as error:  # the package raises both for an odd answer
            message.attempts += 1
            say(f"{type(message.request).__name__} was refused: {type(error).__name__}")
            if isinstance(message.request, OF_TRANSACTIONS) and message.attempts < ATTEMPTS:
                await asyncio.sleep(0.5 * message.attempts)
                return False
            message.answer.set_result(None)
        return True


class Station(OcppChargePoint):
    """What answers the central system on one connection."""

    def __init__(self, hardware: "Hardware", connection: ClientConnection) -> None:
        name = hardware.options.id
        super().__init__(name, connection, response_timeout=10)  # type: ignore[no-untyped-call]
        self.hardware = hardware

    async def ask(self, request: object) -> Any:  # noqa: ANN401 - each request has its own answer
        """Ask the central system. Raises OCPPError for a CALLERROR, TimeoutError."""
        return await self.call(request, suppress=False)  # type: ignore[no-untyped-call]

    async def listen(self) -> None:
        """Answer until the connection closes. Raises ConnectionClosed."""
        await self.start()  # type: ignore[no-untyped-call]

    @handles("RemoteStartTransaction")
    def remote_start(
        self, id_tag: str, connector_id: int = 1, **_: object
    ) -> call_result.RemoteStartTransaction:
        """Start for a tag."""
        say(f"received RemoteStartTransaction {id_tag} on {connector_id}")
        accepted = self.hardware.remote_start(id_tag, connector_id)
        return call_result.RemoteStartTransaction(_taken(taken=accepted))

    @handles("RemoteStopTransaction")
    def remote_stop(self, transaction_id: int) -> call_result.RemoteStopTransaction:
        """Stop a transaction."""
        say(f"received RemoteStopTransaction {transaction_id}")
        accepted = self.hardware.remote_stop(transaction_id)
        return call_result.RemoteStopTransaction(_taken(taken=accepted))

    @handles("GetLocalListVersion")
    def list_version(self) -> call_result.GetLocalListVersion:
        """Tell the version of the local list."""
        say("received GetLocalListVersion")
        return call_result.GetLocalListVersion(self.hardware.list_version)

    @handles("SendLocalList")
    def send_list(
        self,
        list_version: int,
        update_type: str,
        local_authorization_list: list[dict[str, Any]] | None = None,
    ) -> call_result.SendLocalList:
        """Take a local list, or changes of it."""
        entries = local_authorization_list or []
        status = self.hardware.take_list(list_version, update_type, entries)
        say(f"received SendLocalList {update_type} {list_version}: {status}")
        return call_result.SendLocalList(status)

    @handles("GetConfiguration")
    def get_configuration(self, key: list[str] | None = None) -> call_result.GetConfiguration:
        """Tell configuration keys."""
        known = self.hardware.configuration
        wanted = key or list(known)
        return call_result.GetConfiguration(
            configuration_key=[
                {"key": name, "readonly": False, "value": known[name]}
                for name in wanted
                if name in known
            ],
            unknown_key=[name for name in wanted if name not in known],
        )

    @handles("ChangeConfiguration")
    def change_configuration(self, key: str, value: str) -> call_result.ChangeConfiguration:
        """Change a configuration key."""
        if key not in self.hardware.configuration:
            return call_result.ChangeConfiguration(ConfigurationStatus.not_supported)
        self.hardware.configuration[key] = value
        return call_result.ChangeConfiguration(ConfigurationStatus.accepted)

    @handles("TriggerMessage")
    def trigger(self, requested_message: str, connector_id: int = 1) -> call_result.TriggerMessage:
        """Send a message that was asked for."""
        known = self.hardware.trigger(requested_message, connector_id)
        status = TriggerMessageStatus.accepted if known else TriggerMessageStatus.not_implemented
        return call_result.TriggerMessage(status)

    @handles("UnlockConnector")
    def unlock(self, connector_id: int) -> call_result.UnlockConnector:
        """Unlock a plug, which ends its transaction."""
        say(f"received UnlockConnector {connector_id}")
        plug = self.hardware.plugs.get(connector_id)
        if plug is None:
            return call_result.UnlockConnector(UnlockStatus.not_supported)
        plug.end(Reason.unlock_command)
        return call_result.UnlockConnector(UnlockStatus.unlocked)

    @handles("Reset")
    def reset(self, type: str) -> call_result.Reset:  # noqa: A002 - OCPP's own name
        """Start again, after the transactions have ended."""
        say(f"received Reset {type}")
        self.hardware.reset(Reason(f"{type}Reset"))
        return call_result.Reset(ResetStatus.accepted)

    @handles("DataTransfer")
    def data_transfer(self, **_: object) -> call_result.DataTransfer:
        """Know no vendor."""
        return call_result.DataTransfer(DataTransferStatus.unknown_vendor_id)


class Uplink:
    """The connection to the central system, opened again and again."""

    def __init__(self, hardware: Hardware, outbox: Outbox) -> None:
        self._hardware = hardware
        self._outbox = outbox
        self._options = hardware.options
        self._has_booted = False
        self._heartbeat_s = 60.0
        self._delay = 0.1

    async def run(self) -> None:
        """Stay connected until cancelled."""
        while True:
            try:
                async with connect(self._url(), **self._handshake()) as connection:
                    self._delay = 0.1
                    await self._live(connection)
            except InvalidStatus as error:
                say(f"refused with HTTP {error.response.status_code}")
            except (OSError, InvalidHandshake, TimeoutError):
                say("no connection")
            spread = random.uniform(0.8, 1.2)  # noqa: S311 - so that not all come at once
            await asyncio.sleep(self._delay * spread)
            self._delay = min(self._delay * 2, 5.0)

    def _url(self) -> str:
        return f"{self._options.url.rstrip('/')}/{self._options.id}"

    def _handshake(self) -> dict[str, Any]:
        options: dict[str, Any] = {"subprotocols": ["ocpp1.6"], "open_timeout": 5}
        options["close_timeout"] = 1
        if self._options.password:
            pair = base64.b64encode(f"{self._options.id}:{self._options.password}".encode())
            options["additional_headers"] = {"Authorization": f"Basic {pair.decode()}"}
        return options

    async def _live(self, connection: ClientConnection) -> None:
        station = Station(self._hardware, connection)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(station.listen())
                tasks.create_task(self._work(station))
                tasks.create_task(self._close_for_reset(connection))
        except* ConnectionClosed:
            say(f"connection lost ({connection.close_code})")
        except* (OCPPError, TypeError, TimeoutError) as odd:
            say(f"connection given up: {type(odd.exceptions[0]).__name__}")

    async def _work(self, station: Station) -> None:
        if not self._has_booted:
            await self._boot(station)
        say("connected")
        self._hardware.tell_all_statuses()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._outbox.tell(station))
            tasks.create_task(self._beat(station))

    async def _beat(self, station: Station) -> None:
        while True:
            await asyncio.sleep(self._options.heartbeat or self._heartbeat_s)
            if not self._options.mute:
                with contextlib.suppress(OCPPError):
                    await station.ask(call.Heartbeat())

    async def _boot(self, station: Station) -> None:
        boot = call.BootNotification("Simulated", "Noroam", firmware_version="1.0")
        while not self._has_booted:
            try:
                answer = await station.ask(boot)
            except OCPPError as error:
                say(f"the boot was refused: {type(error).__name__}")
                await asyncio.sleep(2)
                continue
            self._has_booted = answer.status == "Accepted"
            if self._has_booted:
                self._heartbeat_s = float(answer.interval)
                say(f"booted, heartbeat every {answer.interval} s")
            else:
                await asyncio.sleep(answer.interval or 5)

    async def _close_for_reset(self, connection: ClientConnection) -> None:
        await self._hardware.resetting.wait()
        self._hardware.resetting.clear()
        self._has_booted = False
        await connection.close()


def _taken(*, taken: bool) -> RemoteStartStopStatus:
    return RemoteStartStopStatus.accepted if taken else RemoteStartStopStatus.rejected


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
    add("--stay-when-full", action="store_true", help="the car stays plugged in, idle")
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
    outbox = Outbox()
    hardware = Hardware(read_options(), outbox.put)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, hardware.replug)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with asyncio.TaskGroup() as group:
        parts = (hardware.run(), Uplink(hardware, outbox).run())
        living = [group.create_task(part) for part in parts]
        await stopping.wait()
        for part in living:
            part.cancel()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    logging.getLogger("ocpp").setLevel(logging.CRITICAL)
    asyncio.run(main())
