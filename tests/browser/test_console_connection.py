"""The page and its connection: what it says when something is down, and that it comes back."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from console_world import ConsoleWorld, console_world
from console_yard import POINT, Yard
from playwright.async_api import Browser, Page, expect

from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus

PAGE = f"/charge-points/{POINT}"


@pytest.fixture
async def world(redis_bus: RedisBus, redis_url: str) -> AsyncIterator[ConsoleWorld]:
    assert redis_bus is not None
    async with console_world(redis_url) as world:
        yield world


def _overhear(page: Page) -> tuple[list[str], list[str]]:
    """Collect what the page complains of, and the addresses that it asks."""
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    return said, asked


async def test_it_complains_of_nothing_and_asks_no_other_host(
    world: ConsoleWorld, browser: Browser
) -> None:
    yard = Yard(world.bus)
    await yard.register()
    page = await world.page(browser, path="/charge-points")
    said, asked = _overhear(page)
    await page.reload()
    for path in ("", "/messages", "/configuration", "/lists", "/commands?operation=Reset"):
        await page.goto(f"{world.url}{PAGE}{path}")
        await expect(page.get_by_role("heading", level=2).first).to_be_visible()
    await page.goto(world.url + PAGE)
    await yard.charge(5)
    await expect(page.locator("[data-figure=energy]")).to_have_text("0.450 kWh")
    assert said == []
    hosts = {address.split("/")[2] for address in asked if "://" in address}
    assert hosts == {world.url.removeprefix("http://")}


async def test_it_says_what_is_down_and_comes_back_by_itself(
    world: ConsoleWorld, browser: Browser, screenshots: Path
) -> None:
    yard = Yard(world.bus)
    await yard.register()
    await yard.charge(5)
    page = await world.page(browser, path=PAGE)
    await expect(page.locator("[data-figure=energy]")).to_have_text("0.450 kWh")
    await world.bus.write(keys.state(POINT), {"connected": "0"})
    await expect(page.get_by_text("Offline", exact=True)).to_be_visible(timeout=15_000)
    await expect(page.get_by_text("The charge point is offline")).to_be_visible()

    await world.stop()
    await expect(page.get_by_text("The connection to the console is lost")).to_be_visible()
    await page.screenshot(path=screenshots / "console-disconnected.png", full_page=True)
    await yard.charge(5)
    await world.bus.write(keys.state(POINT), {"connected": "1"})
    await world.start()
    await expect(page.get_by_text("The connection to the console is lost")).to_have_count(
        0, timeout=15_000
    )
    await expect(page.locator("[data-figure=energy]")).to_have_text("0.900 kWh")
    await expect(page.get_by_text("Online", exact=True)).to_be_visible()


async def test_two_browsers_show_the_same(world: ConsoleWorld, browser: Browser) -> None:
    yard = Yard(world.bus)
    await yard.register()
    pages = [await world.page(browser, path=PAGE, role=role) for role in ("operator", "viewer")]
    await yard.charge(20)
    for page in pages:
        await expect(page.locator("[data-figure=energy]")).to_have_text("1.800 kWh")
        await expect(page.locator("figcaption")).to_contain_text("1.800 kWh so far")
