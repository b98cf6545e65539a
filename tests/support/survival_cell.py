"""One cell of the survival matrix: a session that is led into its phase and to its end."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from time import monotonic
from typing import Any

from machine import TestStation, World
from survival_app import ScriptedApp, said
from survival_charge_point import ScriptedChargePoint

from sdk.bus import keys
from sdk.records.errors import UnknownRecordError
from sdk.records.reading import find
from sdk.records.record import SessionRecord

ENDED = frozenset({"settled", "refunded", "rejected"})
STEP_WH = 2
"""The station's exposure step, as energy."""


class Cell:
    """A station, a charge point and a driver's app for one phase."""

    def __init__(self, phase: str, world: World, station: TestStation) -> None:
        self.phase = phase
        self.world = world
        self.station = station
        self.app = ScriptedApp(world, station)
        self.charge_point = ScriptedChargePoint(
            station.id, station.password, world.launcher.urls["cpg"]
        )
        self.app_is_gone = False
        self.paid = 0
        """What a voucher allowed long before the fault struck."""
        self.trouble: str | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._close_gates()

    def _close_gates(self) -> None:
        match self.phase:
            case "authorising":
                self.charge_point.prompt.clear()
            case "starting" | "refunding":
                self.charge_point.starts.clear()
            case "stopping":
                self.charge_point.stops.clear()

    def begin(self, group: asyncio.TaskGroup) -> None:
        """Connect the charge point."""
        self._tasks["charge point"] = group.create_task(self._run(self.charge_point.run()))

    def connect_app(self, group: asyncio.TaskGroup) -> None:
        """Let the app find the station."""
        self._tasks["app"] = group.create_task(self._run(self.app.run()))

    async def _run(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 - one cell's trouble must not end the others
            self.trouble = said(error)

    def lead(self) -> None:
        """Let the session go as far as its own gates allow, but for the stop."""
        self.app.requests.set()
        if self.phase != "verifying":
            self.app.pays.set()

    def stop(self) -> None:
        """Let the driver stop it."""
        self.app.stops_early = self.phase == "refunding"
        if self.phase == "settling":
            self.app.store.approves.clear()
        self.app.stops.set()

    def release(self) -> None:
        """Open all gates: what was held goes on."""
        gates = [self.app.requests, self.app.pays, self.app.stops, self.app.store.approves]
        point = self.charge_point
        for gate in (*gates, point.prompt, point.starts, point.stops):
            gate.set()

    async def lose_app(self) -> None:
        """Let the driver's app vanish."""
        self.app_is_gone = True
        await self._end("app")

    async def end(self) -> None:
        """End what runs for this cell."""
        await self._end("app")
        await self._end("charge point")

    async def _end(self, name: str) -> None:
        task = self._tasks.get(name)
        if task is not None:
            task.cancel()
            await asyncio.wait({task})

    async def stands(self) -> str:
        """Read the phase of this cell's session; "" while there is none."""
        cp, session_id = self.station.id, self.app.session_id
        if not session_id:
            return ""
        places = (keys.session(cp, 1), keys.disputed(cp, session_id))
        on_connector, disputed = await self.world.bus.read_many(places)
        if on_connector.get("session_id") == session_id:
            return on_connector["phase"]
        record = await self.record()
        return record.outcome if record is not None else disputed.get("phase", "")

    async def record(self) -> SessionRecord | None:
        """Read what is kept of this cell's session, once it has ended."""
        with suppress(UnknownRecordError):
            return await find(self.world.bus, self.station.id, self.app.session_id)
        return None

    async def until(self, phase: str, seconds: float) -> None:
        """Wait for the session's phase. Raises TimeoutError naming where it stands."""
        began = monotonic()
        while (now := await self.stands()) != phase:
            if self.trouble is not None or monotonic() - began > seconds:
                troubles = [self.trouble, *self.app.troubles[-3:]]
                raise TimeoutError(f"{self.phase}: {now or 'no session'}, not {phase}: {troubles}")
            await asyncio.sleep(0.1)

    async def until_paid_for(self, seconds: float) -> None:
        """Wait until the app has signed for energy. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while not self.app.most_signed:  # noqa: ASYNC110 - another task
                await asyncio.sleep(0.1)
        self.paid = self.app.most_signed

    async def ended(self, seconds: float) -> str:
        """Wait until it has ended, and the app knows of it; give where it stands."""
        began = monotonic()
        while True:
            phase = await self.stands()
            knows = self.app_is_gone or self.app.is_over or self.trouble is not None
            if (phase in ENDED and knows) or monotonic() - began > seconds:
                return phase
            await asyncio.sleep(0.2)
