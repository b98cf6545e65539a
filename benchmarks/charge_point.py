"""A charge point on a bare OCPP 1.6J socket: it does what is measured, and the least beside."""

import asyncio
import base64
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from sdk.ids import utc_now

OCPP = Subprotocol("ocpp1.6")
METER_START_WH = 1_000
ANSWERS: dict[str, dict[str, Any]] = {
    "GetLocalListVersion": {"listVersion": 0},
    "GetConfiguration": {},
    "TriggerMessage": {"status": "Accepted"},
}
ACCEPTED = {"status": "Accepted"}


class BareChargePoint:
    """One connector. A remote start is followed by StartTransaction, a remote stop by its end."""

    def __init__(self, socket: ClientConnection, tasks: asyncio.TaskGroup) -> None:
        self._socket = socket
        self._tasks = tasks
        self._numbers = itertools.count(1)
        self._answers: dict[str, asyncio.Future[Any]] = {}
        self._transaction = 0
        self.meter_wh = METER_START_WH

    async def listen(self) -> None:
        """Answer until cancelled."""
        async for message in self._socket:
            kind, number, *rest = json.loads(message)
            if kind == 2:
                answer = ANSWERS.get(rest[0], ACCEPTED)
                await self._socket.send(json.dumps([3, number, answer]))
                self._act(rest[0], rest[1])
            else:
                self._answers.pop(number).set_result(rest[0])

    async def call(self, action: str, **payload: object) -> Any:  # noqa: ANN401 - any answer
        """Send a request and give its answer."""
        number = str(next(self._numbers))
        self._answers[number] = answer = asyncio.get_running_loop().create_future()
        await self._socket.send(json.dumps([2, number, action, payload]))
        return await answer

    async def boot(self) -> None:
        """Boot, and be available."""
        await self.call("BootNotification", chargePointVendor="Bench", chargePointModel="Bare")
        for connector in (0, 1):
            await self._tell_status(connector, "Available")

    async def meter_values(self) -> None:
        """Send the reading that the meter shows, and wait for the answer."""
        sample = {
            "value": str(self.meter_wh),
            "measurand": "Energy.Active.Import.Register",
            "unit": "Wh",
        }
        value = {"timestamp": utc_now().isoformat(), "sampledValue": [sample]}
        await self.call(
            "MeterValues", connectorId=1, transactionId=self._transaction, meterValue=[value]
        )

    async def end(self) -> None:
        """End the transaction, as when the cable is pulled."""
        await self._stop()

    def _act(self, action: str, payload: dict[str, Any]) -> None:
        if action == "RemoteStartTransaction":
            self._tasks.create_task(self._start(payload["idTag"]))
        elif action == "RemoteStopTransaction":
            self._tasks.create_task(self._stop())

    async def _start(self, tag: str) -> None:
        answer = await self.call(
            "StartTransaction",
            connectorId=1,
            idTag=tag,
            meterStart=self.meter_wh,
            timestamp=utc_now().isoformat(),
        )
        self._transaction = answer["transactionId"]
        await self._tell_status(1, "Charging")

    async def _stop(self) -> None:
        await self.call(
            "StopTransaction",
            transactionId=self._transaction,
            meterStop=self.meter_wh,
            timestamp=utc_now().isoformat(),
        )
        await self._tell_status(1, "Available")

    async def _tell_status(self, connector: int, status: str) -> None:
        await self.call(
            "StatusNotification", connectorId=connector, errorCode="NoError", status=status
        )


@asynccontextmanager
async def plugged_in(gateway: str, name: str, password: str) -> AsyncIterator[BareChargePoint]:
    """Connect to the gateway and boot; hang up at the end."""
    pair = base64.b64encode(f"{name}:{password}".encode()).decode()
    headers = {"Authorization": f"Basic {pair}"}
    url = f"{gateway.rstrip('/')}/{name}"
    async with (
        connect(url, subprotocols=[OCPP], additional_headers=headers) as socket,
        asyncio.TaskGroup() as tasks,
    ):
        charge_point = BareChargePoint(socket, tasks)
        listening = tasks.create_task(charge_point.listen())
        await charge_point.boot()
        yield charge_point
        listening.cancel()
