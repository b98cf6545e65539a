"""A charge point whose every step can be held, that reboots and goes away when told. OCPP 1.6J."""

import asyncio
import base64
import json
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage
from websockets.typing import Subprotocol

from sdk.ids import utc_now

Json = dict[str, Any]
SAMPLE_S = 0.25
SAMPLE_WH = 1
"""14.4 kW: less than what a quote allows."""
BOOT_S = 1.0
SLOW_S = 4.5
"""Less than the gateway's patience with local lists."""


@dataclass
class Transaction:
    """One transaction as the charge point knows it; `number` is the gateway's."""

    id_tag: str
    meter_start: int
    started_at: str
    number: int | None = None
    status: str = ""
    meter_stop: int | None = None


@dataclass
class Message:
    """What must be told, again after a lost socket; `heard` gets the answer."""

    action: str
    payload: Json
    heard: Callable[[Json], None] = field(default=lambda _: None)


class ScriptedChargePoint:
    """One connector. `prompt`, `starts` and `stops` are gates: a closed one holds that step.

    `prompt`: local lists are taken at once, else as late as just goes; `starts`: a start that was
    accepted begins; `stops`: a stop that was accepted ends the transaction.
    """

    def __init__(self, charge_point_id: str, password: str, url: str) -> None:
        self.id = charge_point_id
        self.prompt, self.starts, self.stops = asyncio.Event(), asyncio.Event(), asyncio.Event()
        for gate in (self.prompt, self.starts, self.stops):
            gate.set()
        self.meter_wh = 100_000
        self.transactions: list[Transaction] = []
        self.is_gone = False
        self.forgot = False
        self._url = f"{url}/{charge_point_id}"
        pair = base64.b64encode(f"{charge_point_id}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {pair}"}
        self._numbers = count(1)
        self._list_version = 0
        self._has_booted = False
        self._socket: ClientConnection | None = None
        self._answers: dict[str, asyncio.Future[list[Any]]] = {}
        self._outbox: deque[Message] = deque()
        self._filled = asyncio.Event()
        self._up = asyncio.Event()
        self._up.set()
        self._work: set[asyncio.Task[None]] = set()
        self._group: asyncio.TaskGroup | None = None

    @property
    def running(self) -> Transaction | None:
        """The transaction that has not ended."""
        last = self.transactions[-1] if self.transactions else None
        return last if last is not None and last.meter_stop is None else None

    async def run(self) -> None:
        """Stay connected until cancelled."""
        async with asyncio.TaskGroup() as self._group:
            while True:
                await self._up.wait()
                with suppress(OSError, InvalidHandshake, InvalidMessage, TimeoutError):
                    async with connect(
                        self._url,
                        subprotocols=[Subprotocol("ocpp1.6")],
                        additional_headers=self._headers,
                        close_timeout=1,
                    ) as socket:
                        await self._live(socket)
                await asyncio.sleep(0.2)

    async def reboot(self, *, forgets: bool) -> None:
        """Boot again, with what was going on, or without any of it."""
        self._up.clear()
        self._drop()
        if forgets:
            self.forgot = True
            self._forget()
        self._has_booted = False
        await asyncio.sleep(BOOT_S)
        self._up.set()

    def leave(self) -> None:
        """Go, and never come back."""
        self.is_gone = True
        self._up.clear()
        self._drop()
        self._forget()

    def _drop(self) -> None:
        if self._socket is not None:
            self._socket.transport.abort()

    def _forget(self) -> None:
        for task in self._work:
            task.cancel()
        self._outbox.clear()
        self._list_version = 0
        if self.running is not None:
            self.running.meter_stop = self.meter_wh

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        assert self._group is not None
        task = self._group.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def _live(self, socket: ClientConnection) -> None:
        self._socket = socket
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._listen(socket, group))
                group.create_task(self._talk(socket))
        except* ConnectionClosed:
            pass
        finally:
            self._socket = None
            self._answers.clear()

    async def _listen(self, socket: ClientConnection, group: asyncio.TaskGroup) -> None:
        while True:
            frame = json.loads(await socket.recv())
            if frame[0] == 2:
                group.create_task(self._answer(socket, *frame[1:4]))
            elif (waiting := self._answers.pop(frame[1], None)) is not None:
                waiting.set_result(frame)

    async def _talk(self, socket: ClientConnection) -> None:
        if not self._has_booted:
            boot = {"chargePointVendor": "Noroam", "chargePointModel": "Scripted"}
            await self._call(socket, Message("BootNotification", boot))
            self._has_booted = True
        await self._call(socket, self._status())
        while True:
            await self._filled.wait()
            while self._outbox:
                message = self._outbox[0]
                await self._call(socket, message)
                if self._outbox and self._outbox[0] is message:
                    self._outbox.popleft()
            self._filled.clear()

    async def _call(self, socket: ClientConnection, message: Message) -> None:
        """Call until it is taken; what can't be answered now is said again later."""
        while True:
            message_id = f"m{next(self._numbers)}"
            answer = self._answers[message_id] = asyncio.get_running_loop().create_future()
            await socket.send(json.dumps([2, message_id, message.action, message.payload]))
            frame = await answer
            if frame[0] == 3:
                message.heard(frame[2])
                return
            await asyncio.sleep(0.3)

    def _put(self, message: Message) -> None:
        self._outbox.append(message)
        self._filled.set()

    def _status(self) -> Message:
        status = "Charging" if self.running is not None else "Available"
        payload = {"connectorId": 1, "errorCode": "NoError", "status": status, "timestamp": _now()}
        return Message("StatusNotification", payload)

    async def _answer(
        self, socket: ClientConnection, message_id: str, action: str, payload: Json
    ) -> None:
        match action:
            case "RemoteStartTransaction":
                content = _taken(taken=self._begin(payload["idTag"]))
            case "RemoteStopTransaction":
                content = _taken(taken=self._end(payload["transactionId"]))
            case "GetLocalListVersion":
                await self._take_time()
                content = {"listVersion": self._list_version}
            case "SendLocalList":
                content = {"status": await self._take_list(payload)}
            case _:
                await socket.send(json.dumps([4, message_id, "NotImplemented", "", {}]))
                return
        await socket.send(json.dumps([3, message_id, content]))

    async def _take_time(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(SLOW_S):
                await self.prompt.wait()

    async def _take_list(self, payload: Json) -> str:
        was_prompt = self.prompt.is_set()
        await self._take_time()
        if payload["updateType"] == "Differential" and not was_prompt:
            return "VersionMismatch"
        self._list_version = payload["listVersion"]
        return "Accepted"

    def _begin(self, id_tag: str) -> bool:
        if self.running is not None:
            return False
        transaction = Transaction(id_tag, self.meter_wh, _now())
        self.transactions.append(transaction)
        self._spawn(self._start(transaction))
        return True

    async def _start(self, transaction: Transaction) -> None:
        await self.starts.wait()
        transaction.started_at = _now()

        def heard(answer: Json) -> None:
            transaction.number = answer["transactionId"]
            transaction.status = answer["idTagInfo"]["status"]
            self._spawn(self._charge(transaction))

        payload = {
            "connectorId": 1,
            "idTag": transaction.id_tag,
            "meterStart": transaction.meter_start,
            "timestamp": transaction.started_at,
        }
        self._put(Message("StartTransaction", payload, heard))

    async def _charge(self, transaction: Transaction) -> None:
        if transaction.status != "Accepted":
            self._close(transaction, "DeAuthorized")
            return
        self._put(self._status())
        while transaction.meter_stop is None:
            self._put(_sample(transaction, self.meter_wh))
            await asyncio.sleep(SAMPLE_S)
            if transaction.meter_stop is None:
                self.meter_wh += SAMPLE_WH

    def _end(self, number: int) -> bool:
        running = self.running
        if running is None or running.number != number:
            return False
        self._spawn(self._stop(running))
        return True

    async def _stop(self, transaction: Transaction) -> None:
        await self.stops.wait()
        self._close(transaction, "Remote")

    def _close(self, transaction: Transaction, reason: str) -> None:
        if transaction.meter_stop is not None:
            return
        transaction.meter_stop = self.meter_wh
        payload = {
            "transactionId": transaction.number,
            "meterStop": transaction.meter_stop,
            "timestamp": _now(),
            "reason": reason,
        }
        self._put(Message("StopTransaction", payload))
        self._put(self._status())


def _now() -> str:
    return utc_now().isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _taken(*, taken: bool) -> Json:
    return {"status": "Accepted" if taken else "Rejected"}


def _sample(transaction: Transaction, meter_wh: int) -> Message:
    sampled = {"value": str(meter_wh), "measurand": "Energy.Active.Import.Register", "unit": "Wh"}
    values = [{"timestamp": _now(), "sampledValue": [sampled]}]
    payload = {"connectorId": 1, "transactionId": transaction.number, "meterValue": values}
    return Message("MeterValues", payload)
