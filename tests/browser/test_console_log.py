"""The live log in a real browser: filters, older lines, files, and lines that come."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from console_look import faults
from console_world import ConsoleWorld, console_world
from playwright.async_api import Browser, expect

from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus

COUNT = 3_000
LIST = "[role=listbox]"


def _lines(first: int, last: int) -> list[dict[str, str]]:
    return [
        {
            "at": f"2026-03-01T10:{number // 60 % 60:02}:{number % 60:02}.000000Z",
            "level": ("info", "info", "warning", "error")[number % 4],
            "service": ("cpg", "session_manager", "p2p_server")[number % 3],
            "text": f"number {number} of what happened",
            **({"charge_point_id": f"CP-{number % 5}"} if number % 5 else {}),
        }
        for number in range(first, last)
    ]


@pytest.fixture
async def world(redis_bus: RedisBus, redis_url: str) -> AsyncIterator[ConsoleWorld]:
    for number in range(1, 5):
        await redis_bus.write(keys.config(f"CP-{number}"), {"connectors": "1"})
        await redis_bus.add_member(keys.STATIONS, f"CP-{number}")
    for first in range(0, COUNT, 500):
        await redis_bus.append_log(_lines(first, first + 500))
    async with console_world(redis_url) as world:
        yield world


async def test_it_follows_until_it_is_paused_and_reaches_back(
    world: ConsoleWorld, browser: Browser
) -> None:
    page = await world.page(browser, path="/log")
    await expect(page.get_by_text(f"number {COUNT - 1} of")).to_be_visible()
    await world.bus.append_log(_lines(COUNT, COUNT + 1))
    await expect(page.get_by_text(f"number {COUNT} of")).to_be_visible()

    await page.get_by_role("button", name="Pause").click()
    top = await page.locator(LIST).evaluate("e => e.scrollTop")
    await world.bus.append_log(_lines(COUNT + 1, COUNT + 100))
    await expect(page.get_by_text("1,100 lines")).to_be_visible()
    assert await page.locator(LIST).evaluate("e => e.scrollTop") == top

    await page.get_by_role("button", name="Load all that are kept").click()
    await expect(page.get_by_text(f"{COUNT + 100:,} lines")).to_be_visible()
    await expect(page.get_by_text("These are all lines that are kept.")).to_be_visible()


async def test_it_can_be_read_by_keyboard(world: ConsoleWorld, browser: Browser) -> None:
    page = await world.page(browser, path="/log")
    await expect(page.get_by_text(f"number {COUNT - 1} of")).to_be_visible()
    await page.get_by_role("button", name="Load all that are kept").click()
    await expect(page.get_by_text("These are all lines that are kept.")).to_be_visible()
    await page.locator(LIST).focus()
    await page.keyboard.press("Home")
    await expect(page.get_by_text("number 0 of").first).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("[aria-selected=true]")).to_contain_text("number 1 of")
    await expect(page.get_by_role("region", name="Selected line")).to_contain_text("CP-1")
    await page.keyboard.press("End")
    await expect(page.get_by_role("button", name="Pause")).to_be_visible()
    await expect(page.get_by_text(f"number {COUNT - 1} of")).to_be_visible()


async def test_filters_stand_in_the_address_and_hold_for_the_file(
    world: ConsoleWorld, browser: Browser
) -> None:
    page = await world.page(browser, path="/log")
    await page.get_by_role("button", name="Load all that are kept").click()
    await page.get_by_label("Level").select_option("error")
    await page.get_by_label("Charge point", exact=True).select_option("CP-3")
    await page.get_by_label("Text in the log").fill("NUMBER 1")
    wanted = [n for n in range(COUNT) if n % 4 == 3 and n % 5 == 3 and str(n)[0] == "1"]
    await expect(page.get_by_text(f"{len(wanted)} of {COUNT:,} lines match")).to_be_visible()
    assert "level=error" in page.url
    assert "charge_point_id=CP-3" in page.url
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="Download as text").click()
    text = _read(await (await downloading.value).path())
    assert [int(line.split()[5]) for line in text.splitlines()] == wanted
    await page.reload()
    await expect(page.get_by_label("Level")).to_have_value("error")
    await expect(page.get_by_label("Text in the log")).to_have_value("NUMBER 1")


def _read(path: Path) -> str:
    return path.read_text()


async def test_lines_are_shown_once_each_although_the_console_was_restarted(
    world: ConsoleWorld, browser: Browser
) -> None:
    page = await world.page(browser, path="/log")
    await expect(page.get_by_text(f"number {COUNT - 1} of")).to_be_visible()
    await world.stop()
    await world.bus.append_log(_lines(COUNT, COUNT + 20))
    await world.start()
    await expect(page.get_by_text(f"number {COUNT + 19} of")).to_be_visible(timeout=15_000)
    await expect(page.get_by_text("1,020 lines")).to_be_visible()
    texts = await page.locator("[role=option]").all_inner_texts()
    numbers = [int(text.split("number ")[1].split()[0]) for text in texts if "number" in text]
    assert numbers == list(range(numbers[0], COUNT + 20))


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
async def test_it_can_be_read_by_everyone(
    world: ConsoleWorld, browser: Browser, screenshots: Path, look: str
) -> None:
    page = await world.page(
        browser,
        path="/log",
        dark=look == "dark",
        phone=look == "phone",
        lang="de" if look == "phone" else "en",
        bypass_csp=True,
    )
    await expect(page.get_by_text(f"number {COUNT - 1} of")).to_be_visible()
    await page.locator("[role=option]").last.click()
    name = "Gewählte Zeile" if look == "phone" else "Selected line"
    await expect(page.get_by_role("region", name=name)).to_be_visible()
    await asyncio.sleep(0.3)
    await page.screenshot(path=screenshots / f"console-log-{look}.png", full_page=True)
    assert await faults(page) == []
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
