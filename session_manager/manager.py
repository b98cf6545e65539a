"""Leases charge points and drives them: as many as this process has keys for."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sdk.bus import keys
from sdk.bus.interface import Bus, BusUnavailableError, Follower, Lease
from sdk.errors import NoroamError
from sdk.logs import Logger, bind
from sdk.register import ChargePointConfig, ConfigError
from session_manager.driver import Driver

DriverFactory = Callable[[ChargePointConfig], Awaitable[Driver | None]]
"""Makes the driver of a charge point; None where its key is not ours."""


@dataclass(slots=True)
class _Driven:
    lease: Lease
    task: asyncio.Task[None]


class Manager:
    """Keeps the leases of all charge points that it can drive, and a driver for each."""

    def __init__(
        self,
        bus: Bus,
        owner: str,
        make_driver: DriverFactory,
        on_change: Callable[[str, bool], None],
        log: Logger,
        lease_seconds: float = 6.0,
    ) -> None:
        """`owner` names this process; `on_change` hears of each charge point gained or lost."""
        self._bus = bus
        self._owner = owner
        self._make_driver = make_driver
        self._on_change = on_change
        self._log = log
        self._ttl = lease_seconds
        self._driven: dict[str, _Driven] = {}

    async def run(self) -> None:
        """Lease and drive until cancelled; then give the leases back."""
        try:
            async with self._bus.follow() as follower, asyncio.TaskGroup() as group:
                while True:
                    try:
                        await self._round(group, follower)
                    except BusUnavailableError as error:
                        self._log.warning("leases wait for Redis: %s", error)
                    await asyncio.sleep(self._ttl / 3)
        finally:
            await self._release()

    async def _round(self, group: asyncio.TaskGroup, follower: Follower) -> None:
        for charge_point_id, driven in list(self._driven.items()):
            if driven.task.done():
                self._lost(charge_point_id)
        for charge_point_id in sorted(await self._bus.members(keys.STATIONS)):
            if charge_point_id in self._driven:
                await self._renew(charge_point_id)
            else:
                await self._take(charge_point_id, group, follower)
        registered = await self._bus.members(keys.STATIONS)
        for charge_point_id in set(self._driven) - registered:
            self._driven[charge_point_id].task.cancel()

    async def _renew(self, charge_point_id: str) -> None:
        driven = self._driven[charge_point_id]
        lease = await self._bus.acquire_lease(charge_point_id, self._owner, self._ttl)
        if lease is None or lease.guard != driven.lease.guard:
            driven.task.cancel()
            self._lost(charge_point_id)

    async def _take(
        self, charge_point_id: str, group: asyncio.TaskGroup, follower: Follower
    ) -> None:
        driver = await self._driver(charge_point_id)
        if driver is None:
            return
        lease = await self._bus.acquire_lease(charge_point_id, self._owner, self._ttl)
        if lease is None:
            return
        self._log.info("drives %s", charge_point_id, charge_point_id=charge_point_id)
        task = group.create_task(self._drive(driver, lease, follower))
        self._driven[charge_point_id] = _Driven(lease, task)
        self._on_change(charge_point_id, True)

    async def _driver(self, charge_point_id: str) -> Driver | None:
        fields = await self._bus.read(keys.config(charge_point_id))
        if not fields:
            return None
        try:
            config = ChargePointConfig.from_hash(charge_point_id, fields)
        except ConfigError as error:
            self._log.warning("can't drive %s: %s", charge_point_id, error)
            return None
        return await self._make_driver(config)

    async def _drive(self, driver: Driver, lease: Lease, follower: Follower) -> None:
        with bind(charge_point_id=lease.charge_point_id):
            try:
                await driver.run(lease, follower)
            except* NoroamError as errors:
                for error in errors.exceptions:
                    self._log.warning("stops driving %s: %s", lease.charge_point_id, error)

    def _lost(self, charge_point_id: str) -> None:
        del self._driven[charge_point_id]
        self._on_change(charge_point_id, False)

    async def _release(self) -> None:
        for driven in self._driven.values():
            try:
                await self._bus.release_lease(driven.lease)
            except BusUnavailableError:
                return
