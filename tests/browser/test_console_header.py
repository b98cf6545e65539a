"""What the header's buttons open: fetched at the first time, and the same at each time after."""

from collections.abc import AsyncIterator

import pytest
from console_world import ConsoleWorld, console_world
from playwright.async_api import Browser, expect

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
