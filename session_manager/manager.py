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
from session_manager.faults import fault_of, reasons

DriverFactory = Callable[[ChargePointConfig], Awaitable[Driver | None]]
"""Makes the driver of a charge point; None where its key is not ours."""

_RENEWALS = 3
"""A lease is renewed this many times before it would run out."""


@dataclass(frozen=True, slots=True)
class _Driven:
    config: ChargePointConfig
    driver: Driver
    lease: Lease
    task: asyncio.Task[None]

    def suits(self, config: ChargePointConfig | None) -> bool:
        """Tell whether the driver is right for what the register says now.

        Another account is taken up when the sessions that pay to the old one are over.
        """
        if config is None or config.connectors != self.config.connectors:
            return False
        return config.did.lower() == self.config.did.lower() or not self.driver.is_free


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
        self._told: dict[str, str] = {}

    async def run(self) -> None:
        """Lease and drive until cancelled; then give the leases back."""
        try:
            async with self._bus.follow() as follower, asyncio.TaskGroup() as group:
                group.create_task(self._repeat(self._renew_all))
                await self._repeat(lambda: self._look(group, follower))
        finally:
            await self._release_all()

    async def _repeat(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except* BusUnavailableError as errors:
                self._log.warning("leases wait for Redis: %s", reasons(errors)[0])
            await asyncio.sleep(self._ttl / _RENEWALS)

    async def _renew_all(self) -> None:
        async with asyncio.TaskGroup() as group:
            for driven in self._driven.values():
                if not driven.task.done():
                    group.create_task(self._renew(driven))

    async def _renew(self, driven: _Driven) -> None:
        charge_point_id = driven.lease.charge_point_id
        lease = await self._bus.acquire_lease(charge_point_id, self._owner, self._ttl)
        if lease is None or lease.guard != driven.lease.guard:
            self._log.warning("lost the lease of %s", charge_point_id)
            driven.task.cancel()

    async def _look(self, group: asyncio.TaskGroup, follower: Follower) -> None:
        configs = await self._configs()
        for charge_point_id, driven in list(self._driven.items()):
            if not driven.task.done() and not driven.suits(configs.get(charge_point_id)):
                driven.task.cancel()
                await asyncio.wait({driven.task})
            if driven.task.done():
                del self._driven[charge_point_id]
                await self._bus.release_lease(driven.lease)
        for charge_point_id, config in configs.items():
            if charge_point_id not in self._driven:
                await self._take(config, group, follower)

    async def _configs(self) -> dict[str, ChargePointConfig]:
        ids = sorted(await self._bus.members(keys.STATIONS))
        hashes = await self._bus.read_many([keys.config(item) for item in ids])
        configs: dict[str, ChargePointConfig] = {}
        for charge_point_id, fields in zip(ids, hashes, strict=True):
            try:
                configs[charge_point_id] = ChargePointConfig.from_hash(charge_point_id, fields)
            except ConfigError as error:
                if self._told.get(charge_point_id) != str(error):
                    self._told[charge_point_id] = str(error)
                    self._log.warning("can't drive %s: %s", charge_point_id, error)
        return configs

    async def _take(
        self, config: ChargePointConfig, group: asyncio.TaskGroup, follower: Follower
    ) -> None:
        driver = await self._make_driver(config)
        if driver is None:
            return
        lease = await self._bus.acquire_lease(config.charge_point_id, self._owner, self._ttl)
        if lease is None:
            return
        task = group.create_task(self._drive(driver, lease, follower))
        self._driven[config.charge_point_id] = _Driven(config, driver, lease, task)

    async def _drive(self, driver: Driver, lease: Lease, follower: Follower) -> None:
        charge_point_id = lease.charge_point_id
        with bind(charge_point_id=charge_point_id):
            self._log.info("drives %s", charge_point_id)
            self._on_change(charge_point_id, True)
            try:
                fault = await fault_of(driver.run(lease, follower))
            finally:
                self._on_change(charge_point_id, False)
            for reason in reasons(fault) if fault is not None else ():
                known = isinstance(reason, NoroamError)
                exc_info = None if known else reason
                self._log.warning(
                    "stops driving %s: %s", charge_point_id, reason, exc_info=exc_info
                )

    async def _release_all(self) -> None:
        for driven in self._driven.values():
            try:
                await self._bus.release_lease(driven.lease)
            except BusUnavailableError:
                return
