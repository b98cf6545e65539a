"""What the register tells gateways, and to whom a DID belongs."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sdk import quarantine
from sdk.bus import keys
from sdk.bus.interface import Commit
from sdk.bus.keys import Lane
from sdk.bus.limits import Limits
from sdk.bus.memory_bus import MemoryBus
from sdk.events.charge_point import (
    ChargePointConfigChanged,
)
from sdk.quarantine import WaitingChargePoint
from sdk.register import ChargePointConfig, ConfigError, Register, checked_config, station_did
from sdk.tariff import Tariff

ACCOUNT = "0x" + "aB" * 20
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def config(charge_point_id: str = "CP1", account: str = ACCOUNT, **more: Any) -> ChargePointConfig:
    return checked_config(
        {
            "charge_point_id": charge_point_id,
            "did": station_did(31337, account),
            "tariff": Tariff(per_kwh=3 * 10**17),
            **more,
        }
    )


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus()


@pytest.fixture
def register(bus: MemoryBus) -> Register:
    return Register(bus)


async def told(bus: MemoryBus, charge_point_id: str = "CP1") -> int:
    """Count the changes that a gateway finds, and take none of them."""
    events, found = bus._store.streams[keys.lane(charge_point_id, Lane.OCPP)], 0
    for entry in events.after("0", 10_000):
        found += ChargePointConfigChanged().type in entry.fields["d"]
    return found


async def read_as_gateway(bus: MemoryBus) -> None:
    stream = bus._store.streams[keys.lane("CP1", Lane.OCPP)]
    moved = Commit("CP1", reader=keys.GATEWAY_READER, stream_id=stream.last_id)
    await bus.apply(moved)


async def test_the_gateway_is_told_of_changes_and_of_removal(
    register: Register, bus: MemoryBus
) -> None:
    await register.add(config())
    assert await told(bus) == 0
    await register.set("CP1", name="new")
    assert await told(bus) == 1
    await read_as_gateway(bus)
    await register.remove("CP1")
    assert await told(bus) == 2


async def test_changes_of_one_that_is_away_do_not_pile_up(
    register: Register, bus: MemoryBus
) -> None:
    await register.add(config())
    for number in range(50):
        await register.set("CP1", name=str(number))
    assert await told(bus) == 1
    await read_as_gateway(bus)
    for number in range(50):
        await register.set("CP1", name=str(number))
    assert await told(bus) == 2


async def test_a_refused_change_is_not_told(register: Register, bus: MemoryBus) -> None:
    await register.add(config())
    with pytest.raises(ConfigError):
        await register.set("CP1", connectors=0)
    assert await told(bus) == 0


async def test_a_full_lane_does_not_hinder_a_change() -> None:
    bus = MemoryBus(Limits(open_entries=0))
    register = Register(bus)
    await register.add(config())
    assert (await register.set("CP1", name="new")).name == "new"


async def test_one_that_waits_is_admitted_by_adding_it(register: Register, bus: MemoryBus) -> None:
    await quarantine.note(
        bus, WaitingChargePoint(charge_point_id="CP1", first_seen=NOW, last_seen=NOW)
    )
    await register.add(config())
    assert await told(bus) == 1
    assert await bus.read(keys.QUARANTINE) == {}


async def test_a_did_is_free_again_after_a_removal_or_a_change(register: Register) -> None:
    await register.add(config())
    await register.remove("CP1")
    await register.add(config("CP2"))
    await register.set("CP2", did=station_did(31337, "0x" + "2" * 40))
    await register.add(config("CP3"))
    assert (await register.get("CP3")).address == ACCOUNT


async def test_of_two_charge_points_one_gets_the_did(register: Register, bus: MemoryBus) -> None:
    results = await asyncio.gather(
        register.add(config("CP1")), register.add(config("CP2")), return_exceptions=True
    )
    assert [type(result) for result in results].count(ConfigError) == 1
    assert len(await bus.members(keys.STATIONS)) == 1


async def test_dids_of_charge_points_registered_without_claims_count(
    register: Register, bus: MemoryBus
) -> None:
    await bus.write(keys.config("OLD"), config("OLD").to_hash())
    await bus.add_member(keys.STATIONS, "OLD")
    with pytest.raises(ConfigError, match=r"did: belongs to charge point OLD"):
        await register.add(config())


async def test_a_claim_that_came_to_nothing_lapses(bus: MemoryBus) -> None:
    now = NOW
    register = Register(bus, lambda: now)
    assert await register._dids.claim(config().did, "CRASHED") is None
    with pytest.raises(ConfigError, match=r"did: belongs to charge point CRASHED"):
        await register.add(config())
    now += timedelta(minutes=1)
    await register.add(config())
    assert await register.ids() == ["CP1"]


async def test_adding_costs_the_same_however_many_there_are() -> None:
    reads = 0

    class Counting(MemoryBus):
        async def read(self, key: str) -> dict[str, str]:
            nonlocal reads
            reads += 1
            return await super().read(key)

    register = Register(Counting())
    costs = []
    for number in range(1, 30):
        reads = 0
        await register.add(config(f"CP{number}", f"0x{number:040x}"))
        costs.append(reads)
    assert max(costs[1:]) == min(costs[1:])
