"""What an operator asks of a charge point in a real Chromium, and what arrives at the charge point.

A real gateway stands between them; the charge point is played at the other end of its socket.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from api_world import answering
from console_look import LOOKS, faults, overflow
from console_world import ConsoleWorld, console_world
from console_yard import Yard
from cpg_world import Point, gateway_in_process, soon
from playwright.async_api import Browser, Page, expect
from willing_point import WILLING

from sdk.bus.redis_bus import RedisBus
from sdk.desired_configuration import DesiredConfiguration

POINT = "CP-1"
ONE = f"/charge-points/{POINT}"
KEYS = [
    {"key": "HeartbeatInterval", "readonly": False, "value": "300"},
    {"key": "NumberOfConnectors", "readonly": True, "value": "2"},
]
BOOT = {"chargePointVendor": "Alfen", "chargePointModel": "Eve", "firmwareVersion": "1.2"}


@pytest.fixture
async def yard(redis_bus: RedisBus, redis_url: str) -> AsyncIterator[tuple[ConsoleWorld, Point]]:
    """A console, a gateway, and a charge point that says yes to whatever it is asked."""
    assert redis_bus is not None
    async with (
        gateway_in_process(redis_url) as gateway,
        console_world(redis_url, answer_timeout=5) as world,
    ):
        await gateway.register(POINT)
        async with gateway.point(POINT) as point:
            point.answers = {**WILLING, "GetConfiguration": {"configurationKey": KEYS}}
            await point.tell("BootNotification", BOOT)
            for number in (1, 2):
                status = {"connectorId": number, "status": "Available", "errorCode": "NoError"}
                await point.tell("StatusNotification", status)
            yield world, point


@asynccontextmanager
async def _opened(
    yard: tuple[ConsoleWorld, Point], browser: Browser, path: str = ONE, **look: Any
) -> AsyncIterator[tuple[Page, Point]]:
    world, point = yard
    page = await world.page(browser, path=path, **look)
    async with answering(point):
        yield page, point


def _asked(point: Point, action: str) -> list[Any]:
    return [payload for name, payload in point.asked if name == action]


async def test_it_is_restarted_and_a_cable_freed(
    yard: tuple[ConsoleWorld, Point], browser: Browser
) -> None:
    async with _opened(yard, browser) as (page, point):
        most = page.get_by_role("region", name="Most used")
        await most.get_by_role("button", name="Restart", exact=True).click()
        await expect(page.get_by_role("dialog")).to_contain_text("offline for a minute")
        await page.get_by_role("dialog").get_by_role("button", name="Restart").click()
        await expect(most).to_contain_text("The charge point accepted it")
        assert _asked(point, "Reset") == [{"type": "Soft"}]
        second = page.get_by_role("region", name="Connector 2")
        await second.get_by_role("button", name="Unlock the cable").click()
        await page.get_by_role("dialog").get_by_role("button", name="Unlock").click()
        await expect(second).to_contain_text("The connector is unlocked")
        assert _asked(point, "UnlockConnector") == [{"connectorId": 2}]
        await second.get_by_role("button", name="Take out of service").click()
        await page.get_by_role("dialog").get_by_role("button", name="Take out").click()
        await expect(second).to_contain_text("The charge point accepted it")
        assert _asked(point, "ChangeAvailability") == [{"connectorId": 2, "type": "Inoperative"}]


async def test_a_late_answer_is_told(yard: tuple[ConsoleWorld, Point], browser: Browser) -> None:
    world, point = yard
    point.answers["ClearCache"] = None
    page = await world.page(browser, path=f"{ONE}/commands?operation=ClearCache")
    async with answering(point):
        await page.get_by_role("button", name="Send").click()
        await page.get_by_role("dialog").get_by_role("button", name="Clear").click()
        form = page.get_by_role("form", name="Clear the cache of tags")
        await expect(form).to_contain_text("No answer in time.", timeout=15_000)
        await point.socket.send(json.dumps([3, "long-gone", {"status": "Accepted"}]))
        await expect(form).to_contain_text("An answer came late", timeout=15_000)


async def test_a_form_is_made_of_the_operation_s_schema(
    yard: tuple[ConsoleWorld, Point], browser: Browser
) -> None:
    async with _opened(yard, browser, f"{ONE}/commands") as (page, point):
        await page.get_by_label("Search the commands").fill("profile")
        await page.get_by_role("link", name="Set a charging profile").click()
        form = page.get_by_role("form", name="Set a charging profile")
        await form.get_by_label("Limit", exact=True).fill("10.5")
        await form.get_by_role("button", name="Another entry: Periods").click()
        await form.get_by_role("button", name="Send").click()
        await expect(form).to_contain_text("Some fields have to be mended first.")
        await form.get_by_label("Begins after seconds").nth(1).fill("3600")
        await form.get_by_label("Limit", exact=True).nth(1).fill("6")
        await form.get_by_role("button", name="Send").click()
        await expect(form).to_contain_text("The charge point accepted it")
        (asked,) = _asked(point, "SetChargingProfile")
        periods = asked["csChargingProfiles"]["chargingSchedule"]["chargingSchedulePeriod"]
        assert [(each["startPeriod"], each["limit"]) for each in periods] == [(0, 10.5), (3600, 6)]


async def test_every_operation_has_a_form(
    yard: tuple[ConsoleWorld, Point], browser: Browser
) -> None:
    async with _opened(yard, browser, f"{ONE}/commands", role="administrator") as (page, _):
        chooser = page.get_by_role("region", name="Commands")
        links = chooser.get_by_role("link")
        await expect(links).to_have_count(28)
        for number in range(28):
            name = await links.nth(number).inner_text()
            await links.nth(number).click()
            form = page.get_by_role("form", name=name, exact=True)
            await expect(form.get_by_role("button", name="Send")).to_be_enabled()


async def test_a_key_is_changed_and_kept(
    yard: tuple[ConsoleWorld, Point], browser: Browser
) -> None:
    world, _ = yard
    async with _opened(yard, browser, f"{ONE}/configuration") as (page, point):
        await page.get_by_role("button", name="Read it again").click()
        table = page.get_by_role("grid", name="Configuration")
        await expect(table).to_contain_text("NumberOfConnectors")
        await expect(table.get_by_role("button", name="Change NumberOfConnectors")).to_have_count(0)
        await table.get_by_role("button", name="Change HeartbeatInterval").click()
        form = page.get_by_role("form", name="Change HeartbeatInterval")
        await form.get_by_label("New value").fill("60")
        await form.get_by_label("Keep it so").check()
        await form.get_by_role("button", name="Set").click()
        await expect(form).to_contain_text("The charge point accepted it")
        assert {"key": "HeartbeatInterval", "value": "60"} in _asked(point, "ChangeConfiguration")
        await expect(page.get_by_role("region", name="Wanted values")).to_contain_text("= 60")
        # it says yes, and reports what it had
        drift = page.get_by_role("region", name="Not as wanted")
        await expect(drift).to_contain_text("wanted 60, has 300", timeout=15_000)
        await expect(page.get_by_role("link", name="1 key differs")).to_be_visible()
        assert await DesiredConfiguration(world.bus).get(POINT) == {"HeartbeatInterval": "60"}
        async with page.expect_download() as saved:
            await page.get_by_role("button", name="Download as JSON").click()
        told = json.loads(await asyncio.to_thread((await (await saved.value).path()).read_text))
        assert {each["key"] for each in told["reported"]} == {each["key"] for each in KEYS}


async def test_messages_are_paired_filtered_and_opened(
    yard: tuple[ConsoleWorld, Point], browser: Browser
) -> None:
    async with _opened(yard, browser, f"{ONE}/messages", bypass_csp=True) as (page, _):
        table = page.get_by_role("grid", name="Messages")
        await expect(table.get_by_role("row")).to_have_count(4)
        await page.get_by_label("Action").select_option("BootNotification")
        await expect(table.get_by_role("row")).to_have_count(2)
        await expect(table).to_contain_text("chargePointVendor Alfen")
        await table.get_by_role("button", name="Open BootNotification").click()
        await expect(page.get_by_role("region", name="Request")).to_contain_text('"Alfen"')
        await expect(page.get_by_role("region", name="Answer")).to_contain_text('"Accepted"')
        assert page.url.endswith("?action=BootNotification")
        assert await faults(page) == []


async def test_a_reservation_is_made_and_cancelled(
    yard: tuple[ConsoleWorld, Point], browser: Browser
) -> None:
    async with _opened(yard, browser, f"{ONE}/lists") as (page, point):
        panel = page.get_by_role("region", name="Reservations")
        await expect(panel).to_contain_text("Nothing is reserved.")
        await panel.get_by_role("button", name="Make a reservation").click()
        form = panel.get_by_role("form", name="Reserve a connector")
        await form.get_by_label("idTag", exact=True).fill("TAG-7")
        await form.get_by_role("button", name="Send").click()
        await expect(panel.get_by_role("grid")).to_contain_text("TAG-7")
        await panel.get_by_role("grid").get_by_role("button").click()
        await (
            page.get_by_role("dialog").get_by_role("button", name=re.compile(r"Cancel \d")).click()
        )
        await expect(panel).to_contain_text("Nothing is reserved.")
        assert _asked(point, "CancelReservation")


async def test_firmware_shows_its_progress(
    yard: tuple[ConsoleWorld, Point], browser: Browser
) -> None:
    path = f"{ONE}/lists"
    async with _opened(yard, browser, path, role="administrator") as (page, point):
        panel = page.get_by_role("region", name="Firmware, diagnostics and logs")
        await panel.get_by_role("button", name="Update firmware").click()
        form = panel.get_by_role("form", name="Update firmware")
        await form.get_by_label("Address (URL)").fill("https://files.example.com/1.3.bin")
        await form.get_by_role("button", name="Send").click()
        await page.get_by_role("dialog").get_by_role("button", name="Update firmware").click()
        await expect(panel).to_contain_text("https://files.example.com/1.3.bin")
        frame = [2, "f1", "FirmwareStatusNotification", {"status": "Installing"}]
        await point.socket.send(json.dumps(frame))
        await expect(panel.locator("[aria-current=step]")).to_have_text("Installing")


async def test_current_and_voltage_come_from_the_meter(
    yard: tuple[ConsoleWorld, Point], browser: Browser
) -> None:
    world, point = yard
    values = [
        {"value": "16.0", "measurand": "Current.Import", "unit": "A", "phase": "L1"},
        {"value": "15.5", "measurand": "Current.Import", "unit": "A", "phase": "L2"},
        {"value": "231", "measurand": "Voltage", "unit": "V"},
    ]
    sample = [{"timestamp": soon(0), "sampledValue": values}]
    told = {"connectorId": 1, "transactionId": 42, "meterValue": sample}
    await point.tell("MeterValues", told)
    await Yard(world.bus).charge(3)
    async with _opened(yard, browser) as (page, _):
        connector = page.get_by_role("region", name="Connector 1")
        await expect(connector.locator("[data-figure=current]")).to_have_text("16.0 / 15.5 A")
        await expect(connector.locator("[data-figure=voltage]")).to_have_text("231 V")


@pytest.mark.parametrize("name", LOOKS)
async def test_everyone_can_use_every_tab(
    yard: tuple[ConsoleWorld, Point], browser: Browser, screenshots: Path, name: str
) -> None:
    world, _ = yard
    look = {"role": "administrator", "bypass_csp": True, **LOOKS[name]}
    await DesiredConfiguration(world.bus).set(POINT, "MeterValueSampleInterval", "30")
    found: list[str] = []
    async with _opened(yard, browser, f"{ONE}/configuration", **look) as (page, _point):
        await page.locator(".console-cp-action button").first.click()
        await expect(page.get_by_text("NumberOfConnectors").first).to_be_visible()
        tabs = {
            "configuration": "configuration",
            "messages": "messages",
            "lists": "lists",
            "commands": "commands?operation=SetChargingProfile",
            "settings": "settings",
        }
        for tab, path in tabs.items():
            await page.goto(f"{world.url}{ONE}/{path}")
            await expect(page.locator("h2").first).to_be_visible()
            await page.wait_for_load_state("networkidle")
            shot = screenshots / f"console-charge-point-{tab}-{name}.png"
            await page.screenshot(path=shot, full_page=True)
            assert await overflow(page) <= 0, tab
            if name in ("phone", "de"):
                continue
            found += [f"{tab}: {fault}" for fault in await faults(page)]
    assert found == []
