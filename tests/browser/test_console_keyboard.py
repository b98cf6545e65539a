"""The console by keyboard alone, for a viewer, and with names that are very long."""

from collections.abc import AsyncIterator

import pytest
from console_look import overflow
from console_world import ConsoleWorld, console_world
from console_yard import POINT, Yard
from playwright.async_api import Browser, Page, expect

from sdk.bus.redis_bus import RedisBus

ONE = f"/charge-points/{POINT}"
LONG_ID = "CP-" + "X1234567890" * 4
LONG_NAME = "Donaudampfschifffahrtsgesellschaftshauptbahnhofsvorplatz, Stellplatz 1234567890"
DEAD = "main button:disabled"


@pytest.fixture
async def world(redis_bus: RedisBus, redis_url: str) -> AsyncIterator[ConsoleWorld]:
    del redis_bus  # it has emptied the server
    async with console_world(redis_url) as world:
        await Yard(world.bus).register()
        yield world


async def settled(world: ConsoleWorld, browser: Browser, path: str, **look: object) -> Page:
    """Open a path and wait until its first panel is there."""
    page = await world.page(browser, path=path, **look)  # type: ignore[arg-type]
    await expect(page.get_by_role("heading", level=2).first).to_be_visible()
    return page


@pytest.mark.parametrize("path", ["/charge-points", f"{ONE}/settings", "/settings/alerts"])
async def test_the_first_key_leads_past_the_navigation(
    world: ConsoleWorld, browser: Browser, path: str
) -> None:
    page = await settled(world, browser, path)
    await page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport()
    await page.keyboard.press("Enter")
    await expect(page.locator("#main")).to_be_focused()
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.closest('main') !== null")


async def test_a_dialog_gives_the_focus_back_and_speaks_german(
    world: ConsoleWorld, browser: Browser
) -> None:
    page = await settled(world, browser, ONE, lang="de")
    restart = page.get_by_role("button", name="Neustart, sofort")
    await restart.press("Enter")
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("heading")).to_contain_text("Warnung:")
    await expect(dialog.get_by_role("button", name="Schließen")).to_be_focused()
    for _ in range(3):
        await page.keyboard.press("Tab")
    await expect(dialog.get_by_role("button", name="Schließen")).to_be_focused()  # and round again
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(restart).to_be_focused()
    await restart.press("Enter")
    await dialog.get_by_role("button", name="Schließen").click()
    await expect(dialog).to_have_count(0)


async def test_the_menu_of_a_phone_closes_by_key_and_when_it_is_left(
    world: ConsoleWorld, browser: Browser
) -> None:
    page = await settled(world, browser, "/charge-points", phone=True)
    navigation = page.get_by_role("navigation", name="Views")
    await page.get_by_role("button", name="Open the menu").press("Enter")
    await navigation.get_by_role("link", name="Sessions").focus()
    await page.keyboard.press("Escape")
    await expect(navigation).to_be_hidden()
    toggle = page.get_by_role("button", name="Open the menu")
    await expect(toggle).to_be_focused()
    await toggle.press("Enter")
    await navigation.get_by_role("link", name="HTTP API").focus()
    await page.keyboard.press("Tab")
    await expect(navigation).to_be_hidden()  # what has the focus now is not covered


async def test_the_focus_goes_on_in_the_view_that_a_link_led_to(
    world: ConsoleWorld, browser: Browser
) -> None:
    page = await settled(world, browser, "/charge-points")
    await page.get_by_role("link", name=POINT).press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_contain_text(POINT)
    await expect(page.locator("#main")).to_be_focused()


@pytest.mark.parametrize("tab", ["", "/configuration", "/lists", "/commands"])
async def test_a_viewer_is_told_why_buttons_do_nothing(
    world: ConsoleWorld, browser: Browser, tab: str
) -> None:
    page = await settled(world, browser, ONE + tab, role="viewer")
    await expect(page.locator(DEAD).first).to_be_visible()
    await expect(page.get_by_text("Only operators may do this.").first).to_be_visible()


@pytest.mark.parametrize("path", ["/charge-points", "/identity", f"/charge-points/{LONG_ID}"])
async def test_very_long_names_fit_a_small_phone(
    world: ConsoleWorld, browser: Browser, path: str
) -> None:
    await Yard(world.bus).register(LONG_ID, ("Faulted",), name=LONG_NAME)
    page = await settled(world, browser, "/charge-points", phone=True)
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.goto(world.url + path)
    await expect(page.get_by_text(LONG_ID).first).to_be_visible()
    await expect(page.get_by_text(LONG_NAME).first).to_be_visible()
    assert await overflow(page) <= 0


async def test_the_keyboard_goes_on_where_a_session_was_stopped(
    world: ConsoleWorld, browser: Browser
) -> None:
    yard = Yard(world.bus)
    await yard.charge(3)
    page = await settled(world, browser, ONE)
    connector = page.get_by_role("region", name="Connector 1")
    stop = connector.get_by_role("button", name="Stop the session")
    async with yard.answering():
        await stop.press("Enter")
        await (
            page.get_by_role("dialog").get_by_role("button", name="Stop the session").press("Enter")
        )
        await expect(connector).to_contain_text("The session is being stopped")
        await expect(stop).to_have_count(0)
    await expect(connector.locator(".console-stop")).to_be_focused()
    await page.keyboard.press("Tab")
    assert await connector.evaluate("shown => shown.contains(document.activeElement)")
