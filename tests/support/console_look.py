"""How a view of the console has to look to be fit for everybody, whatever it shows.

@pytest.mark.parametrize("look", LOOKS)
async def test_it_is_fit_for_everybody(world, browser, screenshots, look):
    page = await world.page(browser, path="/chain", bypass_csp=True, **LOOKS[look])
    await expect(page.locator("[data-figure=block]")).not_to_be_empty()
    await check_look(page, screenshots / f"console-chain-{look}.png")
"""

from pathlib import Path
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"dark": True},
    "phone": {"phone": True},
    "de": {"lang": "de"},
}
_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


async def check_look(page: Page, screenshot: Path) -> None:
    """Keep a picture of it; axe finds nothing, and nothing but a table's box scrolls sideways."""
    await page.screenshot(path=screenshot, full_page=True)
    assert await faults(page) == []
    assert await overflow(page) <= 0


async def faults(page: Page) -> list[str]:
    """Give what axe finds, each with the elements that it is about."""
    results = await Axe().run(page)
    return [
        f"{each['id']}: {each['help']}: {[node['html'] for node in each['nodes']]}"
        for each in results.response["violations"]
    ]


async def overflow(page: Page) -> int:
    """Tell how many pixels of the page are wider than its window."""
    return int(await page.evaluate(_OVERFLOW))
