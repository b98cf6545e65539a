"""Follows all stations on the bus and puts what they are doing on the board."""

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice
from typing import NamedTuple

from sdk.bus import keys
from sdk.bus.interface import Bus, BusUnavailableError, Follower, Subscription
from sdk.bus.keys import Lane
from sdk.events.envelope import Envelope
from sdk.gateways import LiveGateways
from sdk.ids import Clock
from session_manager.console_board import Board
from session_manager.console_reading import read_curves, read_hashes
from session_manager.console_station import Station

NEW_STATIONS_S = 2.0
RETRY_S = 0.5
SETTLE_S = 0.05
"""The shortest time between two readings of hashes."""
AT_ONCE = 50
"""Charge points that are read together."""
LOOK_AGAIN_S = 2.0
"""How often each is read although no event told of a change."""
MOST_LOOKS = 100
"""Charge points that are looked at again within a second; each of many has its turn less often."""

Notice = Callable[[Envelope], None]


class _Ear(NamedTuple):
    charge_point_id: str
    lane: Lane


class Stations:
    """All registered charge points, new ones as they are added; `notice` sees all of `:out`.

    While there is nobody to look, hashes are not read.
    """

    def __init__(
        self, bus: Bus, board: Board, clock: Clock, watches: Callable[[str], bool], notice: Notice
    ) -> None:
        """`watches` tells whether a page wants a charge point's details."""
        self._bus = bus
        self._board = board
        self._clock = clock
        self._watches = watches
        self._notice = notice
        self._gateways = LiveGateways(bus, clock)
        self._stations: dict[str, Station] = {}
        self._lanes: dict[_Ear, Subscription] = {}
        self._awake: dict[_Ear, None] = {}
        self._woken = asyncio.Event()
        self._waiting: dict[str, None] = {}
        self._happened = asyncio.Event()
        self._wanted = asyncio.Event()
        self._are_known = False

    def __contains__(self, charge_point_id: object) -> bool:
        """Tell whether this is a registered charge point."""
        return charge_point_id in self._stations

    def __len__(self) -> int:
        return len(self._stations)

    def look(self, charge_point_ids: Iterable[str] | None = None) -> None:
        """Read some charge points soon (None: all, and go on as somebody looks)."""
        if charge_point_ids is None:
            self._wanted.set()
            charge_point_ids = tuple(self._stations)
        for charge_point_id in charge_point_ids:
            if charge_point_id in self._stations:
                self._waiting[charge_point_id] = None
        self._happened.set()

    def rest(self) -> None:
        """Read no more, as nobody looks."""
        self._wanted.clear()

    def tell_bus(self, *, connected: bool) -> None:
        """Show whether Redis answers."""
        self._board.put("bus", {"connected": connected})

    async def follow(self, follower: Follower) -> None:
        """Follow all stations until cancelled; while Redis is down, try again."""
        self._lanes.clear()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._hear())
            tasks.create_task(self._keep_reading())
            tasks.create_task(self._look_again())
            while True:
                try:
                    await self._follow_registered(follower)
                except BusUnavailableError:
                    self.tell_bus(connected=False)
                await asyncio.sleep(NEW_STATIONS_S)

    async def _follow_registered(self, follower: Follower) -> None:
        registered = await self._bus.members(keys.STATIONS)
        for charge_point_id in self._stations.keys() - registered:
            await self._forget(charge_point_id)
        new = sorted(registered - self._stations.keys())
        for charge_point_id in new:
            self._stations[charge_point_id] = Station(charge_point_id, self._board, self._clock)
            self._board.forget_gone(charge_point_id)
        self._are_known = True
        self.look(new)
        for charge_point_id in sorted(self._stations):
            if _Ear(charge_point_id, Lane.IN) not in self._lanes:
                await self._listen(follower, charge_point_id)

    async def _listen(self, follower: Follower, charge_point_id: str) -> None:
        for lane in (Lane.OUT, Lane.IN):
            ear = _Ear(charge_point_id, lane)
            wake = partial(self._wake, ear)
            self._lanes[ear] = await follower.subscribe(
                charge_point_id, lane, after=None, on_wake=wake
            )
            self._wake(ear)
        self._stations[charge_point_id].is_heard = True
        self.look([charge_point_id])  # it may have changed before it was heard

    async def _forget(self, charge_point_id: str) -> None:
        del self._stations[charge_point_id]
        self._board.remove(charge_point_id)
        for lane in (Lane.OUT, Lane.IN):
            subscription = self._lanes.pop(_Ear(charge_point_id, lane), None)
            if subscription is not None:
                await subscription.close()

    def _wake(self, ear: _Ear) -> None:
        self._awake[ear] = None
        self._woken.set()

    async def _hear(self) -> None:
        """Take what comes on any lane, until cancelled."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            while self._awake:
                ear = next(iter(self._awake))
                del self._awake[ear]
                subscription = self._lanes.get(ear)
                if subscription is not None:
                    await self._take(ear, subscription)
                await asyncio.sleep(0)

    async def _take(self, ear: _Ear, subscription: Subscription) -> None:
        while delivery := await subscription.take():
            if ear.lane is Lane.OUT:
                self._notice(delivery.envelope)
            station = self._stations.get(ear.charge_point_id)
            if station is not None:
                station.see(delivery.envelope)
                self.look([ear.charge_point_id])

    async def _keep_reading(self) -> None:
        """Read and show what changed, until cancelled."""
        while True:
            await self._wanted.wait()
            await self._happened.wait()
            self._happened.clear()
            try:
                while self._waiting:
                    await self._read_some()
            except BusUnavailableError:
                self.tell_bus(connected=False)
                self._happened.set()
                await asyncio.sleep(RETRY_S)
                continue
            if self._are_known:
                self._board.complete()
            await asyncio.sleep(SETTLE_S)

    async def _read_some(self) -> None:
        some = list(islice(self._waiting, AT_ONCE))
        for charge_point_id in some:
            del self._waiting[charge_point_id]
        try:
            await self._show(some)
        except BusUnavailableError:
            self._waiting |= dict.fromkeys(some)
            raise
        self.tell_bus(connected=True)

    async def _show(self, some: list[str]) -> None:
        dead = await self._gateways.dead()
        lacking = []
        for charge_point_id, hashes in (await read_hashes(self._bus, some)).items():
            station = self._stations.get(charge_point_id)
            if station is not None:
                station.show(hashes, dead, is_watched=self._watches(charge_point_id))
                lacking += station.lacking()
        for wanted, readings in await read_curves(self._bus, lacking):
            station = self._stations.get(wanted.charge_point_id)
            if station is not None:
                station.restore(wanted, readings)

    async def _look_again(self) -> None:
        """Have each charge point read now and then, until cancelled."""
        turn: list[str] = []
        while True:
            await asyncio.sleep(1.0)
            await self._wanted.wait()
            count = min(MOST_LOOKS, -(-len(self._stations) // int(LOOK_AGAIN_S)))
            if not turn:
                turn = sorted(self._stations, reverse=True)
            self.look(turn[-count:])
            del turn[-count:]
