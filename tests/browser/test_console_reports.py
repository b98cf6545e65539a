"""Reports in a real Chromium: what they add up, where numbers lead, files, and how it looks."""

import asyncio
import csv
import io
import json
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow.parquet as pq
import pytest
from console_look import LOOKS, faults, overflow
from console_world import ConsoleWorld, console_world
from ended_sessions import receipt, record, row, store
from playwright.async_api import Browser, expect

from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus
from sdk.records.presence import Entry, entry_writes

OCTOBER = "/reports?period=month&first_day=2026-10-01&last_day=2026-10-31"
BERLIN = "&zone=Europe%2FBerlin"
USD = "0x" + "aa" * 20
HOUR_MS = 3_600_000


@pytest.fixture
async def world(redis_bus: RedisBus, redis_url: str) -> AsyncIterator[ConsoleWorld]:
    for point, connectors in (("CP-1", 2), ("CP-2", 1), ("CP-IDLE", 1)):
        tariff = json.dumps({"per_kwh": "1"})
        await redis_bus.write(
            keys.config(point), {"connectors": str(connectors), "tariff": tariff, "name": "Yard"}
        )
        await redis_bus.add_member(keys.STATIONS, point)
    async with console_world(redis_url) as world:
        await fill(world)
        yield world


async def put(world: ConsoleWorld, at: str, point: str = "CP-1", **changes: Any) -> None:
    """Store a session of 30 minutes and 3 kWh that ended at a moment of October."""
    ended_ms = int(datetime.fromisoformat(f"2026-{at}").replace(tzinfo=UTC).timestamp()) * 1_000
    ended = record(receipt(charge_point_id=point))
    times = {"ended_ms": ended_ms, "started_ms": ended_ms - HOUR_MS // 2, "charging_s": 1_800}
    await store(world.bus, ended, row(ended, **{**times, **changes}))


async def fill(world: ConsoleWorld) -> None:
    """Have sessions in October: nine paid for, one that failed, and one before it."""
    for day in range(2, 10):
        await put(world, f"10-{day:02}T{6 + day:02}:45", spent=10**18, energy_wh=1_000 * day)
    await put(world, "10-31T23:30", spent=10**18, energy_wh=4_000)  # November in Berlin
    await put(
        world,
        "10-12T09:10",
        "CP-2",
        outcome="refunded",
        failure="start_timeout",
        stop_reason=None,
        spent=0,
        energy_wh=0,
        charging_s=0,
        started_ms=0,
    )
    await put(world, "09-10T10:00", spent=2 * 10**18, energy_wh=24_000)
    for number, (day, what) in enumerate(((1, "came"), (11, "gone"), (12, "came"))):
        happened = Entry(datetime(2026, 10, day, tzinfo=UTC), 0, what)  # type: ignore[arg-type]
        for write in entry_writes("CP-1", number, happened):
            await world.bus.write(write.key, dict(write.fields or {}))


async def fill_more(world: ConsoleWorld) -> None:
    """Have sessions at the hours at which people charge, the same each time."""
    rng = random.Random(7)  # noqa: S311 - the same each time
    failures = (None, None, None, "deposit_missing", "start_refused", "connector_faulted")
    for _ in range(120):
        hour = min(23, max(0, round(rng.gauss(rng.choice((9, 18)), 3))))
        charging_s, failure = rng.randrange(300, 12_000), rng.choice(failures)
        at = datetime(2026, 10, rng.randrange(1, 32), hour, rng.randrange(60), tzinfo=UTC)
        ended_ms = int(at.timestamp()) * 1_000
        await put(
            world,
            "10-01",
            rng.choice(("CP-1", "CP-1", "CP-2")),
            ended_ms=ended_ms,
            started_ms=ended_ms - charging_s * 1_000,
            charging_s=charging_s,
            outcome="refunded" if failure else "settled",
            failure=failure,
            stop_reason=None if failure else rng.choice(("consumer", "consumer", "operator")),
            energy_wh=charging_s * 3,
            spent=0 if failure else charging_s * 10**15,
        )


def asked_of(href: str | None) -> tuple[str, dict[str, str]]:
    """Give the path of a link and what it asks for."""
    assert href is not None
    parts = urlsplit(href)
    return parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}


async def test_it_adds_up_the_days_of_the_zone(world: ConsoleWorld, browser: Browser) -> None:
    page = await world.page(browser, path=OCTOBER)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Reports: October 2026")
    await expect(page.locator("[data-figure=energy]")).to_contain_text("48.000 kWh")
    await expect(page.locator("[data-figure=revenue]")).to_contain_text("9 ETH")
    await expect(page.locator("[data-figure=success]")).to_contain_text("90%")
    await expect(page.locator("[data-figure=length]")).to_contain_text("30 min 00 s")
    link = page.locator("[data-figure=sessions] a")
    await expect(link).to_have_text("10")
    path, asked = asked_of(await link.get_attribute("href"))
    assert path == "/sessions"
    assert asked == {
        "first_day": "2026-10-01",
        "last_day": "2026-10-31",
        "zone": "UTC",
        "private": "false",
    }
    await page.goto(world.url + OCTOBER + BERLIN)
    await expect(page.get_by_text("s zone, Europe/Berlin")).to_be_visible()
    await expect(page.locator("[data-figure=energy]")).to_contain_text("44.000 kWh")


async def test_what_earns_nothing_and_what_failed_is_named(
    world: ConsoleWorld, browser: Browser
) -> None:
    page = await world.page(browser, path=OCTOBER)
    points = page.get_by_role("region", name="Charge points")
    await expect(points.get_by_text("2 charge points earned nothing:")).to_be_visible()
    idle = points.get_by_role("row").filter(has_text="CP-IDLE")
    await expect(idle).to_contain_text("Earns nothing")
    await expect(idle.get_by_role("link", name="CP-IDLE")).to_have_attribute(
        "href", "/charge-points/CP-IDLE"
    )
    failures = page.get_by_role("list", name="Why sessions failed")
    link = failures.get_by_role("link", name="Charging did not start in time")
    _, asked = asked_of(await link.get_attribute("href"))
    assert asked["failure"] == "start_timeout"
    assert asked["first_day"] == "2026-10-01"
    uptime = page.get_by_role("region", name="Uptime and faults")
    known = uptime.get_by_role("row").filter(has_text="CP-1")
    await expect(known).to_contain_text("96.77%")  # 30 of 31 days
    await expect(uptime.get_by_role("row").filter(has_text="CP-2")).to_contain_text("not known")
    await points.get_by_role("button", name="Report of only CP-2").click()
    await expect(page).to_have_url(f"{world.url}{OCTOBER}&charge_point_id=CP-2")
    await expect(page.locator("[data-figure=sessions]")).to_contain_text("1")
    await page.go_back()
    await expect(page.locator("[data-figure=sessions]")).to_contain_text("10")


async def test_all_that_is_chosen_is_in_the_address(world: ConsoleWorld, browser: Browser) -> None:
    page = await world.page(browser, path=OCTOBER)
    await page.get_by_role("button", name="Previous period").click()
    await expect(page).to_have_url(f"{world.url}{OCTOBER.replace('10', '09').replace('31', '30')}")
    await expect(page.locator("[data-figure=energy]")).to_contain_text("24.000 kWh")
    await page.get_by_role("button", name="Next period").click()
    await page.get_by_text("Compare with the period before").click()
    await expect(page.locator("[data-figure=energy]")).to_contain_text("100% more")
    shows = page.get_by_role("group", name="Shows")
    await shows.get_by_role("button", name="Revenue").click()
    await page.get_by_role("button", name="week", exact=True).click()
    await page.get_by_label("Connector", exact=True).select_option("1")
    await page.get_by_role("button", name="Custom").click()
    await page.get_by_label("Last day").fill("2026-10-05")
    await expect(page.locator("[data-figure=sessions]")).to_contain_text("4")
    there = page.url
    assert asked_of(there)[1] == {
        "period": "custom",
        "first_day": "2026-10-01",
        "last_day": "2026-10-05",
        "connector_id": "1",
        "show": "revenue",
        "compare": "true",
    }
    again = await world.page(browser, path=there.removeprefix(world.url))
    await expect(again.locator("[data-figure=revenue]")).to_contain_text("4 ETH")
    await expect(again.get_by_label("Last day")).to_have_value("2026-10-05")


async def test_charts_are_read_by_keyboard_and_as_tables(
    world: ConsoleWorld, browser: Browser
) -> None:
    page = await world.page(browser, path=f"{OCTOBER}&compare=true")
    bars = page.get_by_role("listbox", name="Energy by day")
    await expect(bars.get_by_role("option")).to_have_count(31)
    await bars.get_by_role("option").first.focus()
    await page.keyboard.press("ArrowRight")
    chosen = bars.get_by_role("option", selected=True)
    await expect(chosen).to_be_focused()
    await expect(chosen).to_have_accessible_name("Fri, 2 Oct 2026: 2.000 kWh (before: 0.000 kWh)")
    over_time = page.get_by_role("region", name="Over time")
    link = over_time.get_by_role("link", name="Show its sessions")
    assert asked_of(await link.get_attribute("href"))[1]["last_day"] == "2026-10-02"
    await over_time.get_by_role("button", name="As a table").click()
    await expect(over_time.get_by_role("row").nth(2)).to_contain_text("2.000")

    heat = page.get_by_role("region", name="How busy the week is")
    await expect(heat.get_by_role("img")).to_have_accessible_name(
        "By weekday and hour. Busiest: Monday, 11:00\u201312:00: 3.1%."
    )
    await heat.get_by_role("button", name="As a table").click()
    await expect(heat.get_by_role("row").nth(12)).to_contain_text("3.1%")


async def test_drivers_are_for_operators(world: ConsoleWorld, browser: Browser) -> None:
    page = await world.page(browser, path=f"{OCTOBER}&group=consumer")
    drivers = page.get_by_role("region", name="Drivers")
    await expect(drivers.get_by_text("Drivers in all: 10")).to_be_visible()
    await expect(drivers.get_by_text("did:ethr:")).to_have_count(10)
    await expect(drivers.get_by_role("row").nth(1)).to_contain_text("9.000")
    page = await world.page(browser, role="viewer", path=f"{OCTOBER}&group=consumer")
    await expect(page.get_by_role("region", name="Charge points")).to_be_visible()
    await expect(page.get_by_role("button", name="Drivers")).to_have_count(0)


async def test_files_hold_the_sessions_that_are_shown(
    world: ConsoleWorld, browser: Browser
) -> None:
    page = await world.page(browser, path=f"{OCTOBER}{BERLIN}&charge_point_id=CP-1")
    files = {}
    for kind in ("CSV", "Parquet"):
        async with page.expect_download() as coming:
            await page.get_by_role("button", name=kind, exact=True).click()
        file = await (await coming.value).path()
        files[kind] = await asyncio.to_thread(file.read_bytes)
    rows = list(csv.DictReader(io.StringIO(files["CSV"].decode())))
    assert [each["energy_wh"] for each in rows] == [str(1_000 * day) for day in range(2, 10)]
    table = pq.read_table(io.BytesIO(files["Parquet"]))
    assert table.column("session_id").to_pylist() == [each["session_id"] for each in rows]


async def test_without_sessions_it_says_what_to_do(world: ConsoleWorld, browser: Browser) -> None:
    page = await world.page(browser, path="/reports?first_day=2026-01-05&last_day=2026-01-05")
    await expect(page.get_by_text("No session ended in this period")).to_be_visible()
    await page.get_by_role("link", name="Show the last 30 days").click()
    await expect(page).to_have_url(f"{world.url}/reports")
    await page.goto(f"{world.url}/reports?first_day=2026-01-05&last_day=2046-01-05")
    await expect(page.get_by_role("alert")).to_contain_text("more than 3660 days")


async def test_it_is_fit_for_everybody(
    world: ConsoleWorld, browser: Browser, screenshots: Path
) -> None:
    await put(world, "10-03T12:00", "CP-2", token=USD, spent=2_500_000, deposit=5_000_000)
    await fill_more(world)
    for name, look in LOOKS.items():
        page = await world.page(browser, path=f"{OCTOBER}&compare=true", bypass_csp=True, **look)
        await expect(page.locator("[data-figure=sessions]")).to_contain_text("131")
        await expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(31)
        await expect(page.get_by_text("CP-IDLE").last).to_be_visible()
        await page.screenshot(path=screenshots / f"console-reports-{name}.png", full_page=True)
        assert (name, await faults(page)) == (name, [])
        assert (name, await overflow(page)) == (name, 0)
        buttons = page.get_by_role("button", name="Als Tabelle" if name == "de" else "As a table")
        for _ in range(await buttons.count()):
            await buttons.first.click()
        await expect(buttons).to_have_count(0)
        assert (name, await faults(page)) == (name, [])
        assert (name, await overflow(page)) == (name, 0)


async def test_on_paper_it_is_light_and_without_controls(
    world: ConsoleWorld, browser: Browser
) -> None:
    page = await world.page(browser, path=OCTOBER, dark=True)
    await expect(page.locator("[data-figure=sessions]")).to_contain_text("10")
    is_dark = "document.documentElement.classList.contains('pf-v6-theme-dark')"
    assert await page.evaluate(is_dark)
    await page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert not await page.evaluate(is_dark)
    await page.emulate_media(media="print")
    await expect(page.get_by_role("button", name="Print")).to_be_hidden()
    await expect(page.get_by_role("navigation")).to_be_hidden()
    await expect(page.locator("[data-figure=energy]")).to_be_visible()
    await page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert await page.evaluate(is_dark)
