"""Leases charge points and drives them: as many as this process has keys for.

A driver is made, and for that its key opened, before the lease is free: who takes over from a dead
manager has nothing left to prepare.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from sdk.bus.interface import Bus, BusUnavailableError, Follower, Lease
from sdk.errors import NoroamError
from sdk.logs import Logger, bind
from sdk.register import ChargePointConfig
from session_manager.driver import Driver
from session_manager.faults import fault_of, reasons
from session_manager.roster import Roster, batches

DriverFactory = Callable[[ChargePointConfig], Awaitable[Driver | None]]
"""Makes the driver of a charge point; None where its key is not ours."""

_RENEWALS = 3
"""A lease is renewed this many times before it would run out."""
_LOOKS_FOR_RENEWALS = 10
"""How often leases are looked at in the time after which one is renewed."""


@dataclass(frozen=True, slots=True)
class _Ready:
    """A driver that only lacks its lease."""

    config: ChargePointConfig
    driver: Driver

    def suits(self, config: ChargePointConfig | None) -> bool:
        """Tell whether it is the driver for what the register says now."""
        return config is not None and _identity(config) == _identity(self.config)


@dataclass(slots=True)
class _Driven:
    config: ChargePointConfig
    driver: Driver
    lease: Lease
    renewed_at: float
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
        self._roster = Roster(bus, log)
        self._driven: dict[str, _Driven] = {}
        self._ready: dict[str, _Ready] = {}
        self._preparing: set[str] = set()
        self._known: set[str] = set()

    async def run(self) -> None:
        """Lease and drive until cancelled; then give the leases back."""
        pause = self._ttl / _RENEWALS
        try:
            async with self._bus.follow() as follower, asyncio.TaskGroup() as group:
                group.create_task(self._repeat(self._renew_due, pause / _LOOKS_FOR_RENEWALS))
                await self._repeat(lambda: self._look(group, follower), pause)
        finally:
            await self._release_all()

    async def _repeat(self, work: Callable[[], Awaitable[None]], pause: float) -> None:
        while True:
            try:
                await work()
            except* BusUnavailableError as errors:
                self._log.warning("leases wait for Redis: %s", reasons(errors)[0])
                await asyncio.sleep(self._ttl / _RENEWALS)
            else:
                await asyncio.sleep(pause)

    async def _renew_due(self) -> None:
        before = asyncio.get_running_loop().time() - self._ttl / _RENEWALS
        due = (it for it in self._driven.values() if it.renewed_at <= before)
        for part in batches([driven for driven in due if not driven.task.done()]):
            async with asyncio.TaskGroup() as group:
                for driven in part:
                    group.create_task(self._renew(driven))

    async def _renew(self, driven: _Driven) -> None:
        charge_point_id, asked_at = driven.lease.charge_point_id, asyncio.get_running_loop().time()
        lease = await self._bus.acquire_lease(charge_point_id, self._owner, self._ttl)
        driven.renewed_at = asked_at
        if lease is None or lease.guard != driven.lease.guard:
            self._log.warning("lost the lease of %s", charge_point_id)
            driven.task.cancel()

    async def _look(self, group: asyncio.TaskGroup, follower: Follower) -> None:
        configs = await self._roster.read()
        await self._leave(configs)
        self._ready = {n: it for n, it in self._ready.items() if it.suits(configs.get(n))}
        ready = [name for name in self._ready if name not in self._driven]
        secrets.SystemRandom().shuffle(ready)  # managers that look at once share what is free
        for part in batches(await self._roster.free(ready, self._owner)):
            async with asyncio.TaskGroup() as taking:
                for charge_point_id in part:
                    taking.create_task(self._take(charge_point_id, group, follower))
        await self._prepare(configs.values(), group, follower)

    async def _leave(self, configs: dict[str, ChargePointConfig]) -> None:
        for charge_point_id, driven in list(self._driven.items()):
            if not driven.task.done() and not driven.suits(configs.get(charge_point_id)):
                driven.task.cancel()
                await asyncio.wait({driven.task})
            if driven.task.done():
                del self._driven[charge_point_id]
                await self._bus.release_lease(driven.lease)

    async def _prepare(
        self, configs: Iterable[ChargePointConfig], group: asyncio.TaskGroup, follower: Follower
    ) -> None:
        """Make drivers, those with open sessions first: opening many keys takes a while."""
        busy = self._driven.keys() | self._ready.keys() | self._preparing
        lacking = [config for config in configs if config.charge_point_id not in busy]
        if any(config.charge_point_id not in self._known for config in lacking):
            self._known.update(config.charge_point_id for config in lacking)
            lacking = await self._roster.busy_first(lacking)
        for config in lacking:
            self._preparing.add(config.charge_point_id)
            group.create_task(self._make(config, group, follower))

    async def _make(
        self, config: ChargePointConfig, group: asyncio.TaskGroup, follower: Follower
    ) -> None:
        charge_point_id = config.charge_point_id
        try:
            driver = await self._make_driver(config)
            if driver is not None:
                self._ready[charge_point_id] = _Ready(config, driver)
                with suppress(BusUnavailableError):  # the next look tries again
                    await self._take(charge_point_id, group, follower)
        finally:
            self._preparing.discard(charge_point_id)

    async def _take(
        self, charge_point_id: str, group: asyncio.TaskGroup, follower: Follower
    ) -> None:
        ready, asked_at = self._ready.pop(charge_point_id), asyncio.get_running_loop().time()
        lease = await self._bus.acquire_lease(charge_point_id, self._owner, self._ttl)
        if lease is None:
            self._ready[charge_point_id] = ready
            return
        task = group.create_task(self._drive(ready.driver, lease, follower))
        self._driven[charge_point_id] = _Driven(ready.config, ready.driver, lease, asked_at, task)

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
        try:
            for part in batches(self._driven.values()):
                async with asyncio.TaskGroup() as group:
                    for driven in part:
                        group.create_task(self._bus.release_lease(driven.lease))
        except* BusUnavailableError:
            pass  # they run out


def _identity(config: ChargePointConfig) -> tuple[str, int]:
    return config.did.lower(), config.connectors
