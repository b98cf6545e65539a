"""Charge points in a real Chromium: found, watched and stopped."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from console_look import LOOKS, faults, overflow
from console_world import ConsoleWorld, console_world
from console_yard import POINT, SESSION, Yard
from playwright.async_api import Browser, expect

from sdk.bus.redis_bus import RedisBus

ONE = f"/charge-points/{POINT}"


@pytest.fixture
async def world(redis_bus: RedisBus, redis_url: str, tmp_path: Path) -> AsyncIterator[ConsoleWorld]:
    assert redis_bus is not None
    async with console_world(redis_url, keys_dir=tmp_path) as world:
        yield world


@pytest.fixture
async def yard(world: ConsoleWorld) -> Yard:
    return Yard(world.bus)


async def test_the_faulted_connector_is_found_by_its_status(
    world: ConsoleWorld, yard: Yard, browser: Browser
) -> None:
    await yard.register_several()
    page = await world.page(browser, path="/charge-points")
    await expect(page.get_by_role("article")).to_have_count(3)
    await page.get_by_label("Status").select_option("Faulted")
    await expect(page.get_by_role("article")).to_have_count(1)
    await expect(page.get_by_role("article", name="CP-2")).to_contain_text("Faulted")
    assert page.url.endswith("?status=Faulted")
    await page.reload()
    await expect(page.get_by_role("article")).to_have_count(1)
    await page.get_by_label("Status").select_option("offline")
    await expect(page.get_by_role("article", name="CP-10")).to_contain_text("Offline")
    await expect(page.get_by_role("article", name="CP-10")).to_contain_text("last seen")
    await page.get_by_label("Status").select_option("")
    await page.get_by_label("Search by id").fill("level 2")
    await page.get_by_role("link", name="Car park, level 2").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Car park, level 2 · {POINT}")


async def test_one_of_many_connectors_is_chosen(
    world: ConsoleWorld, yard: Yard, browser: Browser
) -> None:
    await yard.register(statuses=("Available",) * 6)
    page = await world.page(browser, path=ONE)
    await expect(page.get_by_role("region", name="Connector 1", exact=True)).to_be_visible()
    await page.get_by_role("region", name="Connectors").get_by_role("link").nth(4).click()
    await expect(page.get_by_role("region", name="Connector 5", exact=True)).to_be_visible()
    await expect(page.get_by_role("region", name="Connector 1", exact=True)).to_have_count(0)
    assert page.url.endswith("?connector=5")


async def test_the_table_is_remembered(
    world: ConsoleWorld, yard: Yard, browser: Browser, screenshots: Path
) -> None:
    await yard.register_several()
    page = await world.page(browser, path="/charge-points")
    await page.get_by_role("button", name="Table").click()
    table = page.get_by_role("grid", name="Charge points")
    await expect(table.get_by_role("row")).to_have_count(4)
    await page.reload()
    await expect(table.get_by_role("row").nth(3)).to_contain_text("CP-10")
    await page.screenshot(path=screenshots / "console-charge-points-table.png", full_page=True)


async def test_without_any_it_says_what_to_do(world: ConsoleWorld, browser: Browser) -> None:
    page = await world.page(browser, path="/charge-points")
    await expect(page.get_by_text("noroam charge-point add")).to_be_visible()
    await expect(page.get_by_role("button", name="Register a charge point")).to_have_count(0)


async def test_a_session_is_watched_and_stopped(
    world: ConsoleWorld, yard: Yard, browser: Browser
) -> None:
    await yard.register()
    page = await world.page(browser, path=ONE)
    connector = page.get_by_role("region", name="Connector 1")
    await expect(connector).to_contain_text("Nobody is charging here")
    await yard.show("verifying")
    await expect(connector).to_contain_text("Waiting for deposit")
    await yard.charge(40, soc_percent=61)
    await expect(connector.locator("[data-figure=energy]")).to_have_text("3.600 kWh")
    await expect(connector.locator("[data-figure=power]")).to_have_text("11.0 kW")
    await expect(connector.locator("[data-figure=soc]")).to_have_text("61 %")
    await expect(connector.locator("[data-figure=remaining]")).to_have_text("4.1 ETH")
    await expect(connector.locator("figcaption")).to_contain_text("peak 11.0 kW, 3.600 kWh so far")
    await yard.charge(10)
    await expect(connector.locator("[data-figure=energy]")).to_have_text("4.500 kWh")

    async with yard.answering():
        await connector.get_by_role("button", name="Stop the session").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("The driver pays for the energy")
        await dialog.get_by_role("button", name="Stop the session").click()
        await expect(connector).to_contain_text("The session is being stopped")
        await expect(connector).to_contain_text("stopped by the operator")
    await yard.show("settled", stop_reason="operator")
    await expect(connector.locator("[data-figure=receipt-spent]")).to_have_text("1.125 ETH")
    await expect(connector).to_contain_text("Stopped by operator at", timeout=15_000)
    link = connector.get_by_role("link", name="0xababab")
    assert (await link.get_attribute("href")) == f"/sessions/{POINT}/{SESSION}"


async def test_station_commands_show_their_answers(
    world: ConsoleWorld, yard: Yard, browser: Browser
) -> None:
    await yard.register()
    page = await world.page(browser, path=f"{ONE}/commands")
    station = page.get_by_role("region", name="Station")
    async with yard.answering():
        for button, answer in (
            ("Balance", "3 ETH"),
            ("Public key", "0x02797979"),
            ("Republish DID", "the chain holds this document"),
            ("Reconnect to the node", "block 1,205, 3 ms"),
        ):
            await station.get_by_role("button", name=button, exact=True).click()
            await expect(station).to_contain_text(answer)


async def test_a_viewer_sees_all_and_can_do_nothing(
    world: ConsoleWorld, yard: Yard, browser: Browser
) -> None:
    await yard.register()
    await yard.charge(5)
    page = await world.page(browser, role="viewer", path=ONE)
    await expect(page.get_by_role("button", name="Stop the session")).to_be_disabled()
    await expect(page.get_by_role("button", name="Restart", exact=True)).to_be_disabled()
    await expect(page.get_by_text("Only operators may do this.")).to_be_visible()
    await page.get_by_role("link", name="Settings").last.click()
    await expect(page.get_by_role("button", name="Save the price")).to_be_disabled()


@pytest.mark.parametrize("name", LOOKS)
async def test_everyone_can_use_the_list_and_the_live_page(
    world: ConsoleWorld, yard: Yard, browser: Browser, screenshots: Path, name: str
) -> None:
    await yard.register_several()
    await yard.quarantine()
    await yard.charge(1)
    look = LOOKS[name]
    page = await world.page(
        browser, role="administrator", path="/charge-points", bypass_csp=True, **look
    )
    await expect(page.get_by_role("article")).to_have_count(3)
    await expect(page.get_by_text("Alfen Eve")).to_be_visible()
    await page.screenshot(path=screenshots / f"console-charge-points-{name}.png", full_page=True)
    found = await faults(page)
    assert await overflow(page) <= 0
    await page.goto(world.url + ONE)
    await expect(page.locator("[data-figure=energy]")).to_be_visible()
    await yard.charge(49)
    await expect(page.locator("[data-figure=energy]")).to_contain_text("4")
    await expect(page.locator("figcaption")).to_contain_text("50")
    await page.screenshot(path=screenshots / f"console-charge-point-{name}.png", full_page=True)
    found += await faults(page)
    assert await overflow(page) <= 0
    assert found == []


async def test_it_can_be_used_with_the_keyboard_alone(
    world: ConsoleWorld, yard: Yard, browser: Browser
) -> None:
    await yard.register()
    await yard.charge(5)
    page = await world.page(browser, path=ONE)
    stop = page.get_by_role("button", name="Stop the session")
    await expect(stop).to_be_visible()
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await stop.evaluate("element => element === document.activeElement"):
            break
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(stop).to_be_focused()
