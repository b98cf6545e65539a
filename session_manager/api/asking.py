"""Asks charge points and Session Managers over the bus, and waits for what they answer."""

import asyncio
from collections import OrderedDict

from sdk.bus.interface import Bus, BusUnavailableError, Follower, Subscription
from sdk.bus.keys import Lane
from sdk.events.body import Body
from sdk.events.envelope import Envelope
from sdk.events.operations import Answered
from sdk.pending import Pending
from sdk.station import Answer, StationAnswer

LINGER_S = 60.0
"""How long a charge point's answers are still listened to after the last question."""
MOST_LINES = 1_000
_RETRY_S = 0.5
_Ear = tuple[str, Lane]
"""A charge point, and the lane on which its answers come."""
_SWEEP_S = 5.0


class _Line:
    """The answers of one charge point, while somebody asks it or did so lately."""

    __slots__ = ("subscription", "task", "used_at", "users")

    def __init__(self, subscription: Subscription, task: asyncio.Task[None], now: float) -> None:
        self.subscription = subscription
        self.task = task
        self.used_at = now
        self.users = 0


class Asking:
    """Sends commands to gateways and managers; `run` has to be at work meanwhile."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._pending = Pending(bus)
        self._lines: OrderedDict[_Ear, _Line] = OrderedDict()
        self._opening: dict[_Ear, asyncio.Lock] = {}
        self._follower: Follower | None = None
        self._group: asyncio.TaskGroup | None = None
        self._is_needed = asyncio.Event()
        self._is_ready = asyncio.Event()

    async def run(self) -> None:
        """Work until cancelled; a connection of its own is opened when it is first needed."""
        await self._is_needed.wait()
        while True:
            try:
                async with self._bus.follow() as follower, asyncio.TaskGroup() as group:
                    self._follower, self._group = follower, group
                    self._is_ready.set()
                    await self._sweep()
            except* BusUnavailableError:
                await asyncio.sleep(_RETRY_S)
            finally:
                self._is_ready.clear()
                self._lines.clear()

    async def ask(self, envelope: Envelope, seconds: float) -> Answered:
        """Send a command on the lane to the gateway, and give its answer.

        Raises TimeoutError after `seconds`, OverloadedError, BusUnavailableError.
        """
        answer = await self._ask(envelope, seconds, Lane.OCPP, Lane.IN)
        if not isinstance(answer, Answered):
            raise TypeError(f"{type(answer).__name__} answers no operation")
        return answer

    async def ask_manager(self, envelope: Envelope, seconds: float) -> StationAnswer:
        """Send a station command to the manager that drives the charge point; as `ask`."""
        answer = await self._ask(envelope, seconds, Lane.IN, Lane.OUT)
        if not isinstance(answer, StationAnswer):
            raise TypeError(f"{type(answer).__name__} answers no station command")
        return answer

    async def _ask(self, envelope: Envelope, seconds: float, to: Lane, back: Lane) -> Body:
        async with asyncio.timeout(seconds):
            line = await self._line((envelope.charge_point_id, back))
            line.users += 1
            try:
                return await self._pending.ask(to, envelope)
            finally:
                line.users -= 1
                line.used_at = _now()

    async def _line(self, ear: _Ear) -> _Line:
        self._is_needed.set()
        await self._is_ready.wait()
        line = self._lines.get(ear)
        if line is None:
            lock = self._opening.setdefault(ear, asyncio.Lock())
            async with lock:
                line = self._lines.get(ear) or await self._open(ear)
            if not lock.locked():
                self._opening.pop(ear, None)
        self._lines.move_to_end(ear)
        return line

    async def _open(self, ear: _Ear) -> _Line:
        if self._follower is None or self._group is None:
            raise BusUnavailableError("the connection for answers is not there yet")
        charge_point_id, lane = ear
        subscription = await self._follower.subscribe(charge_point_id, lane, after=None)
        task = self._group.create_task(self._listen(subscription))
        line = self._lines[ear] = _Line(subscription, task, _now())
        return line

    async def _listen(self, subscription: Subscription) -> None:
        async for delivery in subscription:
            if isinstance(delivery.envelope.body, Answer):
                self._pending.notice(delivery.envelope)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_S)
            # none is found by a question any more when the first of them is closed
            for line in [self._lines.pop(ear) for ear in self._idle()]:
                await line.subscription.close()

    def _idle(self) -> list[_Ear]:
        """Give whose answers nobody waits for: unused for long, or too many."""
        last = _now() - LINGER_S
        free = [(ear, line.used_at) for ear, line in self._lines.items() if not line.users]
        surplus = len(self._lines) - MOST_LINES
        return [ear for at, (ear, used_at) in enumerate(free) if used_at < last or at < surplus]


def _now() -> float:
    return asyncio.get_running_loop().time()
