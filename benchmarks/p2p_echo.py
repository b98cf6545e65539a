"""In place of the Session Manager: answers each request at once, by one commit as it would.

With BENCH_PUSH a number of apps, it then tells each of them its state, PUSHES a second, until
SIGTERM, and how many it told.
"""

import asyncio
import json
import os
import signal
from collections.abc import Sequence
from itertools import count
from time import monotonic, monotonic_ns

import uvloop

from sdk.bus.interface import Bus, Commit, Delivery, Follower
from sdk.bus.keys import Lane
from sdk.bus.redis_bus import RedisBus
from sdk.events.envelope import Envelope
from sdk.events.service import ChargingStatus, SessionStateReported
from sdk.ids import new_event_id, utc_now

STATIONS, PUSH = "BENCH_STATIONS", "BENCH_PUSH"
PUSHES = 2
READER = "echo"
_SESSION = "0x" + "22" * 32


class Echo:
    """Answers, and remembers who asked."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._asked: dict[str, tuple[str, Envelope]] = {}
        self._sent = 0
        self.stopping = asyncio.Event()

    async def answer(self, follower: Follower, station: str) -> None:
        """Answer the requests to one station."""
        lane = await follower.subscribe(station, Lane.IN, after="0", reader=READER)
        async for delivery in lane:
            await self._bus.apply(self._commit(station, delivery))

    async def push(self, apps: int) -> None:
        """Tell each of so many apps its state, evenly spread."""
        while len(self._asked) < apps:  # noqa: ASYNC110 - once, before anything is measured
            await asyncio.sleep(0.05)
        print(json.dumps({"ready": True}), flush=True)
        asked = list(self._asked.values())
        began, pause = monotonic(), 1 / (apps * PUSHES)
        async with asyncio.TaskGroup() as group:
            for number in count():
                if self.stopping.is_set():
                    break
                if (early := began + number * pause - monotonic()) > 0:
                    await asyncio.sleep(early)
                group.create_task(self._push(*asked[number % apps]))

    async def _push(self, station: str, request: Envelope) -> None:
        body = ChargingStatus(
            session_id=_SESSION, phase="charging", energy_wh=monotonic_ns() // 1000
        )
        await self._bus.publish(Lane.OUT, _reply(station, request, body))
        self._sent += 1

    def _commit(self, station: str, delivery: Delivery) -> Commit:
        request = delivery.envelope
        self._asked[request.peer_id or ""] = station, request
        body = SessionStateReported(connector_id=1, availability="free")
        return Commit(
            station,
            cause=request.id,
            events=[(Lane.OUT, _reply(station, request, body))],
            reader=READER,
            stream_id=delivery.stream_id,
        )

    def tell(self) -> None:
        """Say how many were told."""
        print(json.dumps({"sent": self._sent, "done": True}), flush=True)


def _reply(
    station: str, request: Envelope, body: SessionStateReported | ChargingStatus
) -> Envelope:
    return Envelope(
        id=new_event_id(),
        charge_point_id=station,
        at=utc_now(),
        caused_by=request.id,
        peer_id=request.peer_id,
        body=body,
    )


async def main(url: str, stations: Sequence[str], push: int) -> None:
    """Answer until SIGTERM."""
    bus = RedisBus.from_url(url)
    echo = Echo(bus)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, echo.stopping.set)
    async with bus.follow() as follower, asyncio.TaskGroup() as group:
        tasks = [group.create_task(echo.answer(follower, station)) for station in stations]
        print("ready echo", flush=True)
        if push:
            await echo.push(push)
        await echo.stopping.wait()
        for task in tasks:
            task.cancel()
    echo.tell()
    await bus.close()


if __name__ == "__main__":
    uvloop.run(
        main(
            os.environ["REDIS_URL"],
            json.loads(os.environ[STATIONS]),
            int(os.environ.get(PUSH, "0")),
        )
    )
