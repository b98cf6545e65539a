"""Charging that must end over either bus: silent meters, lost clocks, transactions that go on."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.events.charge_point import (
    ChargePointConnected,
)
from sdk.events.charging import StopCharging
from sdk.events.envelope import Envelope
from sdk.events.station import SessionStopRequested
from sdk.records.reading import find
from tests.session_kit import (
    CP,
    LIMITS,
    STRANGER,
    TRANSACTION,
    accepted,
    reading,
    started,
    stopped,
)
from tests.station_kit import PRIVATE_ID, House, Ride, open_house, ride

BACK = ChargePointConnected(generation=2)
LOCAL = 99
"""A transaction that an idTag of the owner's started."""
YEAR_1 = datetime.min.replace(tzinfo=UTC)
BOOTED = datetime(1970, 1, 1, 0, 1, tzinfo=UTC)


@pytest.fixture
async def house(bus: Bus) -> AsyncIterator[House]:
    async with open_house(bus) as house:
        await house.drive()
        yield house


async def stops(house: House, event: Any, n: int = 1) -> list[Envelope]:
    """Give the stops that an event causes."""
    sent = await house.send(event, n)
    return [it for it in house.ocpp if it.caused_by == sent.id and it.type == "StopCharging"]


async def runs(house: House, transaction_id: int, n: int = 1) -> None:
    """Let a connector's hash name a transaction, as the gateway writes it."""
    await house.bus.write(keys.connector(CP, n), {"transaction_id": str(transaction_id)})


async def charging(house: House) -> Ride:
    trip = await ride(house)
    await trip.start()
    await trip.charge(3_000)
    await trip.pay(3_000)
    await runs(house, TRANSACTION)
    return trip


async def unclosed(house: House) -> Ride:
    """One that settles by its last good reading, since no StopTransaction came."""
    trip = await charging(house)
    await trip.stop()
    await house.advance(LIMITS.stop)
    assert await house.phase() == "settling"
    return trip


async def approved(house: House) -> Ride:
    trip = await unclosed(house)
    trip.app.now = house.now
    await house.ask(trip.app.approval(trip.quote, 3_000), trip.app)
    assert await house.phase() == "executing"
    return trip


async def settled(house: House) -> Ride:
    trip = await approved(house)
    await house.send(trip.paid_out(3_000))
    assert await house.phase() == "settled"
    return trip


async def disputed(house: House) -> Ride:
    trip = await approved(house)
    await house.advance(LIMITS.execution)
    assert await house.phase() == "idle"
    return trip


async def succeeded(house: House) -> Ride:
    """One whose connector another session took meanwhile."""
    trip = await settled(house)
    await house.bus.write(keys.connector(CP, 1), {"transaction_id": ""})
    next_one = await ride(house, STRANGER)
    await next_one.hold()
    assert await house.phase() == "verifying"
    await runs(house, TRANSACTION)
    return trip


async def late(house: House) -> Ride:
    """One that started when its deposit was on its way back."""
    trip = await ride(house)
    await trip.hold()
    await trip.deposit()
    await house.send(accepted(trip.tag))
    await house.advance(LIMITS.start)
    assert await house.phase() == "refunding"
    (order,) = await stops(house, started(trip.tag))
    assert order.body.type == "StopCharging"
    await runs(house, TRANSACTION)
    return trip


GOES_ON = [unclosed, approved, settled, disputed, succeeded, late]


@pytest.mark.parametrize("come_to", GOES_ON)
async def test_a_transaction_that_goes_on_is_stopped_each_time_it_is_seen(
    house: House, come_to: Any
) -> None:
    await come_to(house)
    for seconds in (200, 260):
        (again,) = await stops(house, reading(3_500, seconds))
        body = again.body
        assert isinstance(body, StopCharging)
        assert (body.transaction_id, again.connector_id) == (TRANSACTION, 1)
        assert body.expires_at == house.now + timedelta(seconds=30)
    (again,) = await stops(house, BACK)
    assert isinstance(again.body, StopCharging)
    assert (again.body.transaction_id, again.connector_id) == (TRANSACTION, 1)


@pytest.mark.parametrize("come_to", GOES_ON)
async def test_what_runs_for_others_is_none_of_its_business(house: House, come_to: Any) -> None:
    await come_to(house)
    await runs(house, LOCAL)
    await runs(house, LOCAL + 1, 2)
    assert await stops(house, reading(3_500, 200, transaction_id=LOCAL)) == []
    assert await stops(house, reading(3_500, 200, transaction_id=LOCAL + 1), 2) == []
    assert await stops(house, reading(3_500, 200, transaction_id=None)) == []
    assert await stops(house, BACK) == []


async def test_a_connector_that_is_free_has_nothing_to_stop(house: House) -> None:
    await settled(house)
    await house.bus.write(keys.connector(CP, 1), {"transaction_id": ""})
    assert await stops(house, BACK) == []


async def test_what_a_late_stop_costs_the_owner_is_noted_once_it_comes(house: House) -> None:
    trip = await settled(house)
    assert len(await stops(house, reading(3_500, 200))) == 1
    await house.send(stopped(4_500, 300))
    (found,) = house.told("UnbilledEnergyFound", None)
    assert (found.session_id, found.unbilled_wh) == (trip.quote.session_id, 1_500)


async def test_a_session_that_charges_is_left_alone(house: House) -> None:
    await charging(house)
    assert await stops(house, reading(3_100, 70)) == []
    assert await stops(house, BACK) == []
    assert await house.phase() == "charging"


async def test_a_session_that_stops_is_stopped_once(house: House) -> None:
    trip = await charging(house)
    await trip.stop()
    assert await stops(house, reading(3_100, 70)) == []
    assert await stops(house, BACK) == []
    assert house.orders().count("StopCharging") == 1


async def test_a_transaction_that_was_closed_is_not_stopped(house: House) -> None:
    trip = await charging(house)
    await trip.stop()
    await trip.end()
    assert await house.phase() == "settled"
    assert await stops(house, reading(3_000, 70)) == []
    assert await stops(house, BACK) == []


async def test_a_test_without_money_is_the_owners_own(bus: Bus) -> None:
    async with open_house(bus) as house:
        house.private_id = PRIVATE_ID
        await house.drive()
        await house.send(started(PRIVATE_ID))
        await runs(house, TRANSACTION)
        assert await stops(house, reading(500)) == []
        assert await stops(house, BACK) == []
        await house.send(SessionStopRequested())
        await house.advance(LIMITS.stop)
        assert await house.phase() == "settled"
        assert await stops(house, reading(600, 200)) == []
        assert await stops(house, BACK) == []


def silent_after(trip: Ride) -> int:
    """Give the whole seconds in which 11 kW deliver what the exposure limit allows."""
    limit = trip.quote.exposure_limit
    assert limit is not None
    return limit * 3_600 // 11_000


async def test_a_meter_that_falls_silent_stops_the_charging(house: House) -> None:
    trip = await charging(house)
    seconds = silent_after(trip)
    await house.advance(seconds // 2)
    await house.send(reading(None, 200, power_w=11_000))
    await house.send(reading(-1, 210))
    assert await house.phase() == "charging"
    await house.advance(seconds - seconds // 2 + 1)
    assert (await house.held()).session.stop_reason == "charge_point_offline"
    assert house.orders().count("StopCharging") == 1
    await house.advance(LIMITS.stop)
    trip.app.now = house.now
    await house.ask(trip.app.approval(trip.quote, 3_000), trip.app)
    await house.send(trip.paid_out(3_000))
    record = await find(house.bus, CP, trip.quote.session_id)
    assert (record.outcome, record.status.stop_reason) == ("settled", "charge_point_offline")
    assert (record.status.energy_wh, record.status.cost) == (3_000, 3_000)


async def test_a_meter_that_is_heard_lets_it_go_on(house: House) -> None:
    seconds = silent_after(await charging(house))
    for minute in (2, 3):
        await house.advance(seconds - 1)
        await house.send(reading(3_000 + minute, 60 * minute))
    assert await house.phase() == "charging"


@pytest.mark.parametrize("ahead_s", [0, 3_600])
@pytest.mark.parametrize("said", [YEAR_1, BOOTED])
async def test_a_clock_that_was_lost_loses_no_energy(
    house: House, said: datetime, ahead_s: int
) -> None:
    trip = await ride(house)
    await trip.hold()
    await trip.deposit()
    await house.send(accepted(trip.tag))
    ahead = timedelta(seconds=ahead_s)
    await house.send(started(trip.tag, started_at=house.now + ahead))
    await house.advance(60)
    at = house.now
    await house.send(reading(1_000, sampled_at=at + ahead))
    await house.send(reading(2_000, sampled_at=said))
    trip.app.now = house.now
    await trip.stop()
    await house.send(stopped(3_000, stopped_at=said))
    assert await house.bus.dead_letters(CP) == []
    session = (await house.held()).session
    assert (session.phase, session.proposed, session.stopped_at) == ("settling", 3_000, at)
    await house.ask(trip.app.approval(trip.quote, 3_000), trip.app)
    await house.send(trip.paid_out(3_000))
    record = await find(house.bus, CP, trip.quote.session_id)
    assert (record.outcome, record.status.energy_wh) == ("settled", 3_000)
