"""The course of one transaction, from the tag that was shown to the car that leaves."""

import asyncio
import contextlib
from dataclasses import replace
from typing import Any

from ocpp.v16 import call
from ocpp.v16.enums import (
    ChargePointErrorCode,
    ChargePointStatus,
    ChargingProfilePurposeType,
    Reason,
)

from simulated_car import Plug, Transaction, sample
from simulated_outbox import now, say
from simulated_state import State
from simulated_tags import is_accepted

FULL = 0.999
_WITHOUT_SAMPLES_S = 60.0


class Charging:
    """Goes through transactions; one at a time for each plug."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._options = state.options
        self._ended = asyncio.Condition()

    async def charge(self, plug: Plug, transaction: Transaction) -> None:
        """Go through one transaction, which is the plug's already."""
        state, has_charged = self._state, False
        if not await self._may_charge(plug, transaction):
            say(f"idTag {transaction.id_tag} may not charge")
        elif await self._connect(plug, transaction) and await self._start(plug, transaction):
            has_charged = True
            state.set_status(plug, ChargePointStatus.charging)
            while transaction.stopping is None:
                await self._tick(plug, transaction)
            await self._stop(plug, transaction)
        state.profiles.clear(connector=plug.number, purpose=ChargingProfilePurposeType.tx_profile)
        async with self._ended:
            plug.transaction = None
            self._ended.notify_all()
        if not self._options.wait_for_cable:
            plug.has_cable = False
        state.rest(plug, has_charged=has_charged)

    async def all_ended(self) -> None:
        """Wait until no transaction runs."""
        plugs = self._state.plugs.values()
        async with self._ended:
            await self._ended.wait_for(lambda: all(plug.transaction is None for plug in plugs))

    async def asked(self, id_tag: str) -> dict[str, Any] | None:
        """Ask the central system for a tag; None: it did not answer that."""
        answer = await self._state.put(call.Authorize(id_tag))
        if answer is None:
            return None
        info: dict[str, Any] = answer.id_tag_info
        self._state.tags.learn(id_tag, info)
        return info

    async def _may_charge(self, plug: Plug, transaction: Transaction) -> bool:
        state, tag = self._state, transaction.id_tag
        info = state.tags.known(tag)
        if is_accepted(info):
            may = True
        elif not state.is_online:
            may = info is None and state.configuration.is_on("AllowOfflineTxForUnknownId")
        elif transaction.is_remote and not state.configuration.is_on("AuthorizeRemoteTxRequests"):
            may = True
        else:
            info = await self.asked(tag)
            may = is_accepted(info)
        transaction.parent_id_tag = (info or {}).get("parent_id_tag")
        return may and not state.is_barred(plug, tag, transaction.parent_id_tag)

    async def _connect(self, plug: Plug, transaction: Transaction) -> bool:
        """Wait for the cable, and lock it."""
        state = self._state
        state.set_status(plug, ChargePointStatus.preparing)
        seconds = state.configuration.number("ConnectionTimeOut") / self._options.speed
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._options.wait_for_cable and not plug.has_cable:
                    plug.wake.clear()
                    if transaction.stopping is not None:
                        return False
                    await plug.wake.wait()
                return self._lock(plug)
        say(f"no cable was plugged in at {plug.number}")
        return False

    def _lock(self, plug: Plug) -> bool:
        if "lock" not in self._state.script.failures:
            return True
        error = ChargePointErrorCode.connector_lock_failure
        self._state.set_status(plug, ChargePointStatus.faulted, error)
        return False

    async def _start(self, plug: Plug, transaction: Transaction) -> bool:
        state, tag = self._state, transaction.id_tag
        used = state.reservation_used(plug, tag, transaction.parent_id_tag)
        answer = state.put(
            call.StartTransaction(
                plug.number,
                tag,
                transaction.meter_start,
                timestamp=now(),
                reservation_id=None if used is None else used.number,
            )
        )
        if state.is_online:
            return self._started(plug, transaction, await answer)
        answer.add_done_callback(lambda done: self._started(plug, transaction, done.result()))
        return True

    def _started(self, plug: Plug, transaction: Transaction, answer: Any) -> bool:  # noqa: ANN401 - the package's
        if answer is None:
            say("the start was not taken")
            return False
        transaction.number = answer.transaction_id
        self._state.tags.learn(transaction.id_tag, answer.id_tag_info)
        say(f"started transaction {transaction.number} at {transaction.meter_start} Wh")
        stops = self._state.configuration.is_on("StopTransactionOnInvalidId")
        if answer.id_tag_info["status"] != "Accepted" and stops:
            plug.end(Reason.de_authorized)
        return True

    async def _tick(self, plug: Plug, transaction: Transaction) -> None:
        interval = self._state.configuration.number("MeterValueSampleInterval")
        seconds = interval or _WITHOUT_SAMPLES_S
        loop = asyncio.get_running_loop()
        began = loop.time()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds / self._options.speed):
                await plug.wake.wait()
        plug.wake.clear()
        passed = min((loop.time() - began) * self._options.speed, seconds)
        power = self._deliver(plug, transaction, passed)
        if transaction.stopping is None:
            if interval:
                self._tell_meter(plug, transaction, power)
            self._look_at_car(plug, transaction)

    def _deliver(self, plug: Plug, transaction: Transaction, seconds: float) -> float:
        transaction.simulated_s += seconds
        began = transaction.started_at
        limit = self._state.profiles.limit(plug.number, transaction.moment, began)
        maximum = self._options.power if limit is None else min(limit, self._options.power)
        power = plug.car.power(transaction.simulated_s, maximum)
        plug.meter_wh += power * seconds / 3600
        plug.car.charged_wh += power * seconds / 3600
        return power

    def _tell_meter(self, plug: Plug, transaction: Transaction, power: float) -> None:
        message = sample(plug, power)
        if transaction.number is None:  # it started offline, and gets its number with this
            self._state.put(lambda: replace(message, transaction_id=transaction.number))
        else:
            self._state.put(message)

    def _look_at_car(self, plug: Plug, transaction: Transaction) -> None:
        charged = plug.meter_wh - transaction.meter_start
        if self._options.stop_after_wh and charged >= self._options.stop_after_wh:
            plug.end(Reason.local)
        elif plug.car.soc >= FULL and not self._options.stay_when_full:
            plug.end(Reason.ev_disconnected)
        elif plug.car.soc >= FULL:
            self._state.set_status(plug, ChargePointStatus.suspended_ev)

    async def _stop(self, plug: Plug, transaction: Transaction) -> None:
        stop = call.StopTransaction(
            meter_stop=int(plug.meter_wh),
            timestamp=now(),
            transaction_id=0,
            reason=transaction.stopping,
            id_tag=transaction.id_tag,
        )
        self._state.set_status(plug, ChargePointStatus.finishing)
        answer = self._state.put(lambda: replace(stop, transaction_id=transaction.number or 0))
        if self._state.is_online:
            await answer
        reason = transaction.stopping
        say(f"stopped transaction {transaction.number} at {stop.meter_stop} Wh ({reason})")
