"""A dispute is decided in a real Chromium, and a real manager does what was decided."""

from collections.abc import AsyncIterator

import pytest
from console_world import ConsoleWorld, console_world
from playwright.async_api import Browser, expect

from sdk.bus.redis_bus import RedisBus
from sdk.disputes import read_disputes
from sdk.events.settlement import SettlementFailed
from sdk.records.reading import find
from tests.session_kit import CP, LIMITS, stopped
from tests.station_kit import House, Ride, open_house, ride


@pytest.fixture
async def house(redis_bus: RedisBus) -> AsyncIterator[House]:
    """A station with a manager at work; nobody else plays its part."""
    async with open_house(redis_bus) as house:
        await house.drive()
        yield house


@pytest.fixture
async def world(house: House, redis_url: str) -> AsyncIterator[ConsoleWorld]:
    assert house.bus is not None
    async with console_world(redis_url) as world:
        yield world


async def _disputed(house: House, reason: str = "gas_account_low") -> Ride:
    """Charge 3 kWh at connector 1, and have no payout in time."""
    trip = await ride(house)
    await trip.start()
    await trip.charge()
    await trip.pay(3_000)
    await house.send(stopped(3_000))
    await house.advance(LIMITS.approval)
    failed = {"session_id": trip.quote.session_id, "reason": reason}
    await house.send(SettlementFailed.model_validate(failed))
    await house.advance(LIMITS.execution)
    return trip


async def test_a_dispute_is_retried_and_written_off(
    house: House, world: ConsoleWorld, browser: Browser
) -> None:
    trip = await _disputed(house)
    page = await world.page(browser, path="/disputes")
    view = page.get_by_role("main")
    await expect(view).to_contain_text("the gas account is too low")

    await view.get_by_role("button", name="Retry the payout").click()
    await page.get_by_role("dialog").get_by_role("button", name="Retry the payout").click()
    await expect(view).to_contain_text("being paid out again now")
    assert house.looked[trip.quote.session_id][1].retries == 1

    await view.get_by_role("button", name="Write off").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("gives up 0.000000000000003 ETH")
    await dialog.get_by_role("button", name="Cancel").click()
    assert len(await read_disputes(house.bus, house.now)) == 1
    await view.get_by_role("button", name="Write off").click()
    await dialog.get_by_role("button", name="Write off").click()
    await expect(view).to_contain_text("the session has ended")
    await expect(view.get_by_role("button", name="Write off")).to_have_count(0)
    record = await find(house.bus, CP, trip.quote.session_id)
    assert "written_off" in record.status.flags
