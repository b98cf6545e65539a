"""The page while Redis is away: it says so, keeps trying, and comes back by itself."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from console_look import LOOKS, faults, overflow
from console_world import ConsoleWorld, console_world
from console_yard import POINT, Yard
from playwright.async_api import Browser, Page, expect

from sdk.embedded import EmbeddedServer

BACK_MS = 20_000
FORGOTTEN = """async () => {
  while ((await fetch('/api/v1/me')).status !== 503) await new Promise((go) => setTimeout(go, 300))
}"""


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[EmbeddedServer]:
    """A Valkey that a test may stop and start again over its data."""
    server = await EmbeddedServer.start(tmp_path / "data")
    yield server
    await server.stop()


@pytest.fixture
async def world(server: EmbeddedServer) -> AsyncIterator[ConsoleWorld]:
    async with console_world(server.url) as world:
        await Yard(world.bus).register()
        yield world


async def stop(server: EmbeddedServer, page: Page) -> None:
    """Stop Redis, and wait until the console has forgotten who is signed in."""
    await server.stop()
    async with asyncio.timeout(30):
        await page.evaluate(FORGOTTEN)


@pytest.mark.parametrize("name", ["light", "de", "phone"])
async def test_a_reload_without_redis_waits_for_it(
    server: EmbeddedServer, world: ConsoleWorld, browser: Browser, screenshots: Path, name: str
) -> None:
    page = await world.page(browser, path="/charge-points", bypass_csp=True, **LOOKS[name])
    await expect(page.get_by_role("link", name=POINT)).to_be_visible()
    await stop(server, page)
    await page.reload()
    said, tried = (
        ("Redis antwortet nicht", "Alle paar Sekunden wird es erneut versucht")
        if name == "de"
        else ("Redis does not answer", "It is tried again every few seconds")
    )
    alert = page.get_by_role("alert")
    await expect(alert).to_contain_text(said, timeout=BACK_MS)
    await expect(page.get_by_text(tried)).to_be_visible()
    for _ in range(2):  # it asks again, and says so meanwhile and after it
        async with page.expect_request("**/api/v1/me") as asked:
            pass
        assert await alert.is_visible()
        await (await asked.value).response()
        assert await alert.is_visible()
    await page.screenshot(path=screenshots / f"console-waiting-{name}.png", full_page=True)
    assert await faults(page) == []
    assert await overflow(page) <= 0
    server.open()
    await expect(page.get_by_role("link", name=POINT)).to_be_visible(timeout=BACK_MS)


async def test_a_view_that_was_opened_without_redis_fills_itself(
    server: EmbeddedServer, world: ConsoleWorld, browser: Browser
) -> None:
    page = await world.page(browser, path="/")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    await stop(server, page)
    await page.get_by_role("navigation").get_by_role("link", name="Sessions").click()
    ended = page.get_by_role("region", name="Ended sessions")
    await expect(ended.get_by_role("alert")).to_contain_text(
        "Redis does not answer", timeout=BACK_MS
    )
    await expect(ended.get_by_role("alert")).to_contain_text("It is tried again by itself")
    await expect(page.get_by_role("button", name="Account of operator")).to_be_visible()
    server.open()
    await expect(page.get_by_text("No session has ended yet")).to_be_visible(timeout=BACK_MS)
    await expect(page.get_by_role("alert")).to_have_count(0, timeout=BACK_MS)


async def test_a_view_that_could_not_be_loaded_comes_with_the_console(
    world: ConsoleWorld, browser: Browser
) -> None:
    page = await world.page(browser, path="/")
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()
    await world.stop()
    await expect(page.get_by_text("The connection to the console is lost")).to_be_visible()
    await page.get_by_role("navigation").get_by_role("link", name="Reports").click()
    await expect(page.get_by_text("This view could not be loaded")).to_be_visible()
    await world.start()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Reports:", timeout=BACK_MS)
