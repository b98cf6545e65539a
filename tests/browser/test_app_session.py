"""The driver's app in a real Chromium: a whole session with a real station."""

import asyncio
import re
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from app_page import bootstrap, look, phone, serving
from machine import TOKEN, TestStation, World, living
from playwright.async_api import Browser, Page, expect

from sdk.chain.accounts import new_key
from sdk.chain.dev_node import CHAIN_ID
from sdk.did.authority import authority_did

WITHIN_MS = 30_000
ASKED_TWICE_MS = 70_000
"""In which the page has asked again who is near."""


@pytest.fixture
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """One machine."""
    async with living(tmp_path_factory.mktemp("app")) as world:
        yield world


async def test_a_driver_charges_and_verifies_the_receipt(browser: Browser, world: World) -> None:
    station = await world.station()
    await world.charge_point(station, "--speed", "60")
    async with serving(world, bootstrap=await bootstrap(world)) as served, phone(browser) as page:
        asked = hosts(page)
        await page.goto(served.url)
        await find(page, station, world.authority.address)
        await pay(page)
        await watch(page)
        await page.reload()
        await goes_on(page)
        await stop(page)
        await read_receipt(page)
        doors = {door(address) for address in await bootstrap(world)}
        assert asked <= {urlsplit(url).netloc for url in (served.url, world.node.http_url)} | doors
        receipt = await world.stored_receipt(station)
        assert receipt["stop_reason"] == "consumer"
        assert receipt["refund_account"] == served.driver
        await world.check(station, receipt)


def hosts(page: Page) -> set[str]:
    """Collect whom the page asks or dials, from now on."""
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
    page.on("websocket", lambda socket: asked.add(urlsplit(socket.url).netloc))
    return asked


def door(address: str) -> str:
    """Give host and port of a multiaddr like /ip4/127.0.0.1/tcp/1/ws/..."""
    _, _, host, _, port, *_ = address.split("/")
    return f"{host}:{port}"


async def find(page: Page, station: TestStation, authority: str) -> None:
    """Enter the DID; price and trust are shown."""
    nearby = page.get_by_role("region", name="Nearby")
    await expect(nearby).to_contain_text("0.4 ETH/kWh", timeout=ASKED_TWICE_MS)
    await look(page, "start")
    await page.get_by_label("Or enter its DID").fill(station.qr)
    await page.get_by_role("button", name="Show station").click()
    await expect(page.locator("[data-figure=price]")).to_contain_text("0.4 ETH", timeout=WITHIN_MS)
    await expect(page.get_by_text("Verified station")).to_be_visible()
    await expect(page.get_by_role("region", name="Trust")).to_contain_text(authority[:10])
    await expect(page.get_by_role("radio")).to_be_checked()
    await expect(page.get_by_text("Free", exact=True)).to_be_visible(timeout=WITHIN_MS)
    await look(page, "station")


async def pay(page: Page) -> None:
    """Choose an amount, see what it buys, and pay it."""
    await page.get_by_role("link", name="Choose the deposit").click()
    amount = page.get_by_role("textbox", name="Amount")
    await amount.fill("0.1")
    await expect(page.get_by_text("asks for at least 0.5 ETH")).to_be_visible()
    await amount.fill("20")
    await expect(page.locator("[data-figure=buys]")).to_have_text("Up to 50.00 kWh")
    await expect(page.locator("[data-figure=balance]")).to_have_text("1,000.00 ETH")
    await look(page, "deposit")
    await page.get_by_role("button", name="Pay 20 ETH and charge").click()


async def watch(page: Page) -> None:
    """The figures move, and vouchers follow."""
    await expect(page.locator("[data-phase=charging]")).to_be_visible(timeout=WITHIN_MS)
    await rises(page, "energy")
    await rises(page, "signed")
    await expect(page.get_by_text("Direct")).to_be_visible()
    await expect(page.locator(".curve canvas")).to_be_visible()
    await look(page, "charging")


async def goes_on(page: Page) -> None:
    """After a reload the session is taken up, and goes on."""
    await expect(page.get_by_text("Direct")).to_be_visible(timeout=WITHIN_MS)
    await expect(page.locator("[data-phase=charging]")).to_be_visible(timeout=WITHIN_MS)
    await rises(page, "signed")


async def stop(page: Page) -> None:
    """Stop asks once."""
    await page.get_by_role("button", name="Stop charging").click()
    dialog = page.get_by_role("dialog", name="Stop charging?")
    await expect(dialog).to_be_visible()
    await look(page, "stop")
    await dialog.get_by_role("button", name="Go on charging").click()
    await expect(dialog).to_be_hidden()
    await page.get_by_role("button", name="Stop charging").click()
    await dialog.get_by_role("button", name="Stop now").click()


async def read_receipt(page: Page) -> None:
    """The receipt adds up, and every check of it holds."""
    verify = page.get_by_role("button", name="Verify the receipt")
    await expect(verify).to_be_visible(timeout=WITHIN_MS)
    await look(page, "receipt")
    await verify.click()
    await expect(page.get_by_text("Every check holds.")).to_be_visible(timeout=WITHIN_MS)
    await look(page, "receipt-verified")
    spent, refund = [
        await page.locator(f"[data-figure={name}]").inner_text() for name in ("spent", "refund")
    ]
    assert units(spent) + units(refund) == 20 * TOKEN
    async with page.expect_download() as downloading:
        await page.get_by_role("button", name="Download").click()
    assert (await downloading.value).suggested_filename.endswith(".json")


async def rises(page: Page, figure: str) -> None:
    """A figure gets larger."""
    shown = page.locator(f"[data-figure={figure}]")
    first = number(await shown.inner_text())
    async with asyncio.timeout(WITHIN_MS / 1000):
        while number(await shown.inner_text()) <= first:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.1)


def number(text: str) -> float:
    found = re.match(r"[\d,.]+", text)
    assert found, text
    return float(found[0].replace(",", ""))


def units(text: str) -> int:
    """An exact amount as the page writes it, in the smallest unit."""
    whole, _, part = text.split(maxsplit=1)[0].replace(",", "").partition(".")
    return int(whole) * TOKEN + int(part.ljust(18, "0"))


async def test_a_station_that_nobody_vouches_for_is_not_paid(
    browser: Browser, world: World
) -> None:
    station = await world.station()
    await world.charge_point(station)
    other = authority_did(new_key(), CHAIN_ID)
    addresses = await bootstrap(world)
    async with (
        serving(world, authority=other, bootstrap=addresses) as served,
        phone(browser) as page,
    ):
        await page.goto(f"{served.url}/#/station/{station.qr}")
        await expect(page.get_by_role("heading", name="Do not pay here")).to_be_visible(
            timeout=WITHIN_MS
        )
        await look(page, "do-not-pay")
        await expect(page.get_by_text("Choose the deposit")).to_have_count(0)
        await expect(page.locator("[data-figure=price]")).to_have_count(0)
        await page.get_by_role("link", name="Find another station").click()
        await expect(page.get_by_text("No station has announced itself")).to_be_visible(
            timeout=WITHIN_MS
        )
