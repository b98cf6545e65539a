"""The overview in a real Chromium: what it counts, where its numbers lead, and how it looks."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from console_look import LOOKS, check_look
from console_world import ConsoleWorld, console_world
from ended_sessions import record, row, store
from playwright.async_api import Browser, expect

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.bus.redis_bus import RedisBus
from sdk.events.service import ChargingStatus

ETH = 10**18
SESSION = "0x" + "ab" * 32


@pytest.fixture
async def world(redis_bus: RedisBus, redis_url: str) -> AsyncIterator[ConsoleWorld]:
    del redis_bus  # it has emptied the server
    async with console_world(redis_url) as world:
        yield world


async def register(bus: Bus, point: str, statuses: list[str], *, connected: bool = True) -> None:
    tariff = json.dumps({"per_kwh": str(ETH // 4)})
    await bus.write(keys.config(point), {"connectors": str(len(statuses)), "tariff": tariff})
    await bus.write(keys.state(point), {"connected": "1" if connected else "0"})
    for number, status in enumerate(statuses, 1):
        await bus.write(keys.connector(point, number), {"status": status})
    await bus.add_member(keys.STATIONS, point)


async def charge(bus: Bus, point: str, connector_id: int) -> None:
    status = ChargingStatus.model_validate(
        {
            "session_id": SESSION,
            "phase": "charging",
            "energy_wh": 5_250,
            "power_w": 11_040,
            "deposit": 5 * ETH,
            "cost": 2 * ETH,
            "remaining": 3 * ETH,
            "voucher": ETH,
        }
    )
    shown = {"phase": "charging", "status": status.model_dump_json()}
    await bus.write(keys.session(point, connector_id), shown)


async def test_it_counts_what_all_charge_points_do(world: ConsoleWorld, browser: Browser) -> None:
    await register(world.bus, "CP-1", ["Charging", "Faulted"])
    await register(world.bus, "CP-2", ["Available"])
    await register(world.bus, "CP-3", ["Faulted"], connected=False)
    await charge(world.bus, "CP-1", 1)
    page = await world.page(browser)
    await expect(page.locator("[data-figure=online]")).to_have_text("2 of 3")
    await expect(page.locator("[data-figure=faulted]")).to_have_text("1")
    await expect(page.locator("[data-figure=charging]")).to_have_text("1")
    await expect(page.locator("[data-figure=power]")).to_have_text("11.0 kW")
    running = page.get_by_role("region", name="Charging now")
    await expect(running).to_contain_text("5.250 kWh")
    await running.get_by_role("link", name="CP-1, connector 1").click()
    await expect(page).to_have_url(f"{world.url}/charge-points/CP-1")


async def test_a_day_without_a_session_has_no_figures_but_that(
    world: ConsoleWorld, browser: Browser
) -> None:
    await register(world.bus, "CP-1", ["Available"])
    page = await world.page(browser)
    await expect(page.locator("[data-figure=sessions-today]")).to_have_text("0")
    for figure in ("energy-today", "revenue-today", "success-today"):
        shown = page.locator(f"[data-figure={figure}]")
        await expect(shown).to_contain_text("No session has ended today.")  # for the ear
        await expect(shown).not_to_contain_text("0")


async def test_without_a_charge_point_it_says_what_to_do(
    world: ConsoleWorld, browser: Browser
) -> None:
    page = await world.page(browser)
    await expect(page.get_by_text("noroam charge-point add")).to_be_visible()


@pytest.mark.parametrize("name", LOOKS)
async def test_it_is_fit_for_everybody(
    world: ConsoleWorld,
    browser: Browser,
    screenshots: Path,
    name: str,
) -> None:
    await register(world.bus, "CP-1", ["Charging", "Faulted"])
    await register(world.bus, "CP-2", ["Available"], connected=False)
    await charge(world.bus, "CP-1", 1)
    for _ in range(3):
        ended = record()
        await store(world.bus, ended, row(ended))
    page = await world.page(browser, bypass_csp=True, **LOOKS[name])
    await expect(page.locator("[data-figure=power]")).to_contain_text("11")
    await check_look(page, screenshots / f"console-overview-{name}.png")
