"""A scripted charge point for the console's tests: the state that gateway and manager would write.

    yard = Yard(world.bus)
    await yard.register()                    # CP-1 with two connectors, connected
    await yard.charge(40)                    # 40 readings of 90 Wh on connector 1
    async with yard.answering():             # answers as the Session Manager does
        ...

What it writes is what `session_manager.console_page` reads; nobody else plays its part.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sdk.bus import keys
from sdk.bus.interface import Commit, StateWrite
from sdk.bus.keys import Lane
from sdk.bus.redis_bus import RedisBus
from sdk.events.body import Body
from sdk.events.envelope import Envelope
from sdk.events.service import ChargingStatus
from sdk.events.station import (
    AccountBalance,
    BalanceReported,
    ChainReconnected,
    DidPublished,
    PublicKeyReported,
    SessionStopAccepted,
)
from sdk.ids import new_event_id, utc_now
from sdk.quarantine import WaitingChargePoint

POINT = "CP-1"
SESSION = "0x" + "ab" * 32
ACCOUNT = "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"
DID = f"did:ethr:0x7a69:{ACCOUNT}"
ETH = 10**18
PRICE = ETH // 4
DEPOSIT = 5 * ETH
TRANSACTION = 42

ANSWERS: dict[str, Body] = {
    "BalanceRequested": BalanceReported(
        chain_id=31337,
        block_number=1204,
        balances=(
            AccountBalance(account=ACCOUNT, role="station", token="0x" + "0" * 40, balance=3 * ETH),
        ),
    ),
    "PublicKeyRequested": PublicKeyReported(
        did=DID, address=ACCOUNT, public_key="0x02" + "79" * 32
    ),
    "DidPublishRequested": DidPublished(did=DID),
    "ChainReconnectRequested": ChainReconnected(chain_id=31337, block_number=1205, latency_ms=3),
    "SessionStopRequested": SessionStopAccepted(session_id=SESSION),
}
"""What the manager that is played says to each station command."""


class Yard:
    """Writes the state and events of charge points, and answers station commands."""

    def __init__(self, bus: RedisBus) -> None:
        self.bus = bus
        self.energy_wh = 0
        self.second = 0

    async def register(
        self,
        point: str = POINT,
        statuses: tuple[str, ...] = ("Available", "Available"),
        *,
        name: str = "",
        connected: bool = True,
        model: str = "Simulated",
    ) -> None:
        """Register a charge point as it was left by a gateway."""
        config = {
            "did": DID,
            "name": name,
            "connectors": str(len(statuses)),
            "tariff": json.dumps({"per_kwh": str(PRICE), "per_session": "0"}),
            "minimum_deposit": str(PRICE),
            "exposure_step": str(PRICE // 10),
        }
        boot = {"vendor": "Noroam", "model": model}
        state = {"connected": "1" if connected else "0", "boot": json.dumps(boot)}
        seen = utc_now().isoformat(timespec="milliseconds")
        await self.bus.write(keys.config(point), config)
        await self.bus.write(keys.state(point), {**state, "last_seen_at": seen})
        for number, status in enumerate(statuses, 1):
            error = "GroundFailure" if status == "Faulted" else "NoError"
            found = {"status": status, "error_code": error, "changed_at": seen}
            await self.bus.write(keys.connector(point, number), found)
        await self.bus.write(keys.identity(point), {"did": DID, "state": "published"})
        await self.bus.add_member(keys.STATIONS, point)

    async def register_several(self) -> None:
        """Register three: one with a name, one with a fault, one that is offline."""
        await self.register(name="Car park, level 2")
        await self.register("CP-2", ("Faulted",), model="Eve")
        await self.register("CP-10", ("Available",), connected=False)

    async def quarantine(self, point: str = "CP-9") -> None:
        """Have an unknown charge point wait to be admitted."""
        entry = WaitingChargePoint.model_validate(
            {
                "charge_point_id": point,
                "vendor": "Alfen",
                "model": "Eve",
                "address": "10.0.0.7",
                "first_seen": utc_now(),
                "last_seen": utc_now(),
            }
        )
        await self.bus.write(keys.QUARANTINE, {point: entry.model_dump_json()})

    async def show(self, phase: str, **fields: Any) -> None:
        """Write the session on connector 1 of CP-1 as it is in a phase, and tell of it."""
        cost = self.energy_wh * PRICE // 1000
        status = ChargingStatus.model_validate(
            {
                "session_id": SESSION,
                "phase": phase,
                "transaction_id": TRANSACTION,
                "energy_wh": self.energy_wh,
                "deposit": DEPOSIT,
                "cost": cost,
                "remaining": DEPOSIT - cost,
                "voucher": cost * 9 // 10,
                **fields,
            }
        )
        hash_ = {"phase": phase, "status": status.model_dump_json(), **self._receipt(phase, cost)}
        event = envelope(status, connector_id=1, session_id=SESSION)
        write = StateWrite(keys.session(POINT, 1), hash_)
        await self.bus.apply(Commit(POINT, writes=[write], events=[(Lane.OUT, event)]))

    async def charge(self, readings: int, step_wh: int = 90, **fields: Any) -> None:
        """Have connector 1 of CP-1 charge on, one reading a second."""
        connector = {"status": "Charging", "power_w": "11040", "transaction_id": str(TRANSACTION)}
        await self.bus.write(keys.connector(POINT, 1), connector)
        for _ in range(readings):
            self.second += 1
            self.energy_wh += step_wh
            power = 11_040 if self.second > 8 else 1_380 * self.second
            at = f"2026-03-01T10:{self.second // 60:02}:{self.second % 60:02}Z"
            await self.show("charging", sampled_at=at, power_w=power, **fields)

    @asynccontextmanager
    async def answering(self) -> AsyncIterator[None]:
        """Hold the lease of CP-1 and answer its commands as a Session Manager does."""
        await self.bus.acquire_lease(POINT, "played", 60)
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(self._answer())
            try:
                yield
            finally:
                task.cancel()

    async def _answer(self) -> None:
        async with self.bus.follow() as follower:
            lane = await follower.subscribe(POINT, Lane.IN, after="0")
            async for delivery in lane:
                command = delivery.envelope
                body = ANSWERS.get(command.type)
                if body is not None:
                    await self.bus.publish(Lane.OUT, envelope(body, caused_by=command.id))
                if command.type == "SessionStopRequested":
                    await self.show("stopping", stop_reason="operator")

    def _receipt(self, phase: str, cost: int) -> dict[str, str]:
        if phase != "settled":
            return {}
        line = {"item": "energy", "quantity": self.energy_wh, "unit": "Wh", "price": str(PRICE)}
        payload = {
            "outcome": "settled",
            "energy_wh": self.energy_wh,
            "price_lines": [{**line, "amount": str(cost)}],
            "stopped_at": "2026-03-01T10:12:00.000Z",
            "deposit": str(DEPOSIT),
            "spent": str(cost),
            "refund": str(DEPOSIT - cost),
            "transaction_hash": "0x" + "9c" * 32,
        }
        return {"receipt": json.dumps({"payload": json.dumps(payload), "signature": "0x"})}


def envelope(body: Body, **fields: Any) -> Envelope:
    """Put a body of CP-1 into an envelope."""
    given = {"id": new_event_id(), "charge_point_id": POINT, "at": utc_now()}
    return Envelope.model_validate({**given, "body": body.model_dump(), **fields})
