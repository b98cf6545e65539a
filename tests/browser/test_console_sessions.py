"""Sessions in a real Chromium: which there are, in sum, page by page, and as files."""

import asyncio
import csv
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import ended_sessions
import pytest
from console_look import LOOKS, check_look
from console_sessions import ROWS, charge, end, figure, sessions_world
from console_world import ConsoleWorld
from ended_sessions import CP, STARTED
from playwright.async_api import Browser, Route, expect

from sdk.bus.redis_bus import RedisBus
from sdk.ids import utc_now

MANY = 120
BEGAN = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
async def world(redis_bus: RedisBus, redis_url: str) -> AsyncIterator[ConsoleWorld]:
    del redis_bus  # it has emptied the server
    async with sessions_world(redis_url) as world:
        yield world


async def many(world: ConsoleWorld) -> None:
    """End MANY sessions, an hour after each other: each tenth failed, each second at CP-2."""
    for number in range(MANY):
        failed: dict[str, Any] = {}
        if number % 10 == 0:
            failed = {"outcome": "refunded", "failure": "start_timeout", "stop_reason": None}
            failed |= {"spent": 0, "energy_wh": 0, "refund": 20 * 10**18}
        point = ("CP-2", CP)[number % 2]
        await end(world, BEGAN + timedelta(hours=number), charge_point_id=point, **failed)


async def test_pages_stand_in_the_address(world: ConsoleWorld, browser: Browser) -> None:
    await many(world)
    page = await world.page(browser, path="/sessions")
    await expect(page.locator(ROWS)).to_have_count(50)
    newest = await page.locator(ROWS).first.get_attribute("data-session")

    await page.get_by_role("button", name="Older").click()
    await expect(page.get_by_text("Page 2")).to_be_visible()  # the number is that of the rows
    second = await page.locator(ROWS).first.get_attribute("data-session")
    assert second != newest
    await page.get_by_role("button", name="Older").click()
    await expect(page.locator(ROWS)).to_have_count(20)
    await expect(page.get_by_role("button", name="Older")).to_be_disabled()
    await page.reload()
    await expect(page.get_by_text("Page 3")).to_be_visible()
    await expect(page.locator(ROWS)).to_have_count(20)
    await page.go_back()
    await expect(page.locator(ROWS).first).to_have_attribute("data-session", str(second))
    await page.get_by_role("button", name="Newer").click()
    await expect(page.locator(ROWS).first).to_have_attribute("data-session", str(newest))
    await page.get_by_label("Search").fill(str(second))
    await expect(page.locator(ROWS)).to_have_count(1)
    await page.locator(ROWS).get_by_role("link").first.click()
    await expect(page).to_have_url(f"{world.url}/sessions/{CP}/{second}")


async def test_rows_that_wait_for_others_say_so(world: ConsoleWorld, browser: Browser) -> None:
    await many(world)
    page = await world.page(browser, path="/sessions")
    await expect(page.locator(ROWS)).to_have_count(50)
    newest = str(await page.locator(ROWS).first.get_attribute("data-session"))
    held = asyncio.Event()

    async def hold(route: Route) -> None:
        await held.wait()
        await route.continue_()

    await page.route("**/api/v1/sessions?*cursor=*", hold)
    older = page.get_by_role("button", name="Older")
    await older.press("Enter")
    ended = page.locator(".console-sessions-ended")
    await expect(ended).to_have_attribute("aria-busy", "true")
    await expect(page.locator(ROWS).first).to_have_attribute("data-session", newest)
    await expect(page.get_by_text("Page 1", exact=True)).to_be_visible()
    await expect(older).to_be_focused()
    await older.press("Enter")  # once more changes nothing
    held.set()
    await expect(page.get_by_text("Page 2", exact=True)).to_be_visible()
    await expect(ended).to_have_attribute("aria-busy", "false")
    await expect(page.locator(ROWS).first).not_to_have_attribute("data-session", newest)
    await page.go_back()
    await expect(page.get_by_text("Page 1", exact=True)).to_be_visible()


async def test_filters_and_sums_stand_in_the_address(world: ConsoleWorld, browser: Browser) -> None:
    await many(world)
    page = await world.page(browser, path="/sessions")
    await expect(page.locator("[data-figure=sum-sessions]")).to_have_text(str(MANY))
    assert await figure(page, "sum-energy") == "324.000 kWh"
    assert await figure(page, "sum-revenue") == "129.6 ETH"
    await page.get_by_label("Failure", exact=True).select_option("start_timeout")
    await expect(page.locator(ROWS)).to_have_count(12)
    await expect(page.locator("[data-figure=sum-sessions]")).to_have_text("12")
    await page.get_by_label("Ended", exact=True).select_option("custom")
    await page.get_by_label("First day").fill("2026-11-02")
    await page.get_by_label("Last day").fill("2026-11-03")
    await expect(page.locator(ROWS)).to_have_count(4)
    assert "failure=start_timeout" in page.url
    assert "first_day=2026-11-02" in page.url
    await page.reload()
    await expect(page.locator(ROWS)).to_have_count(4)
    await page.locator("[data-figure=sum-rejected] a").click()
    await expect(page.get_by_text("No session like that")).to_be_visible()
    await page.go_back()
    await page.get_by_label("Charge point", exact=True).select_option("CP-1")
    await expect(page.get_by_text("No session like that")).to_be_visible()
    await page.get_by_role("button", name="Clear all filters").first.click()
    await expect(page.locator(ROWS)).to_have_count(50)


async def test_last_month_is_exported(
    world: ConsoleWorld, browser: Browser, tmp_path: Path
) -> None:
    noon = utc_now().replace(hour=12, minute=0, second=0, microsecond=0)
    last_month = noon.replace(day=1) - timedelta(days=3)
    wanted = [await end(world, last_month + timedelta(hours=hour)) for hour in range(3)]
    await end(world, noon - timedelta(hours=13) if noon.day == 1 else noon)
    await end(world, last_month - timedelta(days=45))
    page = await world.page(browser, path="/sessions", role="viewer")
    await page.get_by_label("Ended", exact=True).select_option("lastMonth")
    await expect(page.locator("[data-figure=sum-sessions]")).to_have_text("3")
    for kind in ("CSV", "Parquet"):
        async with page.expect_download() as told:
            await page.get_by_role("button", name=kind).click()
        await (await told.value).save_as(tmp_path / kind)
    text = (tmp_path / "CSV").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    assert [row["session_id"] for row in rows] == [kept.session_id for kept in wanted]
    assert {row["spent"] for row in rows} == {str(wanted[0].status.cost)}
    assert (tmp_path / "Parquet").read_bytes()[:4] == b"PAR1"
    await expect(page.get_by_text("was downloaded")).to_be_visible()


async def test_without_pyarrow_the_page_says_why_there_is_no_parquet(
    world: ConsoleWorld, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sdk.records.export.find_spec", lambda _name: None)
    for path in ("/sessions", "/reports"):
        page = await world.page(browser, path=path)
        await expect(page.get_by_text("Parquet needs pyarrow")).to_be_visible()
        await expect(page.get_by_role("button", name="Parquet")).to_be_disabled()
        await expect(page.get_by_role("button", name="CSV")).to_be_enabled()


@pytest.mark.parametrize("name", LOOKS)
async def test_it_is_fit_for_everybody(
    world: ConsoleWorld, browser: Browser, screenshots: Path, name: str
) -> None:
    await charge(world, ended_sessions.random_hex())
    for number in range(6):
        failed: dict[str, Any] = {}
        if number % 3 == 2:
            failed = {"failure": "start_timeout", "outcome": "refunded", "stop_reason": None}
            failed |= {"spent": 0, "energy_wh": 0, "charging_s": 0, "refund": 20 * 10**18}
        await end(world, STARTED + timedelta(hours=number, minutes=61), **failed)
    page = await world.page(
        browser, bypass_csp=True, path="/sessions?connector_id=1", **LOOKS[name]
    )
    await expect(page.locator(ROWS)).to_have_count(6)
    await expect(page.locator("[data-figure=sum-revenue]")).to_contain_text("ETH")
    await check_look(page, screenshots / f"console-sessions-{name}.png")
