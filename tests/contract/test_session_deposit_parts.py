"""Deposits that come in parts over either bus: only the deadline says that one is short."""

from collections.abc import AsyncIterator

import pytest

from sdk.bus.interface import Bus
from session_manager.session.effects import WatchDeposit, chain_need
from tests.session_kit import DEPOSIT, LIMITS
from tests.station_kit import House, Ride, open_house, ride


@pytest.fixture
async def house(bus: Bus) -> AsyncIterator[House]:
    async with open_house(bus) as house:
        await house.drive()
        yield house


async def held(house: House) -> Ride:
    trip = await ride(house)
    await trip.hold()
    return trip


async def test_a_unit_of_a_stranger_ends_no_session(house: House) -> None:
    trip = await held(house)
    await trip.deposit(1)
    session = (await house.held()).session
    assert (session.phase, session.deposit, session.failure) == ("verifying", 1, None)
    await house.advance(LIMITS.deposit - 1)
    await trip.deposit(DEPOSIT + 1)
    session = (await house.held()).session
    assert (session.phase, session.deposit) == ("authorising", DEPOSIT + 1)
    assert house.orders() == ["AuthorizeIdTag"]


async def test_the_rest_may_come_when_the_chain_is_looked_at_again(house: House) -> None:
    trip = await held(house)
    await trip.deposit(1)
    await house.advance(LIMITS.deposit)
    session = house.looked[trip.quote.session_id][1]
    assert session.failure == "deposit_missing"
    assert chain_need(session) == WatchDeposit(last=True)
    await trip.deposit(trip.quote.minimum_deposit)
    session = (await house.held()).session
    assert (session.phase, session.failure) == ("authorising", None)


async def test_a_deposit_that_is_short_then_is_given_back(house: House) -> None:
    trip = await held(house)
    await trip.deposit_short()
    session = (await house.held()).session
    assert (session.phase, session.failure, session.closed) == ("refunding", "deposit_short", True)
    assert house.orders() == []
    await house.send(trip.paid_out(0))
    assert await house.phase() == "refunded"
