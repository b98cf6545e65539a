"""The driver's app around a session: without a network, on a narrow phone, set up anew."""

import json
from collections.abc import AsyncIterator

import pytest
from app_page import Site, look, page_server, phone
from playwright.async_api import Browser, Page, expect

from sdk.label import qr_modules

WITHIN_MS = 15_000
AUTHORITY = "did:ethr:0x7a69:0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"
STATION = "did:ethr:0x7a69:0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF"
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """The page, set up for a chain node that does not answer."""
    config = {"chainUrl": NOWHERE, "chainId": 31337, "authorities": [AUTHORITY], "bootstrap": []}
    async with page_server(config) as site:
        yield site


async def installed(page: Page) -> None:
    """Wait until the service worker has the shell and serves this page."""
    await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    await page.reload()
    await page.wait_for_function("navigator.serviceWorker.controller !== null")


async def test_it_opens_without_a_network(browser: Browser, site: Site) -> None:
    async with phone(browser) as page:
        await page.goto(site.url)
        await expect(page.get_by_role("heading", name="Where do you charge?")).to_be_visible()
        await installed(page)
        await site.stop()
        await page.context.set_offline(True)
        await page.reload()
        await expect(page.get_by_text("You seem to be offline")).to_be_visible(timeout=WITHIN_MS)
        await expect(page.get_by_label("Or enter its DID")).to_be_visible()
        await look(page, "offline")


async def test_a_silent_node_is_not_taken_for_a_bad_station(browser: Browser, site: Site) -> None:
    async with phone(browser) as page:
        await page.goto(f"{site.url}/#/station/{STATION}")
        await expect(page.get_by_text("The chain node does not answer.")).to_be_visible(
            timeout=WITHIN_MS
        )
        await expect(page.get_by_text("Do not pay before it is.")).to_be_visible()
        await expect(page.get_by_text("Do not pay here")).to_have_count(0)
        await expect(page.get_by_role("button", name="Try again")).to_be_visible()
        await look(page, "node-silent")


CAMERA = """
    navigator.mediaDevices.getUserMedia = async () => {
        const canvas = document.createElement('canvas');
        canvas.width = canvas.height = 480;
        const pen = canvas.getContext('2d');
        const modules = %s;
        const size = Math.floor(400 / modules.length);
        const draw = () => {
            pen.fillStyle = '#fff';
            pen.fillRect(0, 0, 480, 480);
            pen.fillStyle = '#000';
            modules.forEach((row, y) => row.forEach((dark, x) => {
                if (dark) pen.fillRect(40 + x * size, 40 + y * size, size, size);
            }));
        };
        setInterval(draw, 50);
        draw();
        return canvas.captureStream(20);
    };
"""


async def test_the_camera_reads_a_printed_label(browser: Browser, site: Site) -> None:
    label = f"{STATION}?connector=2"
    async with phone(browser) as page:
        await page.add_init_script(CAMERA % json.dumps(qr_modules(label)))
        await page.goto(f"{site.url}/#/")
        await page.get_by_role("link", name="Scan the station").click()
        await expect(page).to_have_url(f"{site.url}/#/station/{label}", timeout=WITHIN_MS)


async def test_without_a_camera_the_did_is_entered(browser: Browser, site: Site) -> None:
    async with phone(browser) as page:
        await page.goto(f"{site.url}/#/scan")
        await expect(page.get_by_role("alert")).to_be_visible(timeout=WITHIN_MS)
        await look(page, "no-camera")
        await page.get_by_role("link", name="Enter the DID instead").click()
        await expect(page.get_by_label("Or enter its DID")).to_be_visible()


async def test_settings_are_checked_kept_and_reset(browser: Browser, site: Site) -> None:
    async with phone(browser) as page:
        await page.goto(site.url)
        await page.get_by_role("link", name="Settings").click()
        node = page.get_by_label("Node")
        await expect(node).to_have_value(NOWHERE)
        await page.get_by_label("Authorities").fill("did:web:somebody")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Not a DID: did:web:somebody")).to_be_visible()
        await look(page, "settings")
        await page.get_by_label("Authorities").fill(AUTHORITY)
        await node.fill("http://127.0.0.1:10")
        await page.get_by_role("button", name="Make a new one").click()
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Account")).to_be_visible()
        await page.reload()
        await expect(node).to_have_value("http://127.0.0.1:10")
        await page.get_by_role("button", name="Back to the defaults").click()
        await expect(node).to_have_value(NOWHERE)


async def test_it_fits_the_narrowest_phone_and_is_used_by_keyboard(
    browser: Browser, site: Site
) -> None:
    async with phone(browser, width=360) as page:
        for at in ("", "scan", "settings", f"station/{STATION}"):
            await page.goto(f"{site.url}/#/{at}")
            await expect(page.get_by_role("heading", level=1)).to_be_visible()
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide <= 360, at
        await page.goto(f"{site.url}/#/")
        await page.get_by_label("Or enter its DID").focus()
        await page.keyboard.type("not a label")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("That is not the code of a charging")).to_be_visible()
        await look(page, "not-a-label")
        await page.get_by_label("Or enter its DID").fill(STATION)
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Try again")).to_be_visible(timeout=WITHIN_MS)


async def test_only_one_tab_signs(browser: Browser, site: Site) -> None:
    async with phone(browser) as page:
        await page.goto(site.url)
        await expect(page.get_by_label("Or enter its DID")).to_be_visible()
        second = await page.context.new_page()
        await second.goto(site.url)
        await expect(second.get_by_text("open in another tab")).to_be_visible()
        await look(second, "elsewhere")
        await second.get_by_role("button", name="Use it here").click()
        await expect(second.get_by_label("Or enter its DID")).to_be_visible()
        await expect(page.get_by_text("open in another tab")).to_be_visible()


async def test_it_can_be_installed(browser: Browser, site: Site) -> None:
    async with phone(browser) as page:
        await page.goto(site.url)
        await installed(page)
        session = await page.context.new_cdp_session(page)
        manifest = await session.send("Page.getAppManifest")
        assert manifest["errors"] == []
        problems = await session.send("Page.getInstallabilityErrors")
        # A context of a test has its own profile, which Chromium takes for a private window.
        found = [one["errorId"] for one in problems["installabilityErrors"]]
        assert set(found) <= {"in-incognito"}
