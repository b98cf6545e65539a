"""What the header's buttons open: fetched at the first time, and the same at each time after."""

from collections.abc import AsyncIterator

import pytest
from console_look import overflow
from console_world import ConsoleWorld, console_world
from playwright.async_api import Browser, Route, expect

from sdk.bus.redis_bus import RedisBus


@pytest.fixture
async def world(redis_bus: RedisBus, redis_url: str) -> AsyncIterator[ConsoleWorld]:
    del redis_bus  # it has emptied the server
    async with console_world(redis_url) as world:
        yield world


@pytest.mark.parametrize(
    ("name", "content"), [("bell", "Nobody looks for alerts"), ("account", "Sign out")]
)
@pytest.mark.parametrize("by", ["keyboard", "mouse"])
async def test_a_button_opens_and_closes_each_time(
    world: ConsoleWorld, browser: Browser, name: str, content: str, by: str
) -> None:
    page = await world.page(browser, path="/settings")
    button = page.locator("header button[aria-haspopup=dialog]").nth(int(name == "account"))
    dialog = page.get_by_role("dialog")
    for _ in range(3):
        await expect(button).to_have_attribute("aria-expanded", "false")
        if by == "keyboard":
            await button.press("Enter")
        else:
            await button.click()
        await expect(dialog).to_contain_text(content)
        await expect(button).to_have_attribute("aria-expanded", "true")
        if by == "keyboard":
            await page.keyboard.press("Escape")
        else:
            await button.click()
        await expect(dialog).to_have_count(0)
        await expect(button).to_be_focused()


async def test_a_click_beside_it_closes_it(world: ConsoleWorld, browser: Browser) -> None:
    page = await world.page(browser)
    await page.get_by_role("button", name="Account of operator").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.get_by_role("heading", level=1).click()
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_the_language_is_chosen_in_it(world: ConsoleWorld, browser: Browser) -> None:
    page = await world.page(browser)
    await page.get_by_role("button", name="Account of operator").click()
    await page.get_by_label("Language").select_option("de")
    await expect(page.get_by_role("button", name="Konto von operator")).to_be_visible()


async def test_one_that_cannot_be_fetched_leaves_the_rest_alone(
    world: ConsoleWorld, browser: Browser
) -> None:
    async def fail(route: Route) -> None:
        await route.abort()

    page = await world.page(browser, path="/settings")
    await page.route("**/AccountPopover-*.js", fail)
    account = page.get_by_role("button", name="Account of operator")
    await account.click()
    again = page.get_by_role("banner").get_by_role("button", name="load the page again")
    await expect(again).to_be_visible()
    await expect(account).to_have_attribute("aria-expanded", "false")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Settings")
    await page.unroute("**/AccountPopover-*.js")
    await again.click()
    await expect(again).to_have_count(0)
    await account.click()
    await expect(page.get_by_role("dialog")).to_contain_text("Sign out")


async def test_on_a_small_phone_it_stays_one_line_whatever_it_says(
    world: ConsoleWorld, browser: Browser
) -> None:
    page = await world.page(browser, phone=True, lang="de")
    await page.set_viewport_size({"width": 360, "height": 740})
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()
    header = page.get_by_role("banner").first
    tall = await header.evaluate("shown => shown.offsetHeight")
    await world.stop()
    await expect(header.get_by_text("Nicht verbunden")).to_be_visible()
    assert await header.evaluate("shown => shown.offsetHeight") == tall
    await expect(header.get_by_role("button", name="Konto von operator")).to_be_in_viewport()
    assert await overflow(page) <= 0
