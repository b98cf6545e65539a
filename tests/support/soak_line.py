"""The line of a simulated charge point: OCPP-J with an offline queue, over a bad network."""

import asyncio
from collections import Counter
from itertools import count
from random import Random
from typing import Literal
from uuid import uuid4

from soak_charging import Outlets
from soak_gateway import SoakGateway
from soak_visit import UnansweredError, Visit, abort
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage, InvalidStatus

Ids = Literal["fresh", "kept", "counted", "one"]
"""Message ids: new for each try; kept over reconnects; counted on each socket; always one."""

_LOST_ANSWER, _DROP, _REPEAT, _BOOT = 0.03, 0.02, 0.03, 0.1
_HEARTBEAT_EVERY = 12
_IDLE_S = 0.25
_LEAVING = ("abort", "abort", "close", "half-open")
_MOST_HALF_OPEN = 3
_STOPPING = 503


class Journal:
    """What all charge points met, counted; and what nobody should have met."""

    def __init__(self) -> None:
        """Start empty."""
        self.counts: Counter[str] = Counter()
        self.faults: list[str] = []
        self.is_calm = False
        """Whether the network is good from now on."""


class LeftError(Exception):
    """We dropped the socket ourselves."""


class Line:
    """Keeps one charge point connected to one of the gateways, and empties its queue."""

    def __init__(
        self, outlets: Outlets, gateways: list[SoakGateway], rng: Random, journal: Journal
    ) -> None:
        """Send what `outlets` queue."""
        self._outlets = outlets
        self._gateways = gateways
        self._rng = rng
        self._journal = journal
        self._ids: Ids = rng.choice(("fresh", "fresh", "kept", "counted", "one"))
        self._kept_id = ""
        self._numbers = count(1)
        self._half_open: list[ClientConnection] = []

    @property
    def _is_done(self) -> bool:
        outlets = self._outlets
        return outlets.is_over and not outlets.outbox and not outlets.untold

    async def run(self) -> None:
        """Work until the outlets are over and all is told."""
        boots = True
        try:
            while not self._is_done:
                await self._try_one(self._rng.choice(self._gateways), boots=boots)
                boots = self._rng.random() < _BOOT
        finally:
            for socket in self._half_open:
                await abort(socket)

    async def _try_one(self, gateway: SoakGateway, *, boots: bool) -> None:
        epoch, was_up = gateway.epoch, gateway.is_up
        try:
            await self._visit(gateway.url, boots=boots)
        except LeftError:
            await asyncio.sleep(self._rng.choice((0, 0, 0.1, 1, 4)))
        except UnansweredError as error:
            self._meet(f"no answer to {error}", is_ours=gateway.epoch != epoch)
        except ConnectionClosed as error:
            self._meet(f"closed: {error}", is_ours=gateway.epoch != epoch)
        except (OSError, InvalidHandshake, InvalidMessage) as error:
            is_ours = (gateway.epoch != epoch or not was_up) and _may_come_of_an_end(error)
            self._meet(f"not let in: {error!r}", is_ours=is_ours)
            await asyncio.sleep(self._rng.uniform(0.1, 0.5))

    def _meet(self, what: str, *, is_ours: bool) -> None:
        self._journal.counts[f"{what} (a gateway ended)" if is_ours else what] += 1
        if not is_ours:
            self._journal.faults.append(f"{self._outlets.charge_point_id}: {what}")

    async def _visit(self, url: str, *, boots: bool) -> None:
        visit = await Visit.begin(url, self._outlets)
        self._journal.counts["connected"] += 1
        self._numbers = count(1)
        try:
            if boots:
                payload = {"chargePointVendor": "Soak", "chargePointModel": "S1"}
                await visit.ask(self._new_id(), "BootNotification", payload)
            await self._work(visit)
            await visit.socket.close()
        finally:
            if visit.socket not in self._half_open:
                await abort(visit.socket)

    async def _work(self, visit: Visit) -> None:
        for turn in count(1):
            if self._is_done:
                return
            if turn % _HEARTBEAT_EVERY == 0:
                await visit.ask(self._new_id(), "Heartbeat", {})
            if self._outlets.untold:
                await self._tell_status(visit)
            elif self._outlets.outbox:
                await self._deliver(visit)
            else:
                await visit.listen(_IDLE_S)
            await self._maybe_leave(visit, _DROP, "dropped")

    async def _tell_status(self, visit: Visit) -> None:
        connector_id = min(self._outlets.untold)
        status = self._outlets.statuses[connector_id]
        payload = {"connectorId": connector_id, "errorCode": "NoError", "status": status}
        frame = await visit.ask(self._new_id(), "StatusNotification", payload)
        self._journal.counts[f"StatusNotification {frame[0]}"] += 1
        if self._outlets.statuses[connector_id] == status:
            self._outlets.untold.discard(connector_id)

    async def _deliver(self, visit: Visit) -> None:
        message = self._outlets.outbox[0]
        self._kept_id = self._kept_id or self._new_id()
        message_id = self._kept_id if self._ids == "kept" else self._new_id()
        await visit.send(message_id, message.action, message.payload())
        await self._maybe_leave(visit, _LOST_ANSWER, "answer lost")
        frame = await visit.answer_to(message_id, message.action)
        self._kept_id = ""
        if frame[0] == 4:
            await self._refused(f"{message.action} refused: {frame[2:4]}", str(frame[2]))
            return
        assert isinstance(frame[2], dict)
        message.answered(frame[2])
        self._journal.counts[message.action] += 1
        if message.action == "MeterValues" or self._rng.random() >= _REPEAT:
            self._outlets.outbox.popleft()

    async def _refused(self, what: str, code: str) -> None:
        self._meet(what, is_ours=code == "InternalError")
        await asyncio.sleep(self._rng.uniform(0.2, 1))

    def _new_id(self) -> str:
        match self._ids:
            case "one":
                return "1"
            case "counted":
                return str(next(self._numbers))
            case _:
                return str(uuid4())

    async def _maybe_leave(self, visit: Visit, chance: float, why: str) -> None:
        if self._journal.is_calm or self._rng.random() >= chance:
            return
        how = self._rng.choice(_LEAVING)
        self._journal.counts[f"{why}: {how}"] += 1
        await asyncio.sleep(self._rng.choice((0, 0, 0.005, 0.05)))
        await visit.leave(how)
        if how == "half-open":
            self._half_open.append(visit.socket)
        if len(self._half_open) > _MOST_HALF_OPEN:
            await abort(self._half_open.pop(0))
        raise LeftError


def _may_come_of_an_end(error: Exception) -> bool:
    return not isinstance(error, InvalidStatus) or error.response.status_code == _STOPPING
