"""A session without money is marked wherever the page shows it; a real manager drives it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from console_look import faults
from console_world import ConsoleWorld, console_world
from playwright.async_api import Browser, expect

from sdk.bus.redis_bus import RedisBus
from tests.session_kit import CP, reading, started, stopped
from tests.station_kit import PRIVATE_ID, House, open_house, ride

MARK = "PRIVATE, no money"
PAGE = f"/charge-points/{CP}"


@pytest.fixture
async def house(redis_bus: RedisBus) -> AsyncIterator[House]:
    """A station with a manager at work; nobody else plays its part."""
    async with open_house(redis_bus) as house:
        house.private_id = PRIVATE_ID
        await house.drive()
        yield house


@pytest.fixture
async def world(house: House, redis_url: str) -> AsyncIterator[ConsoleWorld]:
    assert house.private_id
    async with console_world(redis_url) as world:
        yield world


async def _private(house: House) -> None:
    """Plug in and present the test's idTag at connector 2."""
    await house.send(started(PRIVATE_ID, transaction_id=8), n=2)
    for minute in range(1, 6):
        house.now += timedelta(minutes=1)
        body = reading(500 * minute, 60 * minute, transaction_id=8, power_w=11_000)
        await house.send(body, n=2)


async def test_it_is_marked_and_says_that_nobody_pays(
    house: House, world: ConsoleWorld, browser: Browser
) -> None:
    page = await world.page(browser, path=PAGE)
    session = page.get_by_role("region", name="Connector 2")
    await expect(session).to_be_visible()
    await expect(page.get_by_text(MARK)).to_have_count(0)

    await _private(house)
    await expect(session.get_by_text(MARK)).to_be_visible()
    await expect(session.get_by_text("A test without money")).to_be_visible()
    await expect(session.locator("[data-figure=energy]")).to_have_text("2.500 kWh")
    await expect(session.get_by_text("Left of the deposit")).to_have_count(0)

    await session.get_by_role("button", name="Stop the session").click()
    await expect(page.get_by_role("dialog")).to_contain_text("nobody pays")
    await page.keyboard.press("Escape")
    await house.send(stopped(2_500, transaction_id=8), n=2)
    await expect(session.get_by_text("no money moved")).to_be_visible()
    await expect(session.get_by_text(MARK)).to_be_visible()


async def test_a_paid_session_is_not_marked(
    house: House, world: ConsoleWorld, browser: Browser
) -> None:
    trip = await ride(house)
    await trip.start()
    await trip.charge()
    page = await world.page(browser, path=PAGE)
    session = page.get_by_role("region", name="Connector 1")
    await expect(session.get_by_text("Left of the deposit")).to_be_visible()
    await expect(page.get_by_text(MARK)).to_have_count(0)


@pytest.mark.parametrize(("name", "look"), [("light", {}), ("dark", {"dark": True})])
async def test_everyone_can_read_it(
    house: House,
    world: ConsoleWorld,
    browser: Browser,
    screenshots: Path,
    name: str,
    look: dict[str, Any],
) -> None:
    await _private(house)
    page = await world.page(browser, path=PAGE, bypass_csp=True, **look)
    await expect(page.get_by_text(MARK)).to_have_count(1)
    await page.screenshot(path=screenshots / f"console-private-{name}.png", full_page=True)
    assert await faults(page) == []
