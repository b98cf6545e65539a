"""One session in a real Chromium: what is known of it, and how a receipt leads to it."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import ended_sessions
import pytest
from console_look import LOOKS, check_look
from console_sessions import ROWS, charge, end, figure, sessions_world, stop
from console_world import ConsoleWorld
from ended_sessions import CP, STARTED, store
from playwright.async_api import Browser, expect

from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus
from sdk.chain.accounts import new_key

STRANGER = new_key()
ENDED = STARTED + timedelta(hours=1, seconds=12)


@pytest.fixture
async def world(redis_bus: RedisBus, redis_url: str) -> AsyncIterator[ConsoleWorld]:
    del redis_bus  # it has emptied the server
    async with sessions_world(redis_url) as world:
        yield world


async def test_one_session_tells_all_that_is_known_of_it(
    world: ConsoleWorld, browser: Browser
) -> None:
    kept = await end(world, ENDED, curve=100, tariff=ended_sessions.TIMED)
    await stop(world, kept.session_id)
    page = await world.page(browser, path=f"/sessions/{CP}/{kept.session_id}")
    await expect(page.locator("[data-figure=energy]")).to_have_text("3.000 kWh")
    assert await figure(page, "deposit") == "20 ETH"
    who = page.get_by_role("region", name="Who did something")
    await expect(who).to_contain_text("Erika stopped this session")
    await expect(who).to_contain_text("night shift gave the command Reset")
    await expect(page.locator("[data-reason=consumer]")).to_contain_text("The driver ended it")
    curve = page.get_by_role("region", name="Power and energy")
    await expect(curve.locator("canvas")).to_be_visible()
    await expect(curve).to_contain_text("100 readings")
    steps = page.get_by_role("region", name="Timeline").locator("li")
    assert await steps.evaluate_all("all => all.map(e => e.dataset.phase)") == [
        *("verifying", "charging", "settling", "executing", "settled")
    ]
    price = page.get_by_role("region", name="Price")
    await expect(price.locator("[data-item=energy]").first).to_contain_text("per kWh")
    await expect(price.locator("[data-item=tax]")).to_contain_text("19%")
    total = await price.locator("[data-figure=price]").inner_text()
    assert total == await figure(page, "spent")


async def test_a_receipt_is_checked_and_not_for_viewers(
    world: ConsoleWorld, browser: Browser
) -> None:
    kept = await end(world, ENDED)
    assert kept.receipt is not None
    page = await world.page(browser, path=f"/sessions/{CP}/{kept.session_id}")
    receipt = page.get_by_role("region", name="Receipt")
    await expect(receipt).to_contain_text("Signature, sums and price are right")
    payout = json.loads(kept.receipt.payload)["transaction_hash"]
    shown = page.get_by_role("region", name="Transactions").locator("code")
    await expect(shown).to_have_attribute("title", payout)
    async with page.expect_download() as told:
        await receipt.get_by_role("button", name="Save the receipt").click()
    saved = json.loads((await (await told.value).path()).read_text())
    assert saved == kept.receipt.model_dump(mode="json")

    viewed = await world.page(browser, path=f"/sessions/{CP}/{kept.session_id}", role="viewer")
    await expect(viewed.locator("[data-figure=spent]")).to_have_text("1.2 ETH")
    await expect(viewed.get_by_text("shown to operators only")).to_be_visible()
    assert payout not in await viewed.content()


async def test_why_a_session_failed_is_one_click_away(
    world: ConsoleWorld, browser: Browser
) -> None:
    flags = ("meter_regress",)
    await end(world, ENDED, outcome="refunded", failure="start_refused", flags=flags)
    page = await world.page(browser, path="/sessions")
    await expect(page.locator(ROWS)).to_contain_text("the charge point refused to start")
    await page.locator(ROWS).get_by_role("link").first.click()
    why = page.get_by_role("region", name="How it ended")
    await expect(why.locator("[data-reason=start_refused]")).to_contain_text("Look at its messages")
    await expect(why).to_contain_text("Have the meter checked")
    await page.get_by_role("link", name="Messages of the charge point").click()
    await expect(page).to_have_url(f"{world.url}/charge-points/{CP}/messages")


async def test_a_drivers_receipt_leads_to_the_session(
    world: ConsoleWorld, browser: Browser
) -> None:
    kept = await end(world, ENDED)
    assert kept.receipt is not None
    page = await world.page(browser, path="/sessions")
    await page.get_by_role("button", name="Find by receipt").click()
    field, found = page.get_by_label("Receipt or hash"), page.get_by_role("region", name="Found")
    await field.fill("nothing of the kind")
    await page.get_by_role("button", name="Find", exact=True).click()
    await expect(page.get_by_role("alert")).to_contain_text("no receipt in JSON")
    await field.fill(kept.receipt.model_dump_json())
    await page.get_by_role("button", name="Find", exact=True).click()
    await expect(found).to_contain_text("exactly the receipt that was given here")
    await field.fill(json.loads(kept.receipt.payload)["transaction_hash"])
    await page.get_by_role("button", name="Find", exact=True).click()
    await expect(found.locator("li")).to_have_attribute("data-session", kept.session_id)
    await field.fill("0x" + "9" * 64)
    await page.get_by_role("button", name="Find", exact=True).click()
    await expect(page.get_by_text("Nothing was found")).to_be_visible()
    other = ended_sessions.signed(ended_sessions.receipt(session_id=kept.session_id), STRANGER)
    await field.fill(json.dumps({"receipt": other.model_dump(mode="json")}))
    await page.get_by_role("button", name="Find", exact=True).click()
    await expect(found).to_contain_text("it is another one")
    await expect(found).to_contain_text("not by the provider")
    await found.get_by_role("link", name="Open the session").click()
    await expect(page).to_have_url(f"{world.url}/sessions/{CP}/{kept.session_id}")


async def test_what_runs_is_shown_and_has_no_record_yet(
    world: ConsoleWorld, browser: Browser
) -> None:
    session_id = ended_sessions.random_hex()
    await charge(world, session_id)
    page = await world.page(browser, path="/sessions")
    running = page.get_by_role("region", name="Running now")
    await expect(running).to_contain_text("11.0 kW")
    await expect(page.get_by_text("No session has ended yet")).to_be_visible()
    await page.goto(f"{world.url}/sessions/{CP}/{session_id}")
    await expect(page.get_by_text("This session still runs")).to_be_visible()
    kept = ended_sessions.record(ended_sessions.receipt(session_id=session_id))
    await store(world.bus, kept, ended_sessions.row(kept))
    await world.bus.write(keys.session(CP, 1), {"phase": "idle", "status": ""})
    await expect(page.get_by_role("region", name="Timeline")).to_be_visible()
    await page.goto(f"{world.url}/sessions/{CP}/{ended_sessions.random_hex()}")
    await expect(page.get_by_text("No such session")).to_be_visible()


@pytest.mark.parametrize("name", LOOKS)
async def test_it_is_fit_for_everybody(
    world: ConsoleWorld, browser: Browser, screenshots: Path, name: str
) -> None:
    kept = await end(world, ENDED, 300, ended_sessions.TIMED, flags=("clock_drift",))
    await stop(world, kept.session_id)
    page = await world.page(browser, bypass_csp=True, **LOOKS[name])
    for shown, path, ready in (
        ("session", f"/sessions/{CP}/{kept.session_id}", "[data-figure=price]"),
        ("find-receipt", "/sessions/find", "textarea"),
    ):
        await page.goto(world.url + path)
        await expect(page.locator(ready).first).to_be_visible()
        await expect(page.locator(".pf-v6-c-spinner")).to_have_count(0)
        await check_look(page, screenshots / f"console-{shown}-{name}.png")
