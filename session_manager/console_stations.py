"""Follows all stations on the bus and puts what they are doing on the board."""

import asyncio
from collections.abc import Callable

from sdk.bus import keys
from sdk.bus.interface import Bus, BusUnavailableError, Follower
from sdk.bus.keys import Lane
from sdk.events.envelope import Envelope
from session_manager.console_board import Board
from session_manager.console_page import ChainStatus
from session_manager.console_station import Station

NEW_STATIONS_S = 2.0
CHAIN_S = 1.0
RETRY_S = 0.5

ReadChain = Callable[[], ChainStatus]
Notice = Callable[[Envelope], None]


class Stations:
    """All registered charge points, new ones as they are added; `notice` sees all of `:out`."""

    def __init__(self, bus: Bus, board: Board, chain_status: ReadChain, notice: Notice) -> None:
        self._bus = bus
        self._board = board
        self._chain_status = chain_status
        self._notice = notice
        self._stations: dict[str, Station] = {}
        self._following: dict[str, asyncio.Task[None]] = {}

    def __contains__(self, charge_point_id: object) -> bool:
        """Tell whether this is a registered charge point."""
        return charge_point_id in self._stations

    async def follow(self, follower: Follower) -> None:
        """Follow all stations until cancelled; while Redis is down, try again."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._show_chain())
            self._following.clear()
            while True:
                await self._follow_registered(follower, tasks)
                await asyncio.sleep(NEW_STATIONS_S)

    async def _follow_registered(self, follower: Follower, tasks: asyncio.TaskGroup) -> None:
        try:
            registered = await self._bus.members(keys.STATIONS)
        except BusUnavailableError:
            return
        for charge_point_id in self._following.keys() - registered:
            self._forget(charge_point_id)
        for charge_point_id in sorted(registered - self._following.keys()):
            station = Station(charge_point_id, self._bus, self._board, self._chain_status)
            self._stations[charge_point_id] = station
            following = tasks.create_task(self._follow(station, follower))
            self._following[charge_point_id] = following

    def _forget(self, charge_point_id: str) -> None:
        self._following.pop(charge_point_id).cancel()
        del self._stations[charge_point_id]
        self._board.remove(charge_point_id)

    async def _follow(self, station: Station, follower: Follower) -> None:
        while True:
            try:
                await station.load()
                since = "0" if station.has_open_session else None
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(station.keep_showing())
                    tasks.create_task(self._read(station, follower, Lane.OUT, since))
                    tasks.create_task(self._read(station, follower, Lane.IN, None))
            except* BusUnavailableError:
                pass
            await asyncio.sleep(RETRY_S)

    async def _read(
        self, station: Station, follower: Follower, lane: Lane, after: str | None
    ) -> None:
        subscription = await follower.subscribe(station.charge_point_id, lane, after=after)
        try:
            async for delivery in subscription:
                if lane is Lane.OUT:
                    self._notice(delivery.envelope)
                station.see(delivery.envelope)
        finally:
            await subscription.close()

    async def _show_chain(self) -> None:
        while True:
            for station in self._stations.values():
                station.show_status()
            await asyncio.sleep(CHAIN_S)
