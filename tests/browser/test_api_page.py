"""The API's page in a real Chromium: a key, an operation, and the charge point's own answer."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from api_world import POINT, ApiWorld, answering, api_and_gateway
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Locator, Page, expect
from willing_point import WILLING

from sdk.bus.redis_bus import RedisBus
from session_manager.api.profiles import NAMES

STATIC = Path(__file__).parents[2] / "dui" / "static"
WIDTHS = {"desktop": 1440, "phone": 390}
KNOWN = {
    "aria-allowed-attr",
    "button-name",
    "color-contrast",
    "label",
    "nested-interactive",
    "scrollable-region-focusable",
    "select-name",
}
"""What axe has against Swagger UI itself."""
PARTS = 2
"""Of a test that would else come near to the limit of its time."""


@pytest.fixture
async def world(redis_bus: RedisBus, redis_url: str) -> AsyncIterator[ApiWorld]:
    """The console with its API, and a charge point that says yes."""
    assert redis_bus is not None
    async with api_and_gateway(redis_url, static=STATIC) as (world, gateway):
        await gateway.register(POINT)
        await gateway.register("CP-2")
        async with gateway.point(POINT) as point:
            point.answers = dict(WILLING)
            async with answering(point):
                yield world


async def open_page(page: Page, world: ApiWorld) -> list[str]:
    """Open it; give the list that what goes wrong is written into."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("requestfailed", lambda request: said.append(f"failed: {request.url}"))
    await page.goto(page_of(world))
    return said


def page_of(world: ApiWorld) -> str:
    return world.url.removesuffix("v1")


async def authorise(page: Page, key: str) -> None:
    await page.get_by_role("button", name="Authorize").first.click()
    dialog = page.locator(".dialog-ux")
    await dialog.locator("input").first.fill(key)
    await dialog.get_by_role("button", name=re.compile("apply", re.IGNORECASE)).first.click()
    await dialog.get_by_role("button", name="Close").first.click()


async def execute(page: Page, operation: str) -> Locator:
    """Open an operation and have it done with what the document offers; give where it answers."""
    block = page.locator(f"[id$=-{operation}].opblock")
    await block.get_by_role("button", name=re.compile(operation)).first.click()
    # by its role it would take a second to be found among so many elements
    await block.locator("button.execute", has_text="Execute").click()
    return block.locator(".live-responses-table .response")


async def test_a_key_an_operation_and_its_answer(
    world: ApiWorld, page: Page, screenshots: Path
) -> None:
    said = await open_page(page, world)
    await authorise(page, await world.key("operator"))
    answer = await execute(page, "Reset")
    await expect(answer.locator(".response-col_status")).to_contain_text("200")
    await expect(answer).to_contain_text('"status": "Accepted"')
    await expect(answer).to_contain_text(f'"charge_point_id": "{POINT}"')
    await expect(answer).to_contain_text("x-correlation-id")
    await page.screenshot(path=screenshots / "api-reset.png", full_page=True)
    assert said == []


async def filter_operations(page: Page) -> None:
    """Show the charge points' operations alone: all that there is takes long to draw."""
    await page.get_by_placeholder("Filter by tag or path").fill("/operations/")
    await expect(page.locator(".opblock-tag", has_text="Webhooks")).to_have_count(0)


@pytest.mark.parametrize("part", range(PARTS))
async def test_every_operation_can_be_tried(world: ApiWorld, page: Page, part: int) -> None:
    await open_page(page, world)
    await filter_operations(page)
    await authorise(page, await world.key())
    for operation in NAMES[part::PARTS]:
        answer = await execute(page, operation)
        await expect(answer).to_contain_text('"outcome": "answered"')
        await expect(answer).to_contain_text(f'"operation": "{operation}"')
        await page.locator(".opblock.is-open .opblock-summary-control").dispatch_event("click")


async def test_the_charge_points_are_a_choice(world: ApiWorld, page: Page) -> None:
    await open_page(page, world)
    await authorise(page, await world.key("operator"))
    await execute(page, "Reset")
    choice = page.locator(".opblock.is-open [data-param-name=charge_point_id] select")
    assert await choice.locator("option").all_inner_texts() == [POINT, "CP-2"]
    await choice.select_option("CP-2")
    await page.get_by_role("button", name="Execute").click()
    answer = page.locator(".live-responses-table .response")
    await expect(answer).to_contain_text('"outcome": "offline"')


async def test_a_wrong_key_and_a_lower_role_are_told(world: ApiWorld, page: Page) -> None:
    await open_page(page, world)
    await authorise(page, "nrm_000000000000_nothing")
    answer = await execute(page, "Reset")
    await expect(answer.locator(".response-col_status")).to_contain_text("401")
    await expect(answer).to_contain_text("unknown or revoked")

    await page.goto("about:blank")
    await open_page(page, world)
    await authorise(page, await world.key("viewer"))
    answer = await execute(page, "Reset")
    await expect(answer.locator(".response-col_status")).to_contain_text("403")


async def test_console_and_api_lead_to_each_other(world: ApiWorld, page: Page) -> None:
    await page.goto(page_of(world).removesuffix("/api/"))
    await page.get_by_role("link", name="API").click()
    await expect(page).to_have_title("Noroam API")
    await page.get_by_role("link", name="Console", exact=True).click()
    await expect(page).to_have_title("Noroam console")
    await page.goto(page_of(world).removesuffix("/"))
    await expect(page).to_have_url(page_of(world))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("device", ["desktop", "phone"])
async def test_everyone_can_use_it(
    world: ApiWorld, browser: Browser, screenshots: Path, theme: Any, device: str
) -> None:
    context = await browser.new_context(
        viewport={"width": WIDTHS[device], "height": 900}, color_scheme=theme, bypass_csp=True
    )
    page = await context.new_page()
    await open_page(page, world)
    await authorise(page, await world.key("operator"))
    await expect(await execute(page, "Reset")).to_contain_text("Accepted")
    await page.evaluate("window.scrollTo(0, 0)")
    await page.screenshot(path=screenshots / f"api-{device}-{theme}.png")
    ours = await Axe().run(page, context={"include": [[".api-header"]]})
    found = (await Axe().run(page)).response["violations"]
    overflow = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    await context.close()

    assert ours.response["violations"] == []
    serious = {each["id"] for each in found if each["impact"] in ("serious", "critical")}
    assert serious - KNOWN == set()
    assert overflow <= 0
