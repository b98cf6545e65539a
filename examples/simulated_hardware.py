"""The machine of the simulated charge point: what people and the central system do to it.

It knows no socket; whatever must be told is told by its state's `put`.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from typing import Any

from ocpp.v16.enums import (
    AvailabilityStatus,
    ChargePointErrorCode,
    ChargePointStatus,
    Reason,
    ReservationStatus,
    UnlockStatus,
)

from sdk.ids import utc_now
from simulated_car import Plug, Transaction
from simulated_charging import Charging
from simulated_outbox import say
from simulated_profiles import read_profile
from simulated_reservations import Reservation
from simulated_state import State

_OCCUPIED = ReservationStatus.occupied
_WHY_NOT = {
    ChargePointStatus.faulted: ReservationStatus.faulted,
    ChargePointStatus.unavailable: ReservationStatus.unavailable,
}


class Hardware:
    """Outlives its connections; `on_reboot` is called once everything has ended for a reset."""

    def __init__(self, state: State, on_reboot: Callable[[], None]) -> None:
        self.state = state
        self.charging = Charging(state)
        self._on_reboot = on_reboot
        self._tasks: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Charge whatever is plugged in, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            await asyncio.Event().wait()

    def spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None] | None":
        """Do something beside all else; nothing is done before `run`."""
        if self._tasks is not None:
            return self._tasks.create_task(work)
        work.close()
        return None

    def plug_in(self, connector: int = 1) -> None:
        """Plug a car in."""
        plug = self.state.plugs[connector]
        say(f"plugged in at {connector}")
        plug.has_cable = True
        plug.wake.set()
        if plug.status is ChargePointStatus.available:
            self.state.set_status(plug, ChargePointStatus.preparing)

    def pull(self, connector: int = 1) -> None:
        """Pull the cable at the car, which ends a transaction, and take it away."""
        plug = self.state.plugs[connector]
        say(f"unplugged at {connector}")
        plug.has_cable = False
        if plug.transaction is not None:
            if plug.status is ChargePointStatus.charging:
                self.state.set_status(plug, ChargePointStatus.suspended_ev)
            plug.end(Reason.ev_disconnected)
        elif plug.error is ChargePointErrorCode.connector_lock_failure:
            plug.status = ChargePointStatus.finishing  # what was wrong with it is pulled as well
        self.state.rest(plug)

    def replug(self) -> None:
        """Pull the cable of each car that there is, and plug one in where there is none."""
        for plug in self.state.plugs.values():
            if plug.status is ChargePointStatus.available:
                self.plug_in(plug.number)
            elif plug.transaction is not None or plug.has_cable:
                self.pull(plug.number)

    async def present(self, id_tag: str, connector: int = 1) -> None:
        """Hold a card to the reader: it starts a transaction, or stops its own."""
        plug = self.state.plugs[connector]
        if plug.transaction is not None:
            if await self._may_stop(plug.transaction, id_tag):
                plug.end(Reason.local)
        elif plug.is_free:
            self._begin(plug, id_tag, is_remote=False)

    async def _may_stop(self, running: Transaction, id_tag: str) -> bool:
        if id_tag.casefold() == running.id_tag.casefold():
            return True
        info = self.state.tags.known(id_tag) or await self.charging.asked(id_tag) or {}
        return running.parent_id_tag is not None is not info.get("parent_id_tag") and (
            info["parent_id_tag"] == running.parent_id_tag
        )

    def remote_start(
        self, id_tag: str, connector: int | None, profile: Mapping[str, Any] | None = None
    ) -> bool:
        """Take a remote start, if a plug is free; without a connector, at the first that is."""
        state, info = self.state, self.state.tags.known(id_tag) or {}
        if state.options.reject_start or not state.knows(connector):
            return False
        for plug in state.at(connector):
            if plug.is_free and not state.is_barred(plug, id_tag, info.get("parent_id_tag")):
                if profile is not None:
                    state.profiles.add(read_profile(plug.number, profile))
                self._begin(plug, id_tag, is_remote=True)
                return True
        return False

    def _begin(self, plug: Plug, id_tag: str, *, is_remote: bool) -> None:
        plug.transaction = Transaction(id_tag, int(plug.meter_wh), is_remote=is_remote)
        self.spawn(self.charging.charge(plug, plug.transaction))

    def remote_stop(self, transaction_id: int) -> bool:
        """Take a remote stop, if that transaction runs."""
        for plug in self.state.plugs.values():
            if plug.transaction is not None and plug.transaction.number == transaction_id:
                plug.end(Reason.remote)
                return True
        return False

    def unlock(self, connector: int) -> UnlockStatus:
        """Unlock a plug, which ends its transaction (UnlockConnector, 5.18)."""
        plug = self.state.plugs.get(connector)
        if plug is None or self.state.options.fixed_cable:
            return UnlockStatus.not_supported
        if "unlock" in self.state.script.failures:
            error = ChargePointErrorCode.connector_lock_failure
            self.state.set_status(plug, ChargePointStatus.faulted, error)
            return UnlockStatus.unlock_failed
        plug.end(Reason.unlock_command)
        return UnlockStatus.unlocked

    def make(self, connector: int, *, operative: bool) -> AvailabilityStatus:
        """Change the availability of a plug, or of all (ChangeAvailability, 5.2)."""
        if not self.state.knows(connector):
            return AvailabilityStatus.rejected
        plugs = self.state.at(connector)
        for plug in plugs:
            plug.is_operative = operative
            self.state.rest(plug)
        if not connector:
            self.state.is_operative = operative
            self.state.tell_whole()
        if not operative and any(plug.transaction is not None for plug in plugs):
            return AvailabilityStatus.scheduled
        return AvailabilityStatus.accepted

    def reserve(self, wanted: Reservation) -> ReservationStatus:
        """Take a reservation (ReserveNow, 5.13)."""
        state = self.state
        if not state.knows(wanted.connector) or wanted.expires_at <= utc_now():
            return ReservationStatus.rejected
        plugs = state.at(wanted.connector)
        if wanted.number not in state.reservations and not any(
            plug.status is ChargePointStatus.available for plug in plugs
        ):
            why = {_WHY_NOT.get(plug.status, _OCCUPIED) for plug in plugs}
            return why.pop() if len(why) == 1 else _OCCUPIED
        self.cancel(wanted.number)
        state.reservations.add(wanted)
        self._rest_all()
        self.spawn(self._expire(wanted.expires_at))
        return ReservationStatus.accepted

    def cancel(self, number: int) -> bool:
        """Let a reservation go, if there is one of this number (CancelReservation, 5.1)."""
        found = self.state.reservations.remove(number)
        self._rest_all()
        return found is not None

    async def _expire(self, at: datetime) -> None:
        await asyncio.sleep((at - utc_now()).total_seconds())
        if self.state.reservations.lapsed():
            self._rest_all()

    def _rest_all(self) -> None:
        for plug in self.state.plugs.values():
            if plug.status in (ChargePointStatus.available, ChargePointStatus.reserved):
                self.state.rest(plug)

    def reset(self, reason: Reason) -> None:
        """End all transactions, then boot again."""
        self.end_all(reason)
        self.spawn(self._reboot())

    def end_all(self, reason: Reason) -> None:
        """End all transactions."""
        for plug in self.state.plugs.values():
            plug.end(reason)

    async def _reboot(self) -> None:
        await self.charging.all_ended()
        self._on_reboot()
