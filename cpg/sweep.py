"""Finds charge points whose gateway died without a word, and tells that they are gone."""

import asyncio
import time
from collections.abc import Callable

from cpg.peer import Peer, SupersededError
from cpg.presence import disconnect
from sdk.bus import keys
from sdk.bus.interface import Bus, BusUnavailableError, Commit, Guard
from sdk.gateways import DEAD_AFTER_S, dead_gateways
from sdk.ids import Clock
from sdk.logs import Logger
from sdk.records.presence import written_entries

ALIVE_EVERY_S = 2.0
_LOOK_EVERY_S = 60.0
_AT_ONCE = 100
"""States read together: what is said meanwhile should not have to wait."""

_WRITTEN_BY_US = {"connected", "gateway", "fence", "generation"}
"""Without these fields nobody can tell whose socket a state speaks of."""


class Sweep:
    """Keeps this gateway's sign of life, and looks for those of others.

    All charge points are looked at when a gateway has died, and once in a while. Nobody is judged
    until signs could be given for long enough: after a failure of Redis all look dead at first.
    """

    def __init__(
        self, bus: Bus, owner: str, holds: Callable[[str], bool], clock: Clock, log: Logger
    ) -> None:
        """`owner` names this gateway, `holds` tells whether it serves a charge point."""
        self._bus = bus
        self._owner = owner
        self._holds = holds
        self._clock = clock
        self._log = log
        self._steady_since = time.monotonic()
        self._next_look = 0.0

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                await self._round()
            except BusUnavailableError as error:
                self._log.warning("no sign of life: %s", error)
                self._steady_since = time.monotonic()
            except Exception:  # noqa: BLE001 - a fault here must not end the sockets of a gateway
                self._log.exception("no look at other gateways")
            await asyncio.sleep(ALIVE_EVERY_S)

    async def _round(self) -> None:
        await self._bus.write(keys.GATEWAYS, {self._owner: self._clock().isoformat()})
        now = time.monotonic()
        if now - self._steady_since < DEAD_AFTER_S:
            return
        alive, dead = await self._gateways()
        if dead or now >= self._next_look:
            await self._look(alive)
            self._next_look = now + _LOOK_EVERY_S
        if dead:
            await self._bus.apply(Commit(self._owner, removed_fields={keys.GATEWAYS: dead}))

    async def _gateways(self) -> tuple[set[str], list[str]]:
        signs = await self._bus.read(keys.GATEWAYS)
        dead = dead_gateways(signs, self._clock(), DEAD_AFTER_S)
        return set(signs) - dead, sorted(dead)

    async def _look(self, alive: set[str]) -> None:
        ids = sorted(await self._bus.members(keys.STATIONS))
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            states = await self._bus.read_many([keys.state(item) for item in some])
            for charge_point_id, state in zip(some, states, strict=True):
                if not state.keys() >= _WRITTEN_BY_US or state["connected"] != "1":
                    continue
                if not self._is_held(charge_point_id, state, alive):
                    await self._tell(charge_point_id, state)

    def _is_held(self, charge_point_id: str, state: dict[str, str], alive: set[str]) -> bool:
        if state.get("gateway") == self._owner:
            return self._holds(charge_point_id)
        return state.get("gateway") in alive

    async def _tell(self, charge_point_id: str, state: dict[str, str]) -> None:
        guard = Guard(keys.gateway(charge_point_id), state["fence"])
        peer = Peer(charge_point_id, guard, int(state["generation"]), self._bus, self._clock)
        peer.presence = written_entries(state)
        try:
            await disconnect(peer, "gateway_lost")
        except SupersededError:
            return
        self._log.warning("its gateway is gone", charge_point_id=charge_point_id)
