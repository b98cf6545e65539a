"""Finds charge points whose gateway died without a word, and tells that they are gone."""

import asyncio
from datetime import datetime, timedelta

from cpg.connection import disconnect
from cpg.peer import Peer, SupersededError
from sdk.bus import keys
from sdk.bus.interface import Bus, BusUnavailableError, Guard
from sdk.ids import Clock
from sdk.logs import Logger

ALIVE_EVERY_S = 2.0
DEAD_AFTER_S = 8.0


class Sweep:
    """Keeps this gateway's sign of life, and looks for those of others."""

    def __init__(self, bus: Bus, owner: str, clock: Clock, log: Logger) -> None:
        """`owner` names this gateway."""
        self._bus = bus
        self._owner = owner
        self._clock = clock
        self._log = log

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                await self._bus.write(keys.GATEWAYS, {self._owner: self._clock().isoformat()})
                await self._look()
            except BusUnavailableError as error:
                self._log.warning("no sign of life: %s", error)
            await asyncio.sleep(ALIVE_EVERY_S)

    async def _look(self) -> None:
        alive = await self._alive()
        ids = sorted(await self._bus.members(keys.STATIONS))
        states = await self._bus.read_many([keys.state(item) for item in ids])
        for charge_point_id, state in zip(ids, states, strict=True):
            if state.get("connected") == "1" and state.get("gateway") not in alive:
                await self._tell(charge_point_id, state)

    async def _alive(self) -> set[str]:
        oldest = self._clock() - timedelta(seconds=DEAD_AFTER_S)
        signs = await self._bus.read(keys.GATEWAYS)
        return {owner for owner, at in signs.items() if datetime.fromisoformat(at) > oldest}

    async def _tell(self, charge_point_id: str, state: dict[str, str]) -> None:
        guard = Guard(keys.gateway(charge_point_id), state["fence"])
        peer = Peer(charge_point_id, guard, int(state["generation"]), self._bus, self._clock)
        try:
            await disconnect(peer, "gateway_lost")
        except SupersededError:
            return
        self._log.warning("its gateway is gone", charge_point_id=charge_point_id)
