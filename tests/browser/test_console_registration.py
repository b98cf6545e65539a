"""Charge points are registered, admitted, priced and removed in a real Chromium."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from console_look import faults
from console_world import ConsoleWorld, console_world
from console_yard import POINT, Yard
from playwright.async_api import Browser, expect

from sdk.bus import keys
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


async def test_an_administrator_registers_and_admits(
    world: ConsoleWorld, yard: Yard, browser: Browser, screenshots: Path
) -> None:
    await yard.quarantine()
    page = await world.page(browser, role="administrator", path="/charge-points", bypass_csp=True)
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
    address = told.locator("[data-figure=charge-point-url]")
    await told.get_by_label("The gateway as the charge point reaches it").fill("csms.example:80/x")
    await expect(address).to_have_text("ws://csms.example:80/x/CP-7")
    await page.screenshot(path=screenshots / "console-charge-points-registered.png")
    config = await world.bus.read(keys.config("CP-7"))
    assert '"per_kwh":"400000000000000000"' in config["tariff"].replace(" ", "")

    waiting = page.get_by_role("region", name="Waiting to be admitted")
    await expect(waiting).to_contain_text("Alfen Eve")
    await waiting.get_by_role("button", name="Admit", exact=True).click()
    await waiting.get_by_label("Price of a kWh").fill("0.3")
    await page.screenshot(path=screenshots / "console-charge-points-admit.png", full_page=True)
    assert await faults(page) == []
    await waiting.get_by_role("button", name="Admit CP-9").click()
    await expect(waiting).to_contain_text("CP-9 is registered", timeout=15_000)
    await expect(waiting).to_contain_text("ws://csms.example:80/x/CP-9")
    assert await world.bus.read(keys.config("CP-9"))
    assert not await world.bus.read(keys.QUARANTINE)


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
