"""What the simulated charge point is made of, and how its answers stand on it."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

from ocpp.exceptions import (
    FormatViolationError,
    GenericError,
    InternalError,
    NotImplementedError,  # noqa: A004 - OCPP's own name
    NotSupportedError,
    OCPPError,
    SecurityError,
)
from ocpp.routing import on
from ocpp.v16 import ChargePoint as OcppChargePoint
from ocpp.v16 import call, call_result
from websockets.asyncio.client import ClientConnection

from simulated_hardware import Hardware
from simulated_maintenance import Maintenance
from simulated_security import Security
from simulated_state import State

Handler = TypeVar("Handler", bound=Callable[..., object])
_ERRORS: dict[str, type[OCPPError]] = {
    error.code: error
    for error in (
        FormatViolationError,
        GenericError,
        InternalError,
        NotImplementedError,
        NotSupportedError,
        SecurityError,
    )
}


def handles(action: str) -> Callable[[Handler], Handler]:
    """Mark a method as the handler of an action: the package's `on`, with its type."""
    mark: Callable[[Handler], Handler] = on(action)  # type: ignore[no-untyped-call]
    return mark


@dataclass
class Parts:
    """What outlives a connection; `reconnect` opens the next one."""

    state: State
    hardware: Hardware
    maintenance: Maintenance
    security: Security
    reconnect: Callable[[], None] = field(default=lambda: None)

    def boot(self) -> call.BootNotification:
        """Give the BootNotification."""
        options = self.state.options
        return call.BootNotification(
            options.model[:20],
            options.vendor[:20],
            charge_point_serial_number=options.id[:25],
            firmware_version=self.maintenance.version,
        )


class Answers(OcppChargePoint):
    """One connection of the charge point; what it answers is in the classes that follow."""

    def __init__(self, parts: Parts, connection: ClientConnection) -> None:
        name = parts.state.options.id
        super().__init__(name, connection, response_timeout=10)  # type: ignore[no-untyped-call]
        self.parts = parts
        self.state = parts.state
        self._afterwards: deque[Callable[[], None]] = deque()
        for action, handlers in self.route_map.items():
            handlers["_on_action"] = self._by_script(action, handlers["_on_action"])

    def _by_script(self, action: str, handler: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(handler)
        def answer(**payload: object) -> object:
            wanted = self.state.script.answers.get(action)
            if wanted is None:
                return handler(**payload)
            if wanted.startswith("!"):
                raise _ERRORS.get(wanted[1:], GenericError)
            return getattr(call_result, action)(status=wanted)

        return answer

    def afterwards(self, work: Callable[[], None]) -> None:
        """Do something once the answer that is being made is sent."""
        self._afterwards.append(work)

    async def route_message(self, raw_msg: str | bytes) -> None:
        """Take one message, and do what comes after its answer."""
        await super().route_message(raw_msg)  # type: ignore[no-untyped-call]
        while self._afterwards:
            self._afterwards.popleft()()

    async def ask(self, request: object) -> Any:  # noqa: ANN401 - each request has its own answer
        """Ask the central system. Raises OCPPError for a CALLERROR, TimeoutError."""
        answer = await self.call(request, suppress=False)  # type: ignore[no-untyped-call]
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            # Python 3.11's wait_for, by which the package waits, loses one that comes with it
            raise asyncio.CancelledError
        return answer

    async def listen(self) -> None:
        """Answer until the connection closes. Raises ConnectionClosed."""
        await self.start()  # type: ignore[no-untyped-call]
