"""Disputes in a real Chromium: what can be done about each, done by the station's driver."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import ended_sessions
import pytest
from console_look import LOOKS, check_look
from console_world import ConsoleWorld, console_world
from playwright.async_api import Browser, Page, expect

from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus
from sdk.events.settlement import SettlementFailed
from sdk.records.reading import find
from tests.session_kit import CP, LIMITS, stopped
from tests.station_kit import House, Ride, open_house, ride

SPENT = 3_000
PANEL = "Waiting for their payout"


@pytest.fixture
async def world(redis_bus: RedisBus, redis_url: str) -> AsyncIterator[ConsoleWorld]:
    del redis_bus  # it has emptied the server
    async with console_world(redis_url) as world:
        yield world


async def disputed(house: House) -> Ride:
    """Take a session to where its payout is not confirmed in time: the gas account is too low."""
    trip = await ride(house)
    await trip.start()
    await trip.charge(SPENT)
    await trip.pay(SPENT)
    await house.send(stopped(SPENT))
    await house.ask(trip.app.approval(trip.quote, SPENT), trip.app)
    await house.send(SettlementFailed(session_id=trip.quote.session_id, reason="gas_account_low"))
    await house.advance(LIMITS.execution)
    return trip


async def kept(world: ConsoleWorld, since: str, **stored: Any) -> str:
    """Write a dispute as a Session Manager of another process keeps it; give its session."""
    record = ended_sessions.record()
    assert record.quote is not None
    flags = stored.pop("flags", ("settlement_gas_account_low",))
    phase = "executing" if stored.get("released") else "disputed"
    changes = {"phase": phase, "flags": flags}
    vouchers = {
        name: {"spent": str(spent), "signature": ended_sessions.random_hex(65)}
        for name, spent in (("payout", record.status.cost), ("zero", 0))
    }
    state = {"quote": json.loads(record.quote.payload), **vouchers, **stored}
    fields = {
        "status": record.status.model_copy(update=changes).model_dump_json(),
        "state": json.dumps(state),
    }
    await world.bus.add_member(keys.STATIONS, record.charge_point_id)
    await world.bus.write(keys.config(record.charge_point_id), {"connectors": "1"})
    await world.bus.write(keys.disputes(record.charge_point_id), {record.session_id: since})
    await world.bus.write(keys.disputed(record.charge_point_id, record.session_id), fields)
    return record.session_id


async def confirm(page: Page, label: str) -> None:
    await page.get_by_role("button", name=label).click()
    await page.get_by_role("dialog").get_by_role("button", name=label).click()


async def test_without_disputes_it_says_so(world: ConsoleWorld, browser: Browser) -> None:
    page = await world.page(browser, path="/disputes")
    await expect(page.get_by_text("No disputes")).to_be_visible()
    await expect(page.get_by_text("Nothing was decided by a person yet.")).to_be_visible()
    session_id = await kept(world, "2026-11-20T12:00:00+00:00")
    await expect(page.locator(f"[data-session='{session_id}']")).to_be_visible()


async def test_a_dispute_is_refunded(world: ConsoleWorld, browser: Browser) -> None:
    async with open_house(world.bus) as house:
        await house.drive()
        trip = await disputed(house)
        session_id = trip.quote.session_id
        page = await world.page(browser, path="/disputes")
        item = page.get_by_role("region", name=PANEL).locator("li").first
        await expect(item).to_contain_text("the gas account is too low")
        await expect(item).to_contain_text("send it funds")
        await item.get_by_role("button", name="Refund everything").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("The driver gets all of the")
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
        await expect(item.get_by_role("button", name="Refund everything")).to_be_focused()
        await confirm(page, "Refund everything")
        await expect(page.locator(f"[data-decided='{session_id}']")).to_contain_text("given back")
        history = page.get_by_role("region", name="Decided before")
        await expect(history.locator("tbody tr")).to_contain_text("carried out")
        await expect(history.locator("tbody tr")).to_contain_text("Refund everything")
        await house.send(trip.paid_out(0))
        assert (await find(world.bus, CP, session_id)).outcome == "refunded"
        await expect(page.get_by_text("No disputes")).to_be_visible()
        await page.get_by_role("link", name="Look at the session").click()
        who = page.get_by_role("region", name="Who did something")
        await expect(who).to_contain_text("decided: Refund everything")


async def test_a_refusal_says_why_and_viewers_can_only_look(
    world: ConsoleWorld, browser: Browser
) -> None:
    session_id = await kept(world, "2026-11-20T12:00:00+00:00")
    page = await world.page(browser, path="/disputes")
    await confirm(page, "Write off")
    answer = page.locator(f"[data-decided='{session_id}']")
    await expect(answer).to_contain_text("no Session Manager drives this charge point")
    await page.goto(f"{world.url}/sessions/CP-1/{session_id}")
    await expect(page.get_by_text("This session waits for its payout")).to_be_visible()
    viewed = await world.page(browser, path="/disputes", role="viewer")
    await expect(viewed.get_by_role("button", name="Write off")).to_be_disabled()
    await expect(viewed.get_by_text("Only operators may decide.")).to_be_visible()


@pytest.mark.parametrize("name", LOOKS)
async def test_it_is_fit_for_everybody(
    world: ConsoleWorld, browser: Browser, screenshots: Path, name: str
) -> None:
    await kept(world, "2026-11-20T12:00:00+00:00")
    await kept(world, "2026-11-21T12:00:00+00:00", flags=("settlement_reverted",))
    await kept(world, "2026-11-22T12:00:00+00:00", released=True)
    http = await world.client("operator")
    path = f"{world.url}/api/v1/disputes/CP-1/{ended_sessions.random_hex()}/decision"
    assert (await http.post(path, json={"decision": "retry"})).status == 200
    page = await world.page(browser, bypass_csp=True, path="/disputes", **LOOKS[name])
    await expect(page.locator("li[data-session]")).to_have_count(3)
    await expect(page.locator("tbody tr")).to_have_count(1)
    await check_look(page, screenshots / f"console-disputes-{name}.png")
