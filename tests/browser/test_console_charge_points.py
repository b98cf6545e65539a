"""Charge points in a real Chromium: found, registered, watched, stopped, changed and removed."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from console_world import ConsoleWorld, console_world
from console_yard import POINT, SESSION, Yard
from playwright.async_api import Browser, Page, expect

from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus
from sdk.ids import utc_now
from sdk.quarantine import WaitingChargePoint

LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"dark": True},
    "phone": {"phone": True},
    "de": {"lang": "de"},
}
ONE = f"/charge-points/{POINT}"


@pytest.fixture
async def world(redis_bus: RedisBus, redis_url: str, tmp_path: Path) -> AsyncIterator[ConsoleWorld]:
    assert redis_bus is not None
    async with console_world(redis_url, keys_dir=tmp_path) as world:
        yield world


@pytest.fixture
async def yard(world: ConsoleWorld) -> Yard:
    return Yard(world.bus)


async def _several(yard: Yard) -> None:
    await yard.register(name="Car park, level 2")
    await yard.register("CP-2", ("Faulted",), model="Eve")
    await yard.register("CP-10", ("Available",), connected=False)


async def _wait(world: ConsoleWorld, point: str = "CP-9") -> None:
    """Have an unknown charge point wait to be admitted."""
    entry = WaitingChargePoint.model_validate(
        {
            "charge_point_id": point,
            "vendor": "Alfen",
            "model": "Eve",
            "address": "10.0.0.7",
            "first_seen": utc_now(),
            "last_seen": utc_now(),
        }
    )
    await world.bus.write(keys.QUARANTINE, {point: entry.model_dump_json()})


async def _faults(page: Page) -> list[str]:
    results = await Axe().run(page)
    return [
        f"{each['id']}: {each['help']}: {[node['html'] for node in each['nodes']]}"
        for each in results.response["violations"]
    ]


async def _overflow(page: Page) -> int:
    script = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return int(await page.evaluate(script))


async def test_the_faulted_connector_is_found_by_its_status(
    world: ConsoleWorld, yard: Yard, browser: Browser
) -> None:
    await _several(yard)
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
    await _several(yard)
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


async def test_an_administrator_registers_and_admits(world: ConsoleWorld, browser: Browser) -> None:
    await _wait(world)
    page = await world.page(browser, role="administrator", path="/charge-points")
    await page.get_by_role("button", name="Register a charge point").click()
    form = page.get_by_role("form", name="Register")
    await form.get_by_role("button", name="Register").click()
    await expect(form).to_contain_text("A price is a number such as 0.25.")
    await form.get_by_label("Id", exact=True).fill("CP-7")
    await form.get_by_label("Price of a kWh").fill("0.4")
    await form.get_by_role("button", name="Register").click()
    told = page.get_by_role("region", name="Register a charge point")
    await expect(told).to_contain_text("CP-7 is registered", timeout=15_000)
    await expect(told).to_contain_text("ws://127.0.0.1:9000/CP-7")
    await expect(told).to_contain_text("The password is shown only now")
    await page.screenshot(path=screenshots / "console-charge-points-registered.png")
    config = await world.bus.read(keys.config("CP-7"))
    assert '"per_kwh":"400000000000000000"' in config["tariff"].replace(" ", "")

    waiting = page.get_by_role("region", name="Waiting to be admitted")
    await expect(waiting).to_contain_text("Alfen Eve")
    await waiting.get_by_role("button", name="Admit", exact=True).click()
    await waiting.get_by_label("Price of a kWh").fill("0.3")
    await page.screenshot(path=screenshots / "console-charge-points-admit.png", full_page=True)
    await waiting.get_by_role("button", name="Admit CP-9").click()
    await expect(waiting).to_contain_text("CP-9 is registered", timeout=15_000)
    assert await world.bus.read(keys.config("CP-9"))
    assert not await world.bus.read(keys.QUARANTINE)


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


async def test_the_price_is_changed_with_its_example(
    world: ConsoleWorld, yard: Yard, browser: Browser
) -> None:
    await yard.register()
    page = await world.page(browser, role="administrator", path=ONE)
    await page.get_by_role("link", name="Change the price").click()
    price = page.get_by_role("region", name="Price", exact=True)
    await expect(price.locator("[data-figure=example-sum]")).to_have_text("5 ETH")
    await price.get_by_label("A kWh, ETH").first.fill("0,5")
    await price.get_by_label("Fee of a session").fill("1")
    await price.get_by_label("Tax, %").fill("20")
    await expect(price.locator("[data-figure=example-sum]")).to_have_text("13.2 ETH")
    await price.get_by_role("button", name="Save the price").click()
    await expect(price).to_contain_text("Saved.")
    config = await world.bus.read(keys.config(POINT))
    assert '"per_kwh":"500000000000000000"' in config["tariff"].replace(" ", "")
    assert '"tax_percent":"20"' in config["tariff"].replace(" ", "")


async def test_removal_needs_the_id(world: ConsoleWorld, yard: Yard, browser: Browser) -> None:
    await yard.register()
    page = await world.page(browser, role="administrator", path=f"{ONE}/settings")
    remove = page.get_by_role("region", name="Remove the charge point")
    button = remove.get_by_role("button", name="Remove the charge point")
    await expect(button).to_be_disabled()
    await remove.get_by_label(f"Type {POINT} to confirm").fill(POINT)
    await button.click()
    await expect(page).to_have_url(f"{world.url}/charge-points")
    assert POINT not in await world.bus.members(keys.STATIONS)


@pytest.mark.parametrize("name", LOOKS)
async def test_everyone_can_use_the_list_and_the_live_page(
    world: ConsoleWorld, yard: Yard, browser: Browser, screenshots: Path, name: str
) -> None:
    await _several(yard)
    await _wait(world)
    await yard.charge(1)
    look = LOOKS[name]
    page = await world.page(
        browser, role="administrator", path="/charge-points", bypass_csp=True, **look
    )
    await expect(page.get_by_role("article")).to_have_count(3)
    await expect(page.get_by_text("Alfen Eve")).to_be_visible()
    await page.screenshot(path=screenshots / f"console-charge-points-{name}.png", full_page=True)
    found = await _faults(page)
    assert await _overflow(page) <= 0
    await page.goto(world.url + ONE)
    await expect(page.locator("[data-figure=energy]")).to_be_visible()
    await yard.charge(49)
    await expect(page.locator("[data-figure=energy]")).to_contain_text("4")
    await expect(page.locator("figcaption")).to_contain_text("50")
    await page.screenshot(path=screenshots / f"console-charge-point-{name}.png", full_page=True)
    found += await _faults(page)
    assert await _overflow(page) <= 0
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
