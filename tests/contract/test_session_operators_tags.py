"""Transactions of operators' idTags: they are recorded by the gateway, and nobody's session."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from sdk.bus import keys
from sdk.bus.interface import Bus
from tests.session_kit import CP, NOON, TRANSACTION, accepted, reading, started, stopped
from tests.station_kit import House, open_house, ride

OPERATORS = "FLEET-7"


@pytest.fixture
async def house(bus: Bus) -> AsyncIterator[House]:
    async with open_house(bus) as house:
        yield house


async def test_on_a_free_connector_nothing_is_sold(house: House) -> None:
    await house.drive()
    await house.send(started(OPERATORS))
    for seconds in (60, 120):
        await house.send(reading(1_000, seconds))
    await house.send(stopped(1_000, 180))
    assert (house.out, house.ocpp) == ([], [])
    assert await house.phase() == "idle"
    assert await house.bus.dead_letters(CP) == []
    assert await house.bus.read(keys.row_months(CP)) == {}


async def test_while_a_session_waits_for_its_start_it_goes_on_waiting(house: House) -> None:
    await house.drive()
    trip = await ride(house)
    await trip.hold()
    await trip.deposit()
    await house.send(accepted(trip.tag))
    await house.send(started(OPERATORS, transaction_id=TRANSACTION + 1))
    await house.send(reading(1_000, transaction_id=TRANSACTION + 1))
    assert await house.phase() == "starting"
    await house.send(started(trip.tag))
    session = (await house.held()).session
    assert (session.phase, session.transaction_id) == ("charging", TRANSACTION)


async def test_after_a_session_it_is_no_late_start_of_it(house: House) -> None:
    await house.drive()
    trip = await ride(house)
    await trip.start()
    await trip.charge(1_000)
    await trip.stop()
    await trip.end(1_000)
    before = house.orders()
    later = NOON + timedelta(hours=1)
    await house.send(started(OPERATORS, transaction_id=TRANSACTION + 1, started_at=later))
    await house.send(reading(2_000, 3_700, transaction_id=TRANSACTION + 1))
    assert house.orders() == before, "it is not told to stop"
    assert await house.phase() == "settled"
