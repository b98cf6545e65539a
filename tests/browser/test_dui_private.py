"""A session without money is marked wherever the page shows it; disputes are decided there."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from console_browser import open_console
from playwright.async_api import Browser, Page, expect

from sdk.chain.client import NodeStatus
from sdk.disputes import read_disputes
from sdk.events.settlement import SettlementFailed
from sdk.ids import utc_now
from sdk.records.reading import find
from session_manager.console import Console, ConsoleAddress
from tests.session_kit import CP, LIMITS, reading, started, stopped
from tests.station_kit import PRIVATE_ID, House, Ride, open_house, ride

STATIC = Path(__file__).parents[2] / "dui" / "static"
NODE = NodeStatus(
    url="http://127.0.0.1:8545", chain_id=31337, connected=True, block_number=1204, latency_ms=2
)
WIDTHS = {"desktop": 1440, "phone": 390}
MARK = "PRIVATE, no money"


@pytest.fixture
async def house(redis_bus: Any) -> AsyncIterator[House]:
    """A station with a manager at work; nobody else plays its part."""
    async with open_house(redis_bus) as house:
        house.private_id = PRIVATE_ID
        await house.drive()
        yield house


@pytest.fixture
async def url(house: House) -> AsyncIterator[str]:
    assert (STATIC / "index.html").is_file(), "build the page first: npm run build in dui/"
    address = ConsoleAddress("127.0.0.1", 0, STATIC)
    console = Console(house.bus, lambda: NODE, utc_now, address, answer_timeout=10.0)
    async with asyncio.TaskGroup() as tasks:
        url = await console.start()
        tasks.create_task(console.run())
        yield url
        await console.stop()


async def _private(house: House) -> None:
    """Plug in and present the test's idTag at connector 2."""
    await house.send(started(PRIVATE_ID, transaction_id=8), n=2)
    for minute in range(1, 6):
        house.now += timedelta(minutes=1)
        body = reading(500 * minute, 60 * minute, transaction_id=8, power_w=11_000)
        await house.send(body, n=2)


async def _disputed(house: House, reason: str = "gas_account_low") -> Ride:
    """Charge 3 kWh at connector 1, and have no payout in time."""
    trip = await ride(house)
    await trip.start()
    await trip.charge()
    await trip.pay(3_000)
    await house.send(stopped(3_000))
    await house.advance(LIMITS.approval)
    failed = {"session_id": trip.quote.session_id, "reason": reason}
    await house.send(SettlementFailed.model_validate(failed))
    await house.advance(LIMITS.execution)
    return trip


async def _complaints(page: Page) -> list[str]:
    results = await Axe().run(page)
    return [
        f"{each['id']}: {each['help']}: {[node['html'] for node in each['nodes']]}"
        for each in results.response["violations"]
    ]


async def test_a_private_session_is_marked_on_connector_and_session(
    house: House, url: str, page: Page, screenshots: Path
) -> None:
    await open_console(page, house.bus, url)
    tile = page.get_by_role("button", name="Connector 2")
    await expect(tile).to_be_visible()
    await expect(page.get_by_text(MARK)).to_have_count(0)

    await _private(house)
    session = page.get_by_role("region", name="Session", exact=True)
    await expect(session).to_contain_text("Session on connector 2")
    await expect(session.get_by_text(MARK)).to_be_visible()
    await expect(session.get_by_text("A test without money")).to_be_visible()
    await expect(session.locator("[data-figure=energy]")).to_have_text("2.500")
    await expect(session.get_by_text("Left of the deposit")).to_have_count(0)
    await expect(tile.get_by_text(MARK)).to_be_visible()
    await page.screenshot(path=screenshots / "private-charging.png", full_page=True)

    await session.get_by_role("button", name="Stop the session").click()
    await expect(page.get_by_role("dialog")).to_contain_text("nobody pays")
    await page.keyboard.press("Escape")
    await house.send(stopped(2_500, transaction_id=8), n=2)
    await expect(session.get_by_text("no money moved")).to_be_visible()
    await expect(session.get_by_text(MARK)).to_be_visible()


async def test_a_paid_session_is_not_marked(house: House, url: str, page: Page) -> None:
    trip = await ride(house)
    await trip.start()
    await trip.charge()
    await open_console(page, house.bus, url)
    session = page.get_by_role("region", name="Session", exact=True)
    await expect(session.get_by_text("Left of the deposit")).to_be_visible()
    await expect(page.get_by_text(MARK)).to_have_count(0)


async def test_a_dispute_says_what_can_be_done_and_is_written_off(
    house: House, url: str, page: Page, screenshots: Path
) -> None:
    trip = await _disputed(house)
    await open_console(page, house.bus, url)
    card = page.get_by_role("region", name="Disputed sessions")
    await expect(card).to_contain_text("the gas account is too low")
    await expect(card).to_contain_text("send it funds")
    await page.screenshot(path=screenshots / "disputed.png", full_page=True)

    await card.get_by_role("button", name="Retry the payout").click()
    await page.get_by_role("dialog").get_by_role("button", name="Retry the payout").click()
    await expect(card).to_contain_text("being paid out again now")
    assert house.looked[trip.quote.session_id][1].retries == 1

    await card.get_by_role("button", name="Write off").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("gives up 0.000000000000003 ETH")
    await dialog.get_by_role("button", name="Leave it as it is").click()
    assert len(await read_disputes(house.bus, house.now)) == 1
    await card.get_by_role("button", name="Write off").click()
    await dialog.get_by_role("button", name="Write off").click()
    await expect(card).to_contain_text("the session has ended")
    await expect(card.get_by_role("listitem")).to_have_count(0)
    record = await find(house.bus, CP, trip.quote.session_id)
    assert "written_off" in record.status.flags


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("device", ["desktop", "phone"])
async def test_everyone_can_read_it(
    house: House, url: str, browser: Browser, screenshots: Path, theme: Any, device: str
) -> None:
    context = await browser.new_context(
        viewport={"width": WIDTHS[device], "height": 900}, color_scheme=theme, bypass_csp=True
    )
    page = await context.new_page()
    await _disputed(house)
    await _private(house)
    await open_console(page, house.bus, url)
    await expect(page.get_by_text(MARK)).to_have_count(2)
    await expect(page.get_by_role("region", name="Disputed sessions")).to_be_visible()
    await page.screenshot(path=screenshots / f"private-{device}-{theme}.png", full_page=True)
    complaints = await _complaints(page)
    await page.get_by_role("button", name="Refund everything").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    complaints += await _complaints(page)
    overflow = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    await context.close()
    assert complaints == []
    assert overflow <= 0
