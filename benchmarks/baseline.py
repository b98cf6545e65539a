"""The loop of the `ocpp` package as a server: it validates and answers, and keeps nothing."""

import asyncio
import logging
import signal
from collections.abc import Callable
from itertools import count
from typing import Any, TypeVar, cast

import uvloop
from ocpp.routing import on
from ocpp.v16 import ChargePoint as OcppChargePoint
from ocpp.v16 import call_result
from ocpp.v16.datatypes import IdTagInfo
from ocpp.v16.enums import Action, AuthorizationStatus, RegistrationStatus
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from benchmarks.usage import allow_files
from sdk.ids import utc_now

_transactions = count(1)
_F = TypeVar("_F", bound=Callable[..., object])
_on = cast("Callable[[Action], Callable[[_F], _F]]", on)


class Answering(OcppChargePoint):
    """Answers what the loads send."""

    @_on(Action.boot_notification)
    def boot(self, **_: Any) -> call_result.BootNotification:  # noqa: ANN401 - as it came
        """Accept."""
        now = utc_now().isoformat()
        return call_result.BootNotification(
            current_time=now, interval=60, status=RegistrationStatus.accepted
        )

    @_on(Action.heartbeat)
    def heartbeat(self) -> call_result.Heartbeat:
        """Tell the time."""
        return call_result.Heartbeat(current_time=utc_now().isoformat())

    @_on(Action.status_notification)
    def status(self, **_: Any) -> call_result.StatusNotification:  # noqa: ANN401 - as it came
        """Take it."""
        return call_result.StatusNotification()

    @_on(Action.start_transaction)
    def start_transaction(self, **_: Any) -> call_result.StartTransaction:  # noqa: ANN401
        """Accept any idTag."""
        return call_result.StartTransaction(
            transaction_id=next(_transactions),
            id_tag_info=IdTagInfo(status=AuthorizationStatus.accepted),
        )

    @_on(Action.meter_values)
    def meter_values(self, **_: Any) -> call_result.MeterValues:  # noqa: ANN401 - as it came
        """Take it."""
        return call_result.MeterValues()


async def _serve_one(socket: ServerConnection) -> None:
    path = socket.request.path if socket.request else ""
    try:
        point = Answering(path.rpartition("/")[2], socket)  # type: ignore[no-untyped-call]
        await point.start()  # type: ignore[no-untyped-call]
    except ConnectionClosed:
        return


async def main() -> None:
    """Serve until SIGTERM."""
    logging.getLogger("ocpp").setLevel(logging.WARNING)
    allow_files()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with serve(
        _serve_one, "127.0.0.1", 0, subprotocols=[Subprotocol("ocpp1.6")], compression=None
    ) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        print(f"ready baseline ws://127.0.0.1:{port}", flush=True)
        await stop.wait()


if __name__ == "__main__":
    uvloop.run(main())
