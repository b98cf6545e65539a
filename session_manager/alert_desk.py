"""Holds the alert desk while nobody else does, and has its work done meanwhile."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from sdk.bus import keys
from sdk.bus.interface import Bus, BusUnavailableError, Lease
from sdk.errors import NoroamError
from sdk.logs import Logger
from session_manager.alert_lease import Desk, LeaseLostError
from session_manager.faults import fault_of, reasons

_RENEWALS = 3
"""The lease is renewed this many times before it would run out."""


class AlertDesk:
    """Takes the lease as soon as it is free; a fault in the work only begins it anew."""

    def __init__(
        self, bus: Bus, owner: str, desks: Sequence[Desk], log: Logger, lease_seconds: float = 6.0
    ) -> None:
        """`owner` names this process."""
        self._bus = bus
        self._owner = owner
        self._desks = desks
        self._log = log
        self._ttl = lease_seconds

    async def run(self) -> None:
        """Hold the desk, or wait for it, until cancelled."""
        while True:
            fault = await fault_of(self._take())
            for reason in reasons(fault) if fault is not None else ():
                exc_info = None if isinstance(reason, NoroamError) else reason
                self._log.warning("the alert desk begins anew: %s", reason, exc_info=exc_info)
            await asyncio.sleep(self._ttl / _RENEWALS)

    async def _take(self) -> None:
        lease = await self._bus.acquire_lease(keys.ALERT_DESK, self._owner, self._ttl)
        if lease is None:
            return
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._renew(lease))
                for desk in self._desks:
                    group.create_task(desk.run(lease.guard))
        finally:
            with suppress(BusUnavailableError):  # it runs out
                await self._bus.release_lease(lease)

    async def _renew(self, held: Lease) -> None:
        while True:
            await asyncio.sleep(self._ttl / _RENEWALS)
            lease = await self._bus.acquire_lease(keys.ALERT_DESK, self._owner, self._ttl)
            if lease is None or lease.guard != held.guard:
                raise LeaseLostError("another Session Manager has the alert desk")
