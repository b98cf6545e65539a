"""Identities in a real Chromium, on a real chain: read, published, printed, and given up."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from console_look import LOOKS, check_look
from console_world import ConsoleWorld, console_world
from identity_manager import managed, running_node
from identity_world import POINT, IdentityWorld, identity_world, own_process
from playwright.async_api import Browser, expect

from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus
from sdk.chain.accounts import new_key
from sdk.chain.dev_node import CHAIN_ID, DevNode
from sdk.charge_point_config import ChargePointConfig, station_did
from sdk.register import Register
from sdk.tariff import Tariff

ONE = f"/identity/{POINT}"
HISTORY = ".console-identity-history > li"


@pytest.fixture(scope="module")
def node() -> Iterator[DevNode]:
    with running_node() as node:
        yield node


@pytest.fixture
async def station(
    redis_bus: RedisBus, redis_url: str, node: DevNode
) -> AsyncIterator[IdentityWorld]:
    assert redis_bus is not None
    async with identity_world(redis_url, node) as station:
        await station.register()
        yield station


@pytest.fixture
async def world(
    station: IdentityWorld, redis_url: str, node: DevNode
) -> AsyncIterator[ConsoleWorld]:
    async with (
        own_process(node, station.authority) as process,
        console_world(redis_url, process=process) as world,
    ):
        yield world


async def test_all_identities_with_their_state(
    world: ConsoleWorld, station: IdentityWorld, browser: Browser
) -> None:
    bus = station.api.bus
    await bus.write(keys.identity(POINT), {"state": "published"})
    config = ChargePointConfig(
        charge_point_id="CP-2",
        did=station_did(CHAIN_ID, new_key().address),
        tariff=Tariff(per_kwh=3 * 10**17),
    )
    await Register(bus).add(config)
    await bus.write(keys.identity("CP-2"), {"state": "not_onboarded", "reason": "no_credential"})
    page = await world.page(browser, path="/identity")
    rows = page.locator("tbody tr")
    await expect(rows).to_have_count(2)
    await expect(rows.first).to_contain_text("Published")
    await page.get_by_label("State").select_option("not_onboarded")
    await expect(rows).to_have_count(1)
    assert page.url.endswith("?state=not_onboarded")
    await rows.get_by_role("link", name="CP-2").click()
    await expect(page.get_by_text("It has no credential yet.")).to_be_visible()


async def test_it_is_published_and_read(
    world: ConsoleWorld, station: IdentityWorld, browser: Browser
) -> None:
    page = await world.page(browser, role="administrator", path=ONE)
    await expect(page.locator("[data-figure=did]")).to_have_text(str(station.did))
    await expect(page.locator("[data-figure=trusted]")).to_have_text("would not pay it")
    async with managed(station):
        await page.get_by_role("button", name="Publish again").click()
        await expect(page.get_by_text("Published by 1 transaction")).to_be_visible(timeout=20_000)
        await expect(page.locator("[data-figure=trusted]")).to_have_text("would pay it")
    document = page.get_by_role("region", name="Document")
    await expect(document).to_contain_text(station.server.peer_id)
    await document.get_by_text("As JSON").click()
    await expect(document.locator("pre")).to_contain_text(str(station.did))
    credential = page.get_by_role("region", name="Credential")
    await expect(credential).to_contain_text("Valid")
    await expect(credential).to_contain_text(station.authority.address)
    await expect(page.get_by_role("region", name="Balances")).to_contain_text("ETH")
    await expect(page.locator(HISTORY)).to_have_count(1)


async def test_it_is_given_up_once_its_did_was_typed(
    world: ConsoleWorld, station: IdentityWorld, browser: Browser
) -> None:
    await station.onboarding().publish(POINT)
    page = await world.page(browser, role="administrator", path=ONE)
    async with managed(station):
        await page.get_by_role("button", name="Give up…").click()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="Give up…")).to_be_focused()
        await page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        sure = dialog.get_by_role("button", name="Give the DID up")
        await dialog.get_by_label("Type the DID to confirm").fill(str(station.did)[:-1])
        await expect(sure).to_be_disabled()
        await dialog.get_by_label("Type the DID to confirm").fill(str(station.did))
        await sure.click()
        await expect(page.locator("[data-outcome=deactivated]")).to_be_visible(timeout=20_000)
    await expect(page.get_by_role("button", name="Give up…")).to_be_disabled()
    await expect(page.locator(HISTORY)).to_have_count(2)
    await page.get_by_role("button", name="Document then").last.click()
    document = page.get_by_role("region", name="Document")
    await expect(document).to_contain_text("As it was at the end of block")
    await expect(document).to_contain_text(station.server.peer_id)
    assert "?block=" in page.url
    await document.get_by_role("button", name="As it is now").click()
    await expect(document).to_contain_text("says nothing of a station")


async def test_a_viewer_changes_nothing(world: ConsoleWorld, browser: Browser) -> None:
    page = await world.page(browser, role="viewer", path=ONE)
    await expect(page.get_by_role("region", name="Label")).to_be_visible()
    await expect(page.get_by_role("button", name="Publish again")).to_have_count(0)
    await expect(page.get_by_role("region", name="Give the DID up")).to_have_count(0)
    page = await world.page(browser, role="operator", path=ONE)
    await page.get_by_role("button", name="Publish again").click()
    await expect(page.get_by_text("No Session Manager drives this charge point")).to_be_visible()


async def test_a_label_is_shown_downloaded_and_printed_alone(
    world: ConsoleWorld, browser: Browser
) -> None:
    page = await world.page(browser, role="viewer", path=ONE)
    label = page.get_by_alt_text("Label of connector 1")
    await expect(label).to_be_visible()
    await page.get_by_label("Connector").select_option("2")
    await expect(page.get_by_text("?connector=2")).to_be_visible()
    await page.get_by_label("Size").select_option("a6")
    shown = page.get_by_alt_text("Label of connector 2")
    await expect(shown).to_have_js_property("complete", value=True)
    assert await shown.evaluate("image => image.naturalWidth") > 0
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="PDF").click()
    download = await downloading.value
    assert download.suggested_filename == f"label-{POINT}-2.pdf"
    assert (await download.path()).read_bytes().startswith(b"%PDF-")
    await page.evaluate("window.print = () => { window.printed = true }")
    await page.get_by_role("button", name="Print").click()
    await page.wait_for_function("window.printed")
    await page.emulate_media(media="print")
    paper = page.locator(".console-identity-paper")
    await expect(paper).to_be_visible()
    await expect(page.get_by_role("heading", name=POINT)).to_be_hidden()
    width = await paper.evaluate("paper => paper.getBoundingClientRect().width")
    assert round(width / 96 * 25.4) == 105
    await page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    await expect(paper).to_have_count(0)


@pytest.mark.parametrize("look", LOOKS)
async def test_it_is_fit_for_everybody(
    world: ConsoleWorld,
    station: IdentityWorld,
    browser: Browser,
    screenshots: Path,
    look: str,
) -> None:
    await station.onboarding().publish(POINT)
    options = {"role": "administrator", "bypass_csp": True, **LOOKS[look]}
    page = await world.page(browser, path="/identity", **options)
    await expect(page.locator("tbody tr")).to_have_count(1)
    await check_look(page, screenshots / f"console-identities-{look}.png")
    await page.goto(world.url + ONE)
    await expect(page.get_by_text(station.server.peer_id).first).to_be_visible()
    await expect(page.locator(HISTORY)).to_have_count(1)
    await check_look(page, screenshots / f"console-identity-{look}.png")
